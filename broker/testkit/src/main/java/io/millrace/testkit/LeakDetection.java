package io.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what Netty says in the output of a process about buffers that nobody has released. */
final class LeakDetection {
    /**
     * One buffer in 128 is watched, and told of once it was collected unreleased and another one is watched. To watch
     * all of them slows tests with several brokers too much.
     */
    static final List<String> JVM_OPTIONS = List.of("-Dio.netty.leakDetection.level=advanced");

    private static final String MARK = "LEAK:";

    /** The first line and where the buffer was touched: the rest is in the output. */
    private static final int LINES_MAX = 60;

    private LeakDetection() {}

    /** @throws AssertionError with the first leak that the process has told of */
    static void check(JavaProcess process) {
        try (Stream<String> lines = Files.lines(process.output())) {
            String leak = lines.dropWhile(line -> !line.contains(MARK))
                    .limit(LINES_MAX)
                    .collect(Collectors.joining("\n"));
            if (!leak.isEmpty()) {
                throw new AssertionError(
                        "buffers were not released; the first of them in " + process.output() + ":\n" + leak);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + process.output(), e);
        }
    }
}
