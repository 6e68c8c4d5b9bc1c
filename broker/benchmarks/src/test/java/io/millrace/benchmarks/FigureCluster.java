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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A ZooKeeper and brokers of one peer, on loopback, that may be killed, stopped and started again. Brokers have the ids 1, 2, 3 and keep their
 * ports and folders.
 *
 * <p>Owned by one thread.
 */
final class FigureCluster implements AutoCloseable {
    /** The heap is not given a least size, so that the memory shown is the memory needed. */
    static final List<String> JVM_OPTIONS = List.of("-Xmx1g", "-XX:+UseG1GC");

    private static final Duration STOP_MAX = Duration.ofSeconds(120);

    private final FigurePeer peer;
    private final Path directory;
    private final JavaProcess zooKeeper;
    private final Map<Integer, Path> properties = new TreeMap<>();
    private final Map<Integer, Integer> ports = new TreeMap<>();
    private final Map<Integer, JavaProcess> processes = new TreeMap<>();

    private FigureCluster(FigurePeer peer, Path directory, int brokers) {
        this.peer = peer;
        this.directory = directory;
        int zooKeeperPort = Ports.free();
        for (int id = 1; id <= brokers; id++) {
            ports.put(id, Ports.free());
            properties.put(id, write(id, zooKeeperPort, brokers));
        }
        zooKeeper = ZooKeeperProcess.start(directory, zooKeeperPort);
    }

    /** Starts ZooKeeper and all brokers, which may not serve yet. */
    static FigureCluster start(FigurePeer peer, Path directory, int brokers) {
        var cluster = new FigureCluster(peer, directory, brokers);
        cluster.ports.keySet().forEach(cluster::launch);
        return cluster;
    }

    private Path write(int id, int zooKeeperPort, int brokers) {
        Map<String, String> settings = new TreeMap<>(peer.settings());
        settings.put("broker.id", Integer.toString(id));
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + ports.get(id));
        settings.put("zookeeper.connect", "127.0.0.1:" + zooKeeperPort);
        settings.put("log.dirs", directory.resolve("broker-" + id).toString());
        settings.put("offsets.topic.replication.factor", Integer.toString(Math.min(3, brokers)));
        settings.put("min.insync.replicas", brokers >= 3 ? "2" : "1");
        Path file = directory.resolve("broker-" + id + ".properties");
        try {
            Files.createDirectories(directory);
            return Files.writeString(
                    file,
                    settings.entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue())
                            .collect(Collectors.joining("\n", "", "\n")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Starts the process and returns at once. */
    void launch(int id) {
        var command = new ArrayList<>(peer.command());
        command.add(String.valueOf(properties.get(id)));
        JavaProcess process = JavaProcess.startCommand(
                peer.title() + " " + id, directory.resolve("broker-" + id + ".out"), command, peer.environment());
        processes.put(id, process);
    }

    String bootstrapServers() {
        return ports.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    int size() {
        return ports.size();
    }

    long pid(int id) {
        return process(id).pid();
    }

    boolean isAlive(int id) {
        return process(id).isAlive();
    }

    /** kill -9. */
    void kill(int id) {
        process(id).kill();
    }

    /** SIGTERM, and waits for the end. */
    void stop(int id) {
        process(id).stop(STOP_MAX);
    }

    private JavaProcess process(int id) {
        JavaProcess process = processes.get(id);
        if (process == null) {
            throw new IllegalArgumentException("there is no broker " + id + "; there are " + processes.keySet());
        }
        return process;
    }

    @Override
    public void close() {
        processes.values().forEach(JavaProcess::kill);
        zooKeeper.kill();
    }
}
