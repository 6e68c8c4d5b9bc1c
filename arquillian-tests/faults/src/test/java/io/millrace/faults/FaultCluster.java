package io.millrace.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.ClusterDescription;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Three brokers and three ZooKeeper servers whose network, disks, syncs and clocks can be made to fail.
 *
 * <p>Owned by the test's thread. Every broker keeps its address and its disk over restarts.
 */
final class FaultCluster implements AutoCloseable {
    static final int BROKERS = 3;
    static final Duration SESSION = Duration.ofSeconds(4);
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final Path directory;
    private final Cleanup cleanup = new Cleanup();
    private final Network network;
    private final ZooKeeperEnsemble zooKeeper;
    private final Map<Integer, Disk> disks = new TreeMap<>();
    private final Map<Integer, JavaProcess> brokers = new TreeMap<>();
    private final Map<Integer, Integer> lives = new HashMap<>();
    private final Optional<Path> machineFault;
    private final Optional<Path> powerLoss;

    private FaultCluster(String name) {
        this.directory = emptied(Path.of("target", "faults", name).toAbsolutePath());
        this.network = Network.open(
                Stream.concat(brokerIds().stream().map(FaultCluster::node), ZooKeeperEnsemble.nodes().stream())
                        .toList(),
                cleanup);
        this.zooKeeper = new ZooKeeperEnsemble(network, this.directory, cleanup);
        Path tools = this.directory.resolve("tools");
        boolean isCompiling = Tools.withoutCompiler().isEmpty();
        this.machineFault = isCompiling
                ? Optional.of(Tools.compile("machine_fault.c", tools, "-shared", "-fPIC", "-ldl"))
                : Optional.empty();
        this.powerLoss = isCompiling ? Optional.of(Tools.compile("power_loss.c", tools)) : Optional.empty();
    }

    /** A cluster whose outputs are kept in {@code target/faults/<name>}. */
    static FaultCluster start(String name) {
        var cluster = new FaultCluster(name);
        boolean isStarted = false;
        try {
            cluster.begin();
            isStarted = true;
            return cluster;
        } finally {
            if (!isStarted) {
                cluster.close();
            }
        }
    }

    private static Path emptied(Path directory) {
        try {
            if (Files.exists(directory)) {
                try (Stream<Path> old = Files.walk(directory)) {
                    for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot empty " + directory, e);
        }
    }

    private void begin() {
        brokerIds().forEach(id -> disks.put(id, Disk.make(directory, "disk-" + id, cleanup)));
        cleanup.add("brokers", () -> brokers.values().forEach(JavaProcess::kill));
        zooKeeper.startAll();
        brokerIds().forEach(id -> {
            sync(id, "");
            clock(id, Duration.ZERO);
            launch(id);
        });
        brokerIds().forEach(this::awaitServing);
        awaitBrokers();
    }

    static List<Integer> brokerIds() {
        return IntStream.rangeClosed(1, BROKERS).boxed().toList();
    }

    static String node(int broker) {
        return "b" + broker;
    }

    Network network() {
        return network;
    }

    ZooKeeperEnsemble zooKeeper() {
        return zooKeeper;
    }

    Disk disk(int broker) {
        return disks.get(broker);
    }

    String bootstrapServers() {
        return brokerIds().stream().map(id -> network.endpoint(node(id))).collect(Collectors.joining(","));
    }

    ClusterClient newClient(String name) {
        return ClusterClient.open(ClientConfiguration.of(bootstrapServers())
                .withClientId(name)
                .withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(60)));
    }

    void create(String name, DestinationKind kind, int partitions, Map<String, String> configuration) {
        try (ClusterClient client = newClient("creator")) {
            client.admin()
                    .create(name, kind, partitions, BROKERS, configuration)
                    .get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("creating " + name, e);
        }
        awaitInSync(List.of(name));
    }

    int leaderOf(String destination) {
        try (ClusterClient client = newClient("observer")) {
            return describe(client, List.of(destination))
                    .get(destination)
                    .partitions()
                    .get(0)
                    .leaderId();
        }
    }

    void awaitInSync(List<String> destinations) {
        try (ClusterClient client = newClient("observer")) {
            Wait.until(
                    "every replica of " + destinations + " is in sync",
                    Duration.ofSeconds(90),
                    () -> describe(client, destinations).values().stream()
                            .flatMap(destination -> destination.partitions().stream())
                            .allMatch(partition -> partition.leaderId() >= 0
                                    && partition.inSyncReplicas().size() == BROKERS));
        }
    }

    private static Map<String, DestinationDescription> describe(ClusterClient client, List<String> destinations) {
        try {
            return client.admin().describe(destinations).get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("describing " + destinations, e);
        }
    }

    private void awaitBrokers() {
        try (ClusterClient client = newClient("observer")) {
            Wait.until("all brokers are registered and one of them is the controller", START_MAX, () -> {
                try {
                    ClusterDescription cluster = client.admin().cluster().get(30, TimeUnit.SECONDS);
                    return cluster.brokers().size() == BROKERS && cluster.controllerId() >= 0;
                } catch (InterruptedException | ExecutionException | TimeoutException e) {
                    throw new IllegalStateException("describing the cluster", e);
                }
            });
        }
    }

    /** kill -9. */
    void kill(int broker) {
        brokers.get(broker).kill();
    }

    /** Starts a broker that was killed, and waits until it serves. */
    void restart(int broker) {
        launch(broker);
        awaitServing(broker);
    }

    /** Starts brokers at once that were killed, and waits until all of them serve. */
    void restartAll(List<Integer> ids) {
        ids.forEach(this::launch);
        ids.forEach(this::awaitServing);
    }

    void signal(int broker, String signal) {
        brokers.get(broker).signal(signal);
    }

    boolean isAlive(int broker) {
        return brokers.get(broker).isAlive();
    }

    Optional<Path> powerLoss() {
        return powerLoss;
    }

    /** What becomes of fsync from now on: "fail", milliseconds that it takes longer, or nothing. */
    void sync(int broker, String fault) {
        write(syncFile(broker), fault.getBytes(UTF_8));
    }

    /** How far the broker's wall clock is wrong from now on. */
    void clock(int broker, Duration wrong) {
        byte[] seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(wrong.toSeconds())
                .array();
        write(clockFile(broker), seconds);
    }

    /** In place, as the broker has mapped the clock's file. */
    private static void write(Path file, byte[] content) {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content), 0);
            channel.truncate(content.length);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private Path syncFile(int broker) {
        return directory.resolve("sync-" + broker);
    }

    private Path clockFile(int broker) {
        return directory.resolve("clock-" + broker);
    }

    private void launch(int broker) {
        lives.merge(broker, 1, Integer::sum);
        var arguments = new ArrayList<String>(List.of("broker"));
        settings(broker).forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        JavaProcess process = JavaProcess.startIn(
                new JavaProcess.Surroundings(network.prefix(node(broker)), environment(broker)),
                "broker " + broker,
                directory.resolve("broker-" + broker + ".out"),
                List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m", "-XX:TieredStopAtLevel=1"),
                "io.millrace.cli.MillraceCommand",
                arguments);
        brokers.put(broker, process);
    }

    private void awaitServing(int broker) {
        brokers.get(broker).awaitOutput("serves on port", lives.get(broker), START_MAX);
    }

    private Map<String, String> environment(int broker) {
        return machineFault
                .map(library -> Map.of(
                        "LD_PRELOAD", library.toString(),
                        "SYNC_FAULT", syncFile(broker).toString(),
                        "CLOCK_FAULT", clockFile(broker).toString()))
                .orElse(Map.of());
    }

    private Map<String, String> settings(int broker) {
        var all = new TreeMap<String, String>();
        all.put("broker.id", Integer.toString(broker));
        all.put("listeners", network.endpoint(node(broker)));
        all.put("zookeeper.connect", zooKeeper.connect());
        all.put("zookeeper.session.timeout.ms", Long.toString(SESSION.toMillis()));
        all.put("broker.session.timeout.ms", "3000");
        all.put("broker.heartbeat.interval.ms", "500");
        all.put("replica.lag.time.max.ms", "5000");
        all.put("log.dirs", disk(broker).data().toString());
        all.put("default.replication.factor", "3");
        all.put("min.insync.replicas", "2");
        return all;
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
