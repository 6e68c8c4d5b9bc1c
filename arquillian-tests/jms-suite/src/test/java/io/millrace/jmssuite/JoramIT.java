package io.millrace.jmssuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.millrace.testkit.ProcessCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import junit.framework.TestCase;
import junit.framework.TestFailure;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every case of the suite, on one broker process. A case passes, or fails as {@code expected-failures.properties} says; the last test counts them.
 */
class JoramIT {
    private static final int CASES = 196;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private final Properties expectedFailures = expectedFailures();
    private final Set<String> passed = new TreeSet<>();
    private final Set<String> failed = new TreeSet<>();

    @BeforeAll
    static void startBroker() {
        cluster = ProcessCluster.aCluster(directory).brokers(1).detectingLeaks().start();
        System.setProperty(SuiteAdmin.BOOTSTRAP_SERVERS, cluster.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        cluster.close();
    }

    @TestFactory
    Stream<DynamicTest> everyCasePasses() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestCase each : cases()) {
            tests.add(dynamicTest(nameOf(each), () -> run(each)));
        }
        tests.add(dynamicTest("all " + CASES + " cases have run", this::count));
        return tests.stream();
    }

    private void run(TestCase each) {
        String name = nameOf(each);
        String missing = expectedFailures.getProperty(name);
        Throwable failure = failureOf(each);
        if (failure == null) {
            passed.add(name);
            assertThat(missing)
                    .as("%s passes; take it from expected-failures.properties", name)
                    .isNull();
            return;
        }
        failed.add(name);
        if (missing == null) {
            throw new AssertionError(name + " failed", failure);
        }
        System.out.println(name + " fails as expected, without " + missing + ": " + failure);
    }

    private static @Nullable Throwable failureOf(TestCase each) {
        var result = new TestResult();
        each.run(result);
        assertThat(result.runCount()).as("runs of %s", nameOf(each)).isEqualTo(1);
        return Stream.concat(Collections.list(result.errors()).stream(), Collections.list(result.failures()).stream())
                .map(TestFailure::thrownException)
                .findFirst()
                .orElse(null);
    }

    private void count() {
        System.out.println(passed.size() + " of " + CASES + " cases passed; these failed: " + failed);
        assertThat(passed.size() + failed.size()).as("cases that have run").isEqualTo(CASES);
        assertThat(failed).as("cases that failed").isEqualTo(expectedFailures.stringPropertyNames());
    }

    /** In the order of the names of their classes. */
    private static List<TestCase> cases() throws IOException, ClassNotFoundException {
        List<TestCase> cases = new ArrayList<>();
        for (String className : testClasses()) {
            Class<?> type = Class.forName(className);
            if (TestCase.class.isAssignableFrom(type)) {
                Collections.list(new TestSuite(type.asSubclass(TestCase.class)).tests())
                        .forEach(test -> cases.add((TestCase) test));
            }
        }
        return cases;
    }

    private static Set<String> testClasses() throws IOException {
        try (var jar = new JarFile(System.getProperty("jms.suite.jar"))) {
            Set<String> names = new TreeSet<>();
            jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith("org/objectweb/jtests/jms/conform/"))
                    .filter(name -> name.endsWith("Test.class"))
                    .forEach(name -> names.add(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.')));
            return names;
        }
    }

    private static String nameOf(TestCase each) {
        return each.getClass().getSimpleName() + "." + each.getName();
    }

    private static Properties expectedFailures() {
        try (InputStream in = JoramIT.class.getResourceAsStream("/expected-failures.properties")) {
            var properties = new Properties();
            properties.load(in);
            return properties;
        } catch (IOException e) {
            throw new AssertionError("cannot read expected-failures.properties", e);
        }
    }
}
