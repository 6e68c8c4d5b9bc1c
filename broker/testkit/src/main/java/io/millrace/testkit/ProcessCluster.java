package io.millrace.testkit;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.ClusterDescription;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A ZooKeeper and brokers, each a process of its own, on loopback, that a test may kill, pause and start again.
 *
 * <p>Owned by the test's thread. Every broker keeps its port and its folder over restarts.
 */
public final class ProcessCluster implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    private final Builder options;
    private final int zooKeeperPort;
    private final Map<Integer, Integer> ports = new LinkedHashMap<>();
    private final Map<Integer, JavaProcess> processes = new TreeMap<>();
    private final Map<Integer, Integer> lives = new HashMap<>();
    private @Nullable JavaProcess zooKeeper;

    private ProcessCluster(Builder options) {
        this.options = options;
        this.zooKeeperPort = Ports.preferably(options.zooKeeperPort);
        int preferred = options.firstPort;
        for (int id = 1; id <= options.brokers; id++) {
            ports.put(id, Ports.preferably(preferred));
            preferred = preferred == 0 ? 0 : preferred + 1;
        }
    }

    /** What to start. */
    public static Builder aCluster(Path directory) {
        return new Builder(directory);
    }

    public static final class Builder {
        private final Path directory;
        private final Map<String, String> settings = new HashMap<>();
        private List<String> jvmOptions = List.of("-Xmx384m", "-XX:MaxDirectMemorySize=512m");
        private boolean detectsLeaks;
        private int brokers = 3;
        private int firstPort;
        private int zooKeeperPort;

        private Builder(Path directory) {
            this.directory = directory;
        }

        public Builder brokers(int count) {
            brokers = count;
            return this;
        }

        /** The ports to take where they are free; without this call, any free ones. */
        public Builder preferringPorts(int firstBrokerPort, int zooKeeper) {
            firstPort = firstBrokerPort;
            zooKeeperPort = zooKeeper;
            return this;
        }

        /** Options of every broker's JVM, in place of the small heap that tests want. */
        public Builder jvmOptions(List<String> options) {
            jvmOptions = List.copyOf(options);
            return this;
        }

        /**
         * Brokers look, by samples, for buffers that nobody has released; {@link ProcessCluster#close} fails where they
         * found one.
         */
        public Builder detectingLeaks() {
            detectsLeaks = true;
            return this;
        }

        /** A setting of every broker. */
        public Builder with(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /** Starts the processes and waits until every broker is known to the cluster. */
        public ProcessCluster start() {
            var cluster = new ProcessCluster(this);
            boolean isStarted = false;
            try {
                cluster.startZooKeeper();
                cluster.ports.keySet().forEach(cluster::launch);
                cluster.processes.forEach((id, process) -> cluster.awaitServing(id));
                cluster.awaitBrokers(brokers);
                isStarted = true;
                return cluster;
            } finally {
                if (!isStarted) {
                    cluster.close();
                }
            }
        }
    }

    public String bootstrapServers() {
        return ports.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    public String zooKeeperConnect() {
        return "127.0.0.1:" + zooKeeperPort;
    }

    public List<Integer> brokerIds() {
        return List.copyOf(ports.keySet());
    }

    public int port(int brokerId) {
        Integer port = ports.get(brokerId);
        if (port == null) {
            throw new IllegalArgumentException("there is no broker " + brokerId + "; there are " + ports.keySet());
        }
        return port;
    }

    public Path dataDirectory(int brokerId) {
        return options.directory.resolve("broker-" + brokerId);
    }

    /** Everything the broker printed, over all its lives. */
    public Path output(int brokerId) {
        return options.directory.resolve("broker-" + brokerId + ".out");
    }

    public ClusterClient newClient() {
        return ClusterClient.open(ClientConfiguration.of(bootstrapServers()).withClientId("testkit"));
    }

    public void createTopic(String name, int partitions, int replicationFactor) {
        createTopic(name, partitions, replicationFactor, Map.of());
    }

    public void createTopic(String name, int partitions, int replicationFactor, Map<String, String> configuration) {
        create(name, DestinationKind.TOPIC, partitions, replicationFactor, configuration);
    }

    public void createQueue(String name, int partitions, int replicationFactor) {
        create(name, DestinationKind.QUEUE, partitions, replicationFactor, Map.of());
    }

    public DestinationDescription describe(String name) {
        try (ClusterClient client = newClient()) {
            DestinationDescription found = client.admin()
                    .describe(List.of(name))
                    .get(30, TimeUnit.SECONDS)
                    .get(name);
            if (found == null) {
                throw new IllegalStateException("there is no destination named " + name);
            }
            return found;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("describing " + name, e);
        }
    }

    public int leaderOf(String topic, int partition) {
        return describe(topic).partitions().get(partition).leaderId();
    }

    public int controllerId() {
        return cluster().controllerId();
    }

    /** kill -9. */
    public void kill(int brokerId) {
        process(brokerId).kill();
    }

    public void killZooKeeper() {
        if (zooKeeper != null) {
            zooKeeper.kill();
        }
    }

    /** SIGTERM, and waits for the end: a controlled shutdown. */
    public void stop(int brokerId) {
        process(brokerId).stop(STOP_MAX);
    }

    /** SIGSTOP. */
    public void pause(int brokerId) {
        process(brokerId).signal("STOP");
    }

    /** SIGCONT. */
    public void resume(int brokerId) {
        process(brokerId).signal("CONT");
    }

    /** Starts a broker that was killed or stopped, and waits until the cluster knows all that run. */
    public void start(int brokerId) {
        launch(brokerId);
        awaitServing(brokerId);
        awaitBrokers(
                (int) processes.values().stream().filter(JavaProcess::isAlive).count());
    }

    /** Starts a broker that the cluster has not had so far; answers its id. */
    public int add() {
        int brokerId = ports.size() + 1;
        ports.put(brokerId, Ports.preferably(0));
        start(brokerId);
        return brokerId;
    }

    /** Starts again whatever does not run, ZooKeeper first, and waits until every broker is known. */
    public void startAll() {
        if (zooKeeper == null || !zooKeeper.isAlive()) {
            startZooKeeper();
        }
        List<Integer> gone =
                ports.keySet().stream().filter(id -> !process(id).isAlive()).toList();
        gone.forEach(this::launch);
        gone.forEach(this::awaitServing);
        awaitBrokers(ports.size());
    }

    /** Waits until every replica of the destination is in sync. */
    public void awaitInSync(String name) {
        Wait.until("every replica of " + name + " is in sync", START_MAX, () -> describe(name).partitions().stream()
                .allMatch(partition -> partition.leaderId() >= 0
                        && partition.inSyncReplicas().size()
                                == partition.replicas().size()));
    }

    public void awaitBrokers(int count) {
        Wait.until(count + " brokers are registered and one of them is the controller", START_MAX, () -> {
            ClusterDescription cluster = cluster();
            return cluster.brokers().size() == count && cluster.controllerId() >= 0;
        });
    }

    public long pid(int brokerId) {
        return process(brokerId).pid();
    }

    public boolean isAlive(int brokerId) {
        return process(brokerId).isAlive();
    }

    /**
     * Kills what still runs.
     *
     * @throws AssertionError where leaks were looked for and found
     */
    @Override
    public void close() {
        processes.values().forEach(JavaProcess::kill);
        if (zooKeeper != null) {
            zooKeeper.kill();
        }
        if (options.detectsLeaks) {
            processes.values().forEach(LeakDetection::check);
        }
    }

    private void create(
            String name,
            DestinationKind kind,
            int partitions,
            int replicationFactor,
            Map<String, String> configuration) {
        try (ClusterClient client = newClient()) {
            client.admin()
                    .create(name, kind, partitions, replicationFactor, configuration)
                    .get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("creating " + name, e);
        }
        awaitInSync(name);
    }

    private ClusterDescription cluster() {
        try (ClusterClient client = newClient()) {
            return client.admin().cluster().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("describing the cluster", e);
        }
    }

    private void startZooKeeper() {
        zooKeeper = ZooKeeperProcess.start(options.directory, zooKeeperPort);
    }

    /** The broker prints this when the controller has let it serve, once in each of its lives. */
    private void awaitServing(int brokerId) {
        process(brokerId).awaitOutput("serves on port", lives.getOrDefault(brokerId, 0), START_MAX);
    }

    private void launch(int brokerId) {
        lives.merge(brokerId, 1, Integer::sum);
        var arguments = new ArrayList<String>(List.of("broker"));
        settings(brokerId).forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        JavaProcess process = JavaProcess.start(
                "broker " + brokerId, output(brokerId), jvmOptions(), "io.millrace.cli.MillraceCommand", arguments);
        processes.put(brokerId, process);
    }

    private List<String> jvmOptions() {
        if (!options.detectsLeaks) {
            return options.jvmOptions;
        }
        return Stream.concat(options.jvmOptions.stream(), LeakDetection.JVM_OPTIONS.stream())
                .toList();
    }

    private Map<String, String> settings(int brokerId) {
        var all = new TreeMap<String, String>();
        all.put("broker.id", Integer.toString(brokerId));
        all.put("listeners", "127.0.0.1:" + port(brokerId));
        all.put("zookeeper.connect", zooKeeperConnect());
        all.put("log.dirs", dataDirectory(brokerId).toString());
        all.put("default.replication.factor", Integer.toString(Math.min(3, ports.size())));
        all.put("min.insync.replicas", ports.size() >= 3 ? "2" : "1");
        all.putAll(options.settings);
        return all;
    }

    private JavaProcess process(int brokerId) {
        JavaProcess process = processes.get(brokerId);
        if (process == null) {
            throw new IllegalArgumentException("there is no broker " + brokerId + "; there are " + ports.keySet());
        }
        return process;
    }
}
