package io.millrace.benchmarks;

import io.millrace.testkit.ProcessCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Our own brokers. */
public final class MillracePeer implements Peer {
    private final List<String> jvmOptions;
    private final Map<String, String> settings;

    /** @param settings of every broker, beside those that make it do as Kafka does */
    public MillracePeer(List<String> jvmOptions, Map<String, String> settings) {
        this.jvmOptions = List.copyOf(jvmOptions);
        this.settings = Map.copyOf(settings);
    }

    @Override
    public String name() {
        return "Millrace";
    }

    @Override
    public Running start(Path directory, int brokers) {
        ProcessCluster.Builder builder = ProcessCluster.aCluster(directory)
                .brokers(brokers)
                .jvmOptions(jvmOptions)
                .with("min.insync.replicas", "1")
                // As Kafka does it.
                .with("flush.policy", "os");
        settings.forEach(builder::with);
        ProcessCluster cluster = builder.start();
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
