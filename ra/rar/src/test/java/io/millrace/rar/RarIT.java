package io.millrace.rar;

import static org.assertj.core.api.Assertions.assertThat;

import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class RarIT {
    private static final Path RAR = Path.of(System.getProperty("rar.file"));

    /** Most of it is the native libraries of zstd and snappy for every platform. */
    private static final long BYTES_MAX = 16L * 1024 * 1024;

    @Test
    void itHoldsWhatServersDoNotHaveAndNothingElse() throws IOException {
        try (JarFile rar = new JarFile(RAR.toFile())) {
            List<String> libraries = rar.stream()
                    .map(entry -> entry.getName().replaceAll("-\\d.*", ""))
                    .filter(name -> !name.startsWith("META-INF"))
                    .toList();

            assertThat(libraries)
                    .contains("millrace-ra", "millrace-jms", "millrace-client", "netty-transport")
                    .noneMatch(name -> name.contains("slf4j") || name.contains("api") || name.contains("jspecify"));
            assertThat(rar.getEntry("META-INF/ra.xml")).isNotNull();
            assertThat(rar.getEntry("META-INF/ironjacamar.xml")).isNotNull();
            assertThat(rar.getManifest().getMainAttributes().getValue("Dependencies"))
                    .isEqualTo("jdk.unsupported");
        }
        assertThat(Files.size(RAR)).isLessThan(BYTES_MAX);
    }

    @TestFactory
    Stream<DynamicTest> everyPropertyInTheDescriptorIsOneOfItsBean() throws Exception {
        NodeList properties = descriptor().getElementsByTagName("config-property");
        return Stream.iterate(0, i -> i < properties.getLength(), i -> i + 1)
                .map(i -> (Element) properties.item(i))
                .map(property -> DynamicTest.dynamicTest(
                        beanClass(property) + "." + text(property, "config-property-name"), () -> check(property)));
    }

    private static Document descriptor() throws Exception {
        try (JarFile rar = new JarFile(RAR.toFile());
                InputStream in = rar.getInputStream(rar.getEntry("META-INF/ra.xml"))) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
        }
    }

    private static String beanClass(Element property) {
        Element owner = (Element) property.getParentNode();
        return Stream.of(
                        "resourceadapter-class",
                        "managedconnectionfactory-class",
                        "activationspec-class",
                        "adminobject-class")
                .filter(tag -> owner.getElementsByTagName(tag).getLength() > 0)
                .map(tag -> text(owner, tag))
                .findFirst()
                .orElseThrow();
    }

    private static String text(Element parent, String tag) {
        NodeList found = parent.getElementsByTagName(tag);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().trim();
    }

    private static void check(Element property) throws Exception {
        Object bean = Class.forName(beanClass(property)).getConstructor().newInstance();
        String name = text(property, "config-property-name");
        String value = text(property, "config-property-value");
        PropertyDescriptor descriptor = Stream.of(
                        Introspector.getBeanInfo(bean.getClass()).getPropertyDescriptors())
                .filter(candidate -> capitalized(candidate.getName()).equals(capitalized(name)))
                .findFirst()
                .orElseThrow();

        assertThat(descriptor.getPropertyType().getName()).isEqualTo(text(property, "config-property-type"));
        assertThat(descriptor.getWriteMethod()).isNotNull();
        Object byDefault = descriptor.getReadMethod().invoke(bean);
        if (!value.isEmpty() && byDefault != null) {
            assertThat(byDefault).hasToString(value);
        }
        new ObjectOutputStream(OutputStream.nullOutputStream()).writeObject(bean);
    }

    private static String capitalized(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
