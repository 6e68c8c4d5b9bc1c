package io.millrace.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The validator that WildFly runs at deployment, run by itself, so that a finding is shown in full. */
class IronJacamarIT {
    private static final List<String> MODULES = List.of(
            "org/jboss/ironjacamar",
            "io/smallrye/jandex",
            "org/hibernate/validator",
            "org/jboss/logging",
            "jakarta/resource",
            "jakarta/validation",
            "jakarta/transaction",
            "jakarta/messaging",
            "jakarta/jms",
            "jakarta/xml",
            "jakarta/el",
            "com/fasterxml/classmate");

    @Test
    void itFindsNothingToObjectTo(@TempDir Path reports) throws Exception {
        ClassLoader ofTheTest = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader validator = new URLClassLoader(jars(), ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(validator);
            Object result = validator
                    .loadClass("org.jboss.jca.validator.Validation")
                    .getMethod("validate", URL.class, String.class)
                    .invoke(
                            null,
                            WildFlyServer.deployment("millrace.rar").toURI().toURL(),
                            reports.toString());

            assertThat(contents(reports)).isEmpty();
            assertThat(result).isEqualTo(0);
        } finally {
            Thread.currentThread().setContextClassLoader(ofTheTest);
        }
    }

    private static URL[] jars() throws IOException {
        Path modules = WildFlyServer.home().resolve("modules/system/layers/base");
        List<URL> jars = new ArrayList<>();
        for (String module : MODULES) {
            if (Files.isDirectory(modules.resolve(module))) {
                try (Stream<Path> files = Files.walk(modules.resolve(module))) {
                    files.filter(file -> file.toString().endsWith(".jar"))
                            .map(IronJacamarIT::url)
                            .forEach(jars::add);
                }
            }
        }
        return jars.toArray(URL[]::new);
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> contents(Path folder) throws IOException {
        List<String> contents = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.add(Files.readString(file));
            }
        }
        return contents;
    }
}
