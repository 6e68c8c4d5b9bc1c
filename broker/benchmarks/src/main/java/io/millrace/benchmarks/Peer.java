package io.millrace.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A broker to measure, run as processes on loopback. */
public interface Peer {
    String name();

    /** Starts a ZooKeeper and brokers whose files live in the folder, and waits until they serve. */
    Running start(Path directory, int brokers);

    /** A cluster that runs. */
    interface Running extends AutoCloseable {
        String bootstrapServers();

        /** The brokers' processes, without ZooKeeper. */
        List<ProcessHandle> brokers();

        /** What all brokers have used of the processors so far. */
        default Duration cpu() {
            return brokers().stream()
                    .map(broker -> broker.info().totalCpuDuration().orElse(Duration.ZERO))
                    .reduce(Duration.ZERO, Duration::plus);
        }

        @Override
        void close();
    }
}
