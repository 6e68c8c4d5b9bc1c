package io.millrace.server;

import io.millrace.coordinator.group.GroupConfiguration;
import io.millrace.coordinator.group.MigrationPolicy;
import io.millrace.coordinator.transaction.TransactionConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.replication.ReplicasConfiguration;
import io.millrace.replication.controller.ControllerConfiguration;
import io.millrace.replication.controller.LeaderBalance;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.Endpoint;
import io.millrace.server.network.NetworkLimits;
import io.millrace.server.network.SocketOptions;
import io.millrace.storage.CleanerConfiguration;
import io.millrace.storage.JournalConfiguration;
import io.millrace.storage.LogDirectoriesConfiguration;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the operator decided about one broker, checked as a whole when it is read. Immutable.
 *
 * <p>An unknown key is reported by {@link #unknownKeys()} and otherwise ignored, so that a file written for Kafka starts a
 * broker; a known key with a value that is not legal is refused.
 */
public final class BrokerConfiguration {
    private final Map<String, Object> values;
    private final Map<String, String> given;
    private final List<String> unknownKeys;
    private final ZooKeeperConfiguration zooKeeper;

    private BrokerConfiguration(Map<String, Object> values, Map<String, String> given, List<String> unknownKeys) {
        this.values = values;
        this.given = given;
        this.unknownKeys = unknownKeys;
        checkTogether();
        this.zooKeeper = new ZooKeeperSettings(this).read();
    }

    /**
     * Reads settings.
     *
     * @throws ConfigurationException if a value is missing or not legal
     */
    public static BrokerConfiguration of(Map<String, String> settings) {
        var values = new HashMap<String, Object>();
        var unknown = new TreeSet<>(settings.keySet());
        for (ConfigurationKey<?> key : BrokerKeys.all()) {
            values.put(key.name(), key.read(settings.get(key.name())));
            unknown.remove(key.name());
        }
        var known = new HashMap<>(settings);
        known.keySet().removeAll(unknown);
        return new BrokerConfiguration(Map.copyOf(values), Map.copyOf(known), List.copyOf(unknown));
    }

    /**
     * Reads a properties file.
     *
     * @throws ConfigurationException if the file cannot be read, or a value is missing or not legal
     */
    public static BrokerConfiguration read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigurationException("cannot read the configuration file " + file + ": " + e);
        }
        return of(properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty)));
    }

    /** Every setting with its default and purpose, as a Markdown table. */
    public static String documentation() {
        return BrokerKeys.all().stream()
                .map(key -> "| `" + key.name() + "` | "
                        + (key.defaultText() == null ? "*required*" : "`" + key.defaultText() + "`") + " | "
                        + key.type().legal() + " | " + key.purpose() + " |\n")
                .collect(Collectors.joining("", "| key | default | legal | purpose |\n|---|---|---|---|\n", ""));
    }

    /** Keys that were given and mean nothing here, sorted. */
    public List<String> unknownKeys() {
        return unknownKeys;
    }

    public int brokerId() {
        return value(BrokerKeys.BROKER_ID);
    }

    public String zooKeeperConnect() {
        return value(ZooKeeperKeys.CONNECT);
    }

    ZooKeeperConfiguration zooKeeper() {
        return zooKeeper;
    }

    LogDirectoriesConfiguration logDirectories() {
        return new LogDirectoriesConfiguration(
                logDirectoryPaths(), value(BrokerKeys.LOG_DIR_FREE_MIN), value(BrokerKeys.RECOVERY_THREADS));
    }

    /** Where the journal is. */
    Path journalDirectory() {
        String configured = value(BrokerKeys.JOURNAL_DIR);
        return configured.isEmpty() ? journalIn(logDirectoryPaths().get(0)) : Path.of(configured);
    }

    /** Where the journal is when it shares a disk with logs. */
    static Path journalIn(Path logDirectory) {
        return logDirectory.resolve("journal");
    }

    JournalConfiguration journal() {
        return new JournalConfiguration(
                value(BrokerKeys.JOURNAL_FILE_BYTES),
                value(BrokerKeys.JOURNAL_FILES_MAX),
                value(BrokerKeys.JOURNAL_BYPASS_BYTES),
                JournalConfiguration.DEFAULT.bufferBytes());
    }

    private List<Path> logDirectoryPaths() {
        String names = value(BrokerKeys.LOG_DIRS);
        return Stream.of(names.split(",", -1)).map(String::strip).map(Path::of).toList();
    }

    public Endpoint listener() {
        return value(BrokerKeys.LISTENERS).get(0);
    }

    /** Empty or one endpoint. */
    public List<Endpoint> advertisedListeners() {
        return value(BrokerKeys.ADVERTISED_LISTENERS);
    }

    /** Empty where none is known. */
    public String rack() {
        return value(BrokerKeys.BROKER_RACK);
    }

    public int networkThreads() {
        return orCores(value(BrokerKeys.NETWORK_THREADS));
    }

    public int ioThreads() {
        return orCores(value(BrokerKeys.IO_THREADS));
    }

    Duration requestTimeout() {
        return Duration.ofMillis(value(BrokerKeys.REQUEST_TIMEOUT));
    }

    /** A heartbeat that is not answered for so long is as good as lost: the next one is due long before the broker is fenced. */
    Duration heartbeatTimeout() {
        return Duration.ofMillis(
                Math.max(value(BrokerKeys.HEARTBEAT_INTERVAL), value(BrokerKeys.BROKER_SESSION_TIMEOUT) / 2));
    }

    NetworkLimits networkLimits() {
        long requestBytesMax = value(BrokerKeys.QUEUED_REQUEST_BYTES_MAX);
        return new NetworkLimits(
                value(BrokerKeys.REQUEST_BYTES_MAX),
                requestBytesMax > 0 ? requestBytesMax : PlatformDependent.maxDirectMemory() / 4,
                value(BrokerKeys.CONNECTION_REQUESTS_MAX),
                value(BrokerKeys.CONNECTION_BYTES_MAX),
                value(BrokerKeys.RECEIVE_TIMEOUT),
                value(BrokerKeys.IDLE_MAX),
                value(BrokerKeys.CONNECTIONS_MAX));
    }

    SocketOptions socketOptions() {
        return new SocketOptions(
                value(BrokerKeys.BACKLOG), value(BrokerKeys.SEND_BUFFER), value(BrokerKeys.RECEIVE_BUFFER));
    }

    ControllerConfiguration controller() {
        int heartbeatMs = value(BrokerKeys.HEARTBEAT_INTERVAL);
        return ControllerConfiguration.DEFAULTS
                .withTopicDefaults(
                        value(BrokerKeys.PARTITIONS),
                        value(BrokerKeys.REPLICATION_FACTOR),
                        value(BrokerKeys.IN_SYNC_MIN))
                .withHeartbeats(heartbeatMs, value(BrokerKeys.BROKER_SESSION_TIMEOUT))
                .withLeaderBalance(leaderBalance());
    }

    private LeaderBalance leaderBalance() {
        return new LeaderBalance(
                value(BrokerKeys.LEADER_REBALANCE),
                TimeUnit.SECONDS.toMillis(value(BrokerKeys.LEADER_REBALANCE_SECONDS)),
                value(BrokerKeys.LEADER_IMBALANCE_PERCENT));
    }

    ReplicasConfiguration replicas() {
        ReplicasConfiguration defaults = ReplicasConfiguration.defaults(brokerId());
        return new ReplicasConfiguration(
                brokerId(),
                ioThreads(),
                value(BrokerKeys.REPLICA_LAG_MAX),
                value(BrokerKeys.IN_SYNC_MIN),
                value(BrokerKeys.REPLICA_FETCH_WAIT_MAX),
                value(BrokerKeys.REPLICA_RESPONSE_BYTES_MAX),
                value(BrokerKeys.REPLICA_FETCH_BYTES_MAX),
                defaults.fetchBackoffMs(),
                defaults.fetchBackoffMaxMs(),
                defaults.checkpointIntervalMs(),
                value(BrokerKeys.RETENTION_CHECK),
                value(BrokerKeys.MOVING_RATE));
    }

    CleanerConfiguration cleaner() {
        return new CleanerConfiguration(
                value(BrokerKeys.CLEANER_BUFFER), value(BrokerKeys.CLEANER_IO_MAX), value(BrokerKeys.CLEANER_BACKOFF));
    }

    GroupConfiguration groups() {
        return new GroupConfiguration(
                value(CoordinatorKeys.GROUP_SESSION_MIN),
                value(CoordinatorKeys.GROUP_SESSION_MAX),
                value(CoordinatorKeys.GROUP_INITIAL_DELAY),
                value(CoordinatorKeys.GROUP_SIZE_MAX),
                value(CoordinatorKeys.OFFSET_METADATA_MAX),
                Duration.ofMinutes(value(CoordinatorKeys.OFFSETS_RETENTION_MINUTES))
                        .toMillis(),
                value(CoordinatorKeys.OFFSETS_RETENTION_CHECK),
                new GroupConfiguration.Consumers(
                        value(CoordinatorKeys.GROUP_CONSUMER_SESSION),
                        value(CoordinatorKeys.GROUP_CONSUMER_HEARTBEAT),
                        value(CoordinatorKeys.GROUP_CONSUMER_SIZE_MAX),
                        GroupConfiguration.Consumers.defaults().assignors(),
                        MigrationPolicy.ofConfigName(value(CoordinatorKeys.GROUP_CONSUMER_MIGRATION))));
    }

    TransactionConfiguration transactions() {
        return new TransactionConfiguration(
                value(CoordinatorKeys.TRANSACTION_TIMEOUT_MAX), value(CoordinatorKeys.TRANSACTIONAL_ID_EXPIRATION));
    }

    /** What can be told of these settings, and changed while the broker runs. */
    public BrokerSettings settings() {
        return new BrokerSettings(
                brokerId(),
                BrokerKeys.all(),
                given,
                BrokerKeys.TOPIC_DEFAULTS,
                CoordinatorKeys.GROUP_DEFAULTS,
                BrokerKeys.dynamic(),
                BrokerKeys.PRODUCER_EXPIRATION);
    }

    int intValue(ConfigurationKey<Integer> key) {
        return value(key);
    }

    long longValue(ConfigurationKey<Long> key) {
        return value(key);
    }

    boolean isSet(ConfigurationKey<Boolean> key) {
        return value(key);
    }

    // The key's own type parsed the value that was stored under its name.
    @SuppressWarnings("unchecked")
    <T> T value(ConfigurationKey<T> key) {
        return (T) Objects.requireNonNull(values.get(key.name()), key.name());
    }

    private static int orCores(int threads) {
        return threads > 0 ? threads : Math.max(2, Runtime.getRuntime().availableProcessors());
    }

    private void checkTogether() {
        if (value(BrokerKeys.LISTENERS).size() != 1) {
            throw refused(BrokerKeys.LISTENERS);
        }
        if (advertisedListeners().size() > 1) {
            throw refused(BrokerKeys.ADVERTISED_LISTENERS);
        }
        var directories = logDirectoryPaths();
        if (directories.contains(Path.of("")) || Set.copyOf(directories).size() < directories.size()) {
            throw refused(BrokerKeys.LOG_DIRS);
        }
        int heartbeat = value(BrokerKeys.HEARTBEAT_INTERVAL);
        int session = value(BrokerKeys.BROKER_SESSION_TIMEOUT);
        if (session < 2 * heartbeat) {
            throw new ConfigurationException("broker.session.timeout.ms=" + session
                    + " is not valid; it must be at least twice broker.heartbeat.interval.ms=" + heartbeat);
        }
    }

    private ConfigurationException refused(ConfigurationKey<?> key) {
        return new ConfigurationException(key.name() + "=" + values.get(key.name()) + " is not valid; it must be "
                + key.type().legal());
    }
}
