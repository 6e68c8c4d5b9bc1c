package io.millrace.benchmarks;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import io.millrace.testkit.ZooKeeperProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Apache Kafka in ZooKeeper mode, from its Maven artifacts. */
public final class KafkaPeer implements Peer {
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final String version;
    private final String classPath;
    private final List<String> jvmOptions;
    private final Map<String, String> settings;

    /** @param settings of every broker, beside those that a cluster of this size needs */
    public KafkaPeer(String version, String classPath, List<String> jvmOptions, Map<String, String> settings) {
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
        int zooKeeperPort = Ports.free();
        var processes = new ArrayList<JavaProcess>();
        JavaProcess zooKeeper = ZooKeeperProcess.start(directory, zooKeeperPort);
        var ports = new ArrayList<Integer>();
        for (int id = 1; id <= brokers; id++) {
            int port = Ports.free();
            ports.add(port);
            Path properties = write(directory, id, port, zooKeeperPort, brokers);
            processes.add(JavaProcess.startWith(
                    classPath,
                    "kafka " + id,
                    directory.resolve("broker-" + id + ".out"),
                    jvmOptions,
                    "kafka.Kafka",
                    List.of(properties.toString())));
        }
        for (int i = 0; i < brokers; i++) {
            processes.get(i).awaitListening(ports.get(i), START_MAX);
        }
        return new RunningKafka(ports, processes, zooKeeper);
    }

    private Path write(Path directory, int id, int port, int zooKeeperPort, int brokers) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("broker.id", Integer.toString(id));
        all.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
        all.put("zookeeper.connect", "127.0.0.1:" + zooKeeperPort);
        all.put("log.dirs", directory.resolve("broker-" + id).toString());
        all.put("offsets.topic.replication.factor", Integer.toString(Math.min(3, brokers)));
        all.put("offsets.topic.num.partitions", "8");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("min.insync.replicas", "1");
        all.putAll(settings);
        Path file = directory.resolve("broker-" + id + ".properties");
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

    private record RunningKafka(List<Integer> ports, List<JavaProcess> processes, JavaProcess zooKeeper)
            implements Running {
        @Override
        public String bootstrapServers() {
            return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        }

        @Override
        public List<ProcessHandle> brokers() {
            return processes.stream()
                    .map(process -> ProcessHandle.of(process.pid()).orElseThrow())
                    .toList();
        }

        @Override
        public void close() {
            processes.forEach(JavaProcess::kill);
            zooKeeper.kill();
        }
    }
}
