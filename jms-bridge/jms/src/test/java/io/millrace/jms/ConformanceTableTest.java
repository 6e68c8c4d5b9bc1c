package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of what the specification demands names tests that exist. */
class ConformanceTableTest {
    private static final Path TABLE = Path.of("CONFORMANCE.md");
    private static final Path PROJECT = Path.of("..", "..");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");

    @Test
    void everyTestThatItNamesIsThere() throws IOException {
        Map<String, List<Path>> sources = testSources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher test = TEST.matcher(Files.readString(TABLE));
        while (test.find()) {
            named++;
            boolean isThere = false;
            for (Path source : sources.getOrDefault(test.group(1) + ".java", List.of())) {
                isThere |= Files.readString(source).contains("    void " + test.group(2) + "(");
            }
            if (!isThere) {
                missing.add(test.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    private static Map<String, List<Path>> testSources() throws IOException {
        Map<String, List<Path>> byName = new HashMap<>();
        for (Path root : roots()) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> byName.computeIfAbsent(
                                file.getFileName().toString(), name -> new ArrayList<>())
                        .add(file));
            }
        }
        return byName;
    }

    /** The modules whose tests are named lie two levels deep. */
    private static List<Path> roots() throws IOException {
        List<Path> roots = new ArrayList<>();
        for (String group : List.of("broker", "jms-bridge", "ra", "arquillian-tests")) {
            try (Stream<Path> modules = Files.list(PROJECT.resolve(group))) {
                modules.map(module -> module.resolve(Path.of("src", "test", "java")))
                        .filter(Files::isDirectory)
                        .forEach(roots::add);
            }
        }
        return roots;
    }
}
