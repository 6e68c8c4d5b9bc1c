package io.millrace.benchmarks;

import io.millrace.testkit.ProcessCluster;
import java.nio.file.Path;
import java.util.List;

/** Our own brokers. */
final class MillracePeer implements Peer {
    private final List<String> jvmOptions;

    MillracePeer(List<String> jvmOptions) {
        this.jvmOptions = jvmOptions;
    }

    @Override
    public String name() {
        return "Millrace";
    }

    @Override
    public Running start(Path directory, int brokers) {
        ProcessCluster cluster = ProcessCluster.aCluster(directory)
                .brokers(brokers)
                .jvmOptions(jvmOptions)
                .with("min.insync.replicas", "1")
                // As Kafka does it.
                .with("flush.policy", "os")
                .start();
        return new Running() {
            @Override
            public String bootstrapServers() {
                return cluster.bootstrapServers();
            }

            @Override
            public List<ProcessHandle> brokers() {
                return cluster.brokerIds().stream()
                        .map(id -> ProcessHandle.of(cluster.pid(id)).orElseThrow())
                        .toList();
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }
}
