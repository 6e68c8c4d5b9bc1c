package io.millrace.kafkasuite;

import io.millrace.server.Broker;
import io.millrace.server.BrokerConfiguration;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.jspecify.annotations.Nullable;

/**
 * Brokers of Millrace in this process, with the face of a cluster of Kafka's tests.
 *
 * <p>Brokers keep their ports and folders over restarts. All clusters of this process share one ZooKeeper, each below a
 * path of its own. Thread-safe, as tests stop and start brokers from threads of their own.
 */
final class MillraceCluster implements ClusterInstance {
    private static final Duration WAIT_MAX = Duration.ofSeconds(60);

    /** Producers that are silent for too long are forgotten when the age of records is looked at. */
    private static final Map<String, String> RENAMED =
            Map.of("producer.id.expiration.check.interval.ms", "log.retention.check.interval.ms");

    private final ClusterConfig configuration;
    private final Map<Integer, Integer> ports = new ConcurrentSkipListMap<>();
    private final Map<Integer, Broker> running = new ConcurrentSkipListMap<>();
    private @Nullable Path directory;
    private boolean isStarted;
    private boolean isStopped;
    private volatile @Nullable String touched;

    MillraceCluster(ClusterConfig configuration) {
        this.configuration = configuration;
    }

    @Override
    public synchronized void start() {
        if (isStarted) {
            return;
        }
        isStarted = true;
        directory = Folders.create("kafka-suite-");
        for (int id = 0; id < configuration.numBrokers(); id++) {
            startBroker(id);
        }
        waitForReadyBrokers();
    }

    @Override
    public synchronized void startBroker(int brokerId) {
        if (running.containsKey(brokerId)) {
            return;
        }
        Broker broker = Broker.start(BrokerConfiguration.of(settings(brokerId)));
        ports.put(brokerId, broker.port());
        running.put(brokerId, broker);
    }

    @Override
    public synchronized void shutdownBroker(int brokerId) {
        if (brokerId < 0 || brokerId >= configuration.numBrokers()) {
            throw new IllegalArgumentException("Unknown brokerId " + brokerId);
        }
        Broker broker = running.get(brokerId);
        if (broker != null) {
            broker.close();
            running.remove(brokerId);
        }
    }

    @Override
    public synchronized void stop() {
        if (isStopped) {
            return;
        }
        isStopped = true;
        running.values().forEach(Broker::abort); // nobody needs its leaderships any more
        running.clear();
        if (directory != null) {
            Folders.deleteRecursively(directory);
        }
    }

    private Map<String, String> settings(int brokerId) {
        var settings = new HashMap<String, String>();
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("min.insync.replicas", "1");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152"); // as Kafka's own clusters have it
        settings.putAll(configuration.serverProperties());
        settings.putAll(configuration.perServerOverrideProperties().getOrDefault(brokerId, Map.of()));
        Short transactions = configuration.features().get(Feature.TRANSACTION_VERSION);
        if (transactions != null) {
            settings.put("transaction.version", transactions >= 2 ? "2" : "0"); // 1 is how Kafka's broker keeps them
        }
        settings.put("broker.id", Integer.toString(brokerId));
        settings.put("listeners", "localhost:" + ports.getOrDefault(brokerId, 0));
        settings.put(
                "zookeeper.connect",
                SharedZooKeeper.connectString(
                        directoryOf(brokerId).getParent().getFileName().toString()));
        settings.put("log.dirs", logDirectories(brokerId));
        RENAMED.forEach((theirs, ours) -> {
            String value = settings.remove(theirs);
            if (value != null) {
                settings.put(ours, value);
            }
        });
        return settings;
    }

    /** Separated by commas. */
    String logDirectories(int brokerId) {
        Path home = directoryOf(brokerId);
        return IntStream.range(0, configuration.numDisksPerBroker())
                .mapToObj(disk -> home.resolve("disk-" + disk).toString())
                .collect(Collectors.joining(","));
    }

    private Path directoryOf(int brokerId) {
        if (directory == null) {
            throw new IllegalStateException("the cluster is not started");
        }
        return directory.resolve("broker-" + brokerId);
    }

    boolean isRunning(int brokerId) {
        return running.containsKey(brokerId);
    }

    int port(int brokerId) {
        Integer port = ports.get(brokerId);
        if (port == null) {
            throw new IllegalArgumentException("there is no broker " + brokerId + "; there are " + ports.keySet());
        }
        return port;
    }

    /** What of Kafka's broker the test has asked for. */
    Optional<String> touchedInternals() {
        return Optional.ofNullable(touched);
    }

    /** Notes that a test reached for what only Kafka's broker has. */
    UnsupportedOperationException internalsOf(String what) {
        touched = what;
        return new UnsupportedOperationException("Millrace has no " + what);
    }

    @Override
    public void waitForReadyBrokers() {
        try (Admin admin = admin()) {
            Wait.until(running.keySet() + " are the brokers that clients are told of", WAIT_MAX, () -> idsOf(admin)
                    .equals(running.keySet()));
        }
    }

    private static Set<Integer> idsOf(Admin admin) {
        return Futures.get(admin.describeCluster().nodes()).stream()
                .map(Node::id)
                .collect(Collectors.toSet());
    }

    @Override
    public void waitTopicCreation(String topic, int partitions) {
        if (partitions <= 0) {
            throw new IllegalArgumentException("Partition count must be > 0, but was " + partitions);
        }
        TopicKnowledge.awaitCreated(topic, partitions, runningPorts());
    }

    @Override
    public void waitTopicDeletion(String topic) {
        TopicKnowledge.awaitDeleted(topic, runningPorts());
    }

    /** There is one source of metadata, and what was waited for with a topic's name is what tests look at next. */
    @Override
    public void ensureConsistentMetadata() {
        waitForReadyBrokers();
    }

    @Override
    public void ensureConsistentMetadata(Collection<KafkaBroker> brokers, Collection<ControllerServer> controllers) {
        waitForReadyBrokers();
    }

    private List<Integer> runningPorts() {
        return running.keySet().stream().map(ports::get).toList();
    }

    @Override
    public Type type() {
        return Type.KRAFT;
    }

    @Override
    public Map<Integer, KafkaBroker> brokers() {
        return IntStream.range(0, configuration.numBrokers())
                .boxed()
                .collect(Collectors.toMap(id -> id, id -> new BrokerStandIn(id, this).asBroker()));
    }

    @Override
    public Set<Integer> brokerIds() {
        return brokers().keySet();
    }

    @Override
    public Map<Integer, ControllerServer> controllers() {
        throw internalsOf("KRaft controllers");
    }

    @Override
    public Set<Integer> controllerIds() {
        throw internalsOf("KRaft controllers");
    }

    @Override
    public ListenerName controllerListenerName() {
        throw internalsOf("KRaft controllers");
    }

    @Override
    public String bootstrapControllers() {
        throw internalsOf("KRaft controllers");
    }

    @Override
    public List<Authorizer> authorizers() {
        throw internalsOf("authorizers");
    }

    @Override
    public ClusterConfig config() {
        return configuration;
    }

    @Override
    public ListenerName clientListener() {
        return configuration.brokerListenerName();
    }

    @Override
    public String bootstrapServers() {
        return ports.values().stream().map(port -> "localhost:" + port).collect(Collectors.joining(","));
    }

    @Override
    public List<Integer> brokerBoundPorts() {
        return List.copyOf(ports.values());
    }

    @Override
    public String clusterId() {
        try (Admin admin = admin()) {
            return Futures.get(admin.describeCluster().clusterId());
        }
    }

    @Override
    public Set<GroupProtocol> supportedGroupProtocols() {
        return Set.of(GroupProtocol.CLASSIC, GroupProtocol.CONSUMER);
    }

    @Override
    public Optional<FaultHandlerException> firstFatalException() {
        return Optional.empty();
    }

    @Override
    public Optional<FaultHandlerException> firstNonFatalException() {
        return Optional.empty();
    }

    @Override
    public synchronized boolean started() {
        return isStarted;
    }

    @Override
    public synchronized boolean stopped() {
        return isStopped;
    }
}
