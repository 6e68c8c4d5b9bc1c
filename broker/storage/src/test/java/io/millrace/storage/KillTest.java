package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that appends and is killed without warning, again and again. */
class KillTest {

    private static final int KILLS = 3;
    private static final LogConfiguration CONFIGURATION =
            LogConfiguration.DEFAULT.withSegmentBytes(2_000_000).withIndex(4096, 1024 * 1024);

    @TempDir
    Path root;

    @Test
    @Timeout(60)
    void whatAKilledProcessAcknowledgedIsThere() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path directory = root.resolve("log");
        long acknowledged = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged = Math.max(acknowledged, appendUntilKilled(directory, 500 + random.nextInt(4_000)));

            try (PartitionLog log =
                    PartitionLog.open(new FileDisk(), directory, CONFIGURATION, InstantSource.system())) {
                assertThat(log.logEndOffset()).as("seed %d", seed).isGreaterThanOrEqualTo(acknowledged);
                List<String> values = LogSamples.values(log);
                assertThat(values).hasSize((int) log.logEndOffset());
                for (int i = 0; i < values.size(); i++) {
                    assertThat(values.get(i)).startsWith(i + ":value-" + i + "-");
                }
            }
        }
    }

    /** Starts the appender below, kills it after so many acknowledgements and returns the last one that was seen. */
    private long appendUntilKilled(Path directory, int acknowledgements) throws Exception {
        Path errors = root.resolve("errors");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillTest.class.getName(),
                        directory.toString())
                .redirectError(errors.toFile())
                .start();
        long last = 0;
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < acknowledgements; i++) {
                String line = output.readLine();
                assertThat(line).as(() -> read(errors)).isNotNull();
                last = Long.parseLong(line);
            }
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        return last;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    /** Appends for ever; prints the end of the log after each append. */
    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        PartitionLog log = PartitionLog.open(new FileDisk(), directory, CONFIGURATION, InstantSource.system());
        String padding = "x".repeat(500);
        java.io.PrintStream output = new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out));
        while (!output.checkError()) {
            long offset = log.logEndOffset();
            LogSamples.append(log, 0, "value-" + offset + "-" + padding);
            if (offset % 1000 == 999) {
                log.updateHighWatermark(offset);
                log.checkpoint();
            }
            output.println(log.logEndOffset());
        }
    }
}
