package io.millrace.quickstart;

import io.millrace.testkit.JavaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The Kafka Streams program of the sample, in a process and on a class path of its own. */
final class StreamProcessor implements AutoCloseable {
    private static final Duration RUNNING_MAX = Duration.ofMinutes(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(15);

    private final JavaProcess process;

    private StreamProcessor(JavaProcess process) {
        this.process = process;
    }

    /**
     * @param program the folder of its jars
     * @param directory gets a file with what it prints
     */
    static StreamProcessor start(Path program, Path directory, String bootstrapServers) {
        return new StreamProcessor(JavaProcess.startWith(
                program.resolve("*").toString(),
                "stream-processor",
                directory.resolve("stream-processor.out"),
                List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
                "io.millrace.samples.streamprocessor.RevenueProcessor",
                List.of(bootstrapServers)));
    }

    /** Waits until it has been given partitions; fails at once where it has ended. */
    void awaitRunning() {
        process.awaitOutput("The processor is RUNNING", 1, RUNNING_MAX);
    }

    @Override
    public void close() {
        process.stop(STOP_MAX);
    }
}
