package io.millrace.benchmarks;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Apache Kafka without ZooKeeper, from its Maven artifacts: one process that is broker and controller. */
public final class KafkaRaftPeer implements Peer {
    private static final Duration FORMAT_MAX = Duration.ofSeconds(60);
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final String version;
    private final String classPath;
    private final List<String> jvmOptions;
    private final Map<String, String> settings;

    /** @param settings beside those that a cluster of one node needs */
    public KafkaRaftPeer(String version, String classPath, List<String> jvmOptions, Map<String, String> settings) {
        this.version = version;
        this.classPath = classPath;
        this.jvmOptions = List.copyOf(jvmOptions);
        this.settings = Map.copyOf(settings);
    }

    @Override
    public String name() {
        return "Apache Kafka " + version;
    }

    @Override
    public Running start(Path directory, int brokers) {
        if (brokers != 1) {
            throw new IllegalArgumentException(
                    "benchmark.brokers is " + brokers + "; " + name() + " runs here as one node only");
        }
        int port = Ports.free();
        Path properties = write(directory, port, Ports.free());
        format(directory, properties);
        JavaProcess node = JavaProcess.startWith(
                classPath,
                name(),
                directory.resolve("broker-1.out"),
                jvmOptions,
                "kafka.Kafka",
                List.of(properties.toString()));
        node.awaitListening(port, START_MAX);
        return new RunningNode(port, node);
    }

    /** Gives the node's folder an identity and the features of this version, which it will not start without. */
    private void format(Path directory, Path properties) {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(Long.BYTES * 2)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        // The letter in front: an id that began with a dash would be taken for an option.
        String clusterId = "M"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(1);
        JavaProcess formatting = JavaProcess.startWith(
                classPath,
                name() + "'s formatting",
                directory.resolve("format.out"),
                List.of(),
                "kafka.tools.StorageTool",
                List.of("format", "-t", clusterId, "-c", properties.toString()));
        int status = formatting.awaitExit(FORMAT_MAX);
        if (status != 0) {
            throw new IllegalStateException("kafka.tools.StorageTool format ended with " + status
                    + "; its output is in " + formatting.output());
        }
    }

    private Path write(Path directory, int port, int controllerPort) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", "1");
        all.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        all.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        all.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        all.put("controller.listener.names", "CONTROLLER");
        all.put("log.dirs", directory.resolve("broker-1").toString());
        all.put("offsets.topic.replication.factor", "1");
        all.put("offsets.topic.num.partitions", "8");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("min.insync.replicas", "1");
        all.putAll(settings);
        Path file = directory.resolve("broker-1.properties");
        try {
            Files.createDirectories(directory);
            return Files.writeString(
                    file,
                    all.entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue())
                            .collect(Collectors.joining("\n", "", "\n")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private record RunningNode(int port, JavaProcess node) implements Running {
        @Override
        public String bootstrapServers() {
            return "127.0.0.1:" + port;
        }

        @Override
        public List<ProcessHandle> brokers() {
            return List.of(ProcessHandle.of(node.pid()).orElseThrow());
        }

        @Override
        public void close() {
            node.kill();
        }
    }
}
