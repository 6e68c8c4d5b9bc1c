package io.millrace.server;

import static io.millrace.server.configuration.ValueType.decimal;
import static io.millrace.server.configuration.ValueType.endpoints;
import static io.millrace.server.configuration.ValueType.flag;
import static io.millrace.server.configuration.ValueType.longNumber;
import static io.millrace.server.configuration.ValueType.oneOf;
import static io.millrace.server.configuration.ValueType.optionalText;
import static io.millrace.server.configuration.ValueType.someOf;
import static io.millrace.server.configuration.ValueType.text;
import static io.millrace.server.configuration.ValueType.wholeNumber;
import static java.lang.Integer.MAX_VALUE;

import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.Endpoint;
import io.millrace.server.configuration.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every setting a broker knows, in the order in which they are documented. Names and meanings are Kafka's where Kafka has them. */
final class BrokerKeys {
    private static final List<ConfigurationKey<?>> ALL = new ArrayList<>();
    private static final long LONG_MAX = Long.MAX_VALUE;
    private static final int FRAME_MAX = 1 << 30;

    static final ConfigurationKey<Integer> BROKER_ID = key(
            "broker.id", wholeNumber(0, MAX_VALUE), null, "identity of this broker in the cluster, its own for ever");
    static final ConfigurationKey<String> LOG_DIRS = key(
            "log.dirs",
            text("paths of folders, separated by commas"),
            null,
            "where partitions and the journal are kept; each best on a disk of its own");
    static final ConfigurationKey<String> FLUSH_POLICY = key(
            "flush.policy",
            oneOf("auto", "journal", "os"),
            "auto",
            "when an append counts as kept where a destination does not say: journal: on the medium; os: written; auto:"
                    + " journal for queues, internal topics and topics with one replica");
    static final ConfigurationKey<String> JOURNAL_DIR = key(
            "journal.dir",
            optionalText("a path of a folder"),
            "",
            "where the journal is kept, best on a disk of its own; empty: in the first of log.dirs");
    static final ConfigurationKey<Integer> JOURNAL_FILE_BYTES = key(
            "journal.file.bytes", wholeNumber(16 * 1024 * 1024, 1 << 30), "67108864", "size of a file of the journal");
    static final ConfigurationKey<Integer> JOURNAL_FILES_MAX = key(
            "journal.files.max",
            wholeNumber(2, 1024),
            "8",
            "files of the journal; the logs of the oldest are brought to the medium when half of them are full");
    static final ConfigurationKey<Integer> JOURNAL_BYPASS_BYTES = key(
            "journal.bypass.bytes",
            wholeNumber(0, MAX_VALUE),
            "65536",
            "larger appends are not written to the journal: their own segment is forced in the same round");
    static final ConfigurationKey<Long> LOG_DIR_FREE_MIN = key(
            "log.dir.min.free.bytes",
            longNumber(0, LONG_MAX),
            "67108864",
            "a folder with less room takes no more records, so that cursors and internal topics can go on; 0: off");
    static final ConfigurationKey<Integer> RECOVERY_THREADS = key(
            "num.recovery.threads.per.data.dir",
            wholeNumber(1, 256),
            "2",
            "threads that open and check the logs of each folder at start");
    static final ConfigurationKey<List<Endpoint>> LISTENERS = key(
            "listeners",
            endpoints("one [PLAINTEXT://]host:port (empty host: every interface; port 0: any free port)"),
            "PLAINTEXT://127.0.0.1:9092",
            "where the broker listens");
    static final ConfigurationKey<List<Endpoint>> ADVERTISED_LISTENERS = key(
            "advertised.listeners",
            endpoints("one [PLAINTEXT://]host:port, or empty"),
            "",
            "where clients and other brokers reach it; empty: where it listens");
    static final ConfigurationKey<String> BROKER_RACK =
            key("broker.rack", optionalText("any text"), "", "rack or zone, so that replicas are spread over racks");

    static final ConfigurationKey<Integer> HEARTBEAT_INTERVAL = key(
            "broker.heartbeat.interval.ms",
            wholeNumber(50, 60_000),
            "1000",
            "pause between heartbeats to the controller");
    static final ConfigurationKey<Integer> BROKER_SESSION_TIMEOUT = key(
            "broker.session.timeout.ms",
            wholeNumber(200, 600_000),
            "6000",
            "a broker without a heartbeat for this long loses its leaderships");
    static final ConfigurationKey<Integer> REQUEST_TIMEOUT =
            key("request.timeout.ms", wholeNumber(100, 600_000), "30000", "bound of every request between brokers");
    static final ConfigurationKey<Integer> CONTROLLED_SHUTDOWN_TIMEOUT = key(
            "controlled.shutdown.timeout.ms",
            wholeNumber(0, 600_000),
            "10000",
            "how long a stopping broker waits for its leaderships to move");

    static final ConfigurationKey<Integer> NETWORK_THREADS = key(
            "num.network.threads",
            wholeNumber(0, 1024),
            "0",
            "event loops that read and write sockets; 0: max(2, cores)");
    static final ConfigurationKey<Integer> IO_THREADS =
            key("num.io.threads", wholeNumber(0, 1024), "0", "loops that own partitions; 0: max(2, cores)");
    static final ConfigurationKey<Integer> REQUEST_BYTES_MAX = key(
            "socket.request.max.bytes",
            wholeNumber(1024, FRAME_MAX),
            "104857600",
            "a request that claims more closes its connection");
    static final ConfigurationKey<Long> QUEUED_REQUEST_BYTES_MAX = key(
            "queued.max.request.bytes",
            longNumber(-1, LONG_MAX),
            "-1",
            "memory of all requests received in part or not yet answered; -1: a quarter of the direct memory");
    static final ConfigurationKey<Integer> CONNECTION_REQUESTS_MAX = key(
            "connection.max.inflight.requests",
            wholeNumber(1, 10_000),
            "64",
            "unanswered requests above which a connection is not read");
    static final ConfigurationKey<Long> CONNECTION_BYTES_MAX = key(
            "connection.max.inflight.bytes",
            longNumber(1024, LONG_MAX),
            "33554432",
            "bytes of unanswered requests and unsent answers above which a connection is not read");
    static final ConfigurationKey<Integer> RECEIVE_TIMEOUT = key(
            "request.receive.timeout.ms",
            wholeNumber(50, 3_600_000),
            "30000",
            "a request that takes longer to arrive, or an answer to be taken, closes its connection");
    static final ConfigurationKey<Long> IDLE_MAX = key(
            "connections.max.idle.ms", longNumber(100, LONG_MAX), "600000", "a connection idle for longer is closed");
    static final ConfigurationKey<Integer> CONNECTIONS_MAX = key(
            "max.connections",
            wholeNumber(1, MAX_VALUE),
            "2147483647",
            "connections at a time; more are closed at once");
    static final ConfigurationKey<Integer> SEND_BUFFER = key(
            "socket.send.buffer.bytes",
            wholeNumber(-1, MAX_VALUE),
            "-1",
            "SO_SNDBUF; -1: the operating system decides");
    static final ConfigurationKey<Integer> RECEIVE_BUFFER = key(
            "socket.receive.buffer.bytes",
            wholeNumber(-1, MAX_VALUE),
            "-1",
            "SO_RCVBUF; -1: the operating system decides");
    static final ConfigurationKey<Integer> BACKLOG =
            key("socket.listen.backlog.size", wholeNumber(1, 65_535), "512", "connections that wait to be accepted");

    static final ConfigurationKey<Integer> PARTITIONS =
            key("num.partitions", wholeNumber(1, 10_000), "1", "partitions of a topic created without a number");
    static final ConfigurationKey<Integer> REPLICATION_FACTOR = key(
            "default.replication.factor", wholeNumber(1, 32_767), "1", "replicas of a topic created without a number");
    static final ConfigurationKey<Integer> IN_SYNC_MIN = key(
            "min.insync.replicas",
            wholeNumber(1, 32_767),
            "1",
            "in-sync replicas that acks=all needs, where the topic is silent");
    static final ConfigurationKey<String> COMPRESSION_TYPE = key(
            "compression.type",
            oneOf("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"),
            "producer",
            "how records are kept; producer: as their producer compressed them, which costs the broker nothing");
    static final ConfigurationKey<Integer> GZIP_LEVEL = key(
            "compression.gzip.level", wholeNumber(-1, 9), "-1", "with compression.type=gzip: 1 fast to 9 small; -1: 6");
    static final ConfigurationKey<Integer> LZ4_LEVEL =
            key("compression.lz4.level", wholeNumber(1, 17), "9", "with compression.type=lz4: 1 fast to 17 small");
    static final ConfigurationKey<Integer> ZSTD_LEVEL = key(
            "compression.zstd.level",
            wholeNumber(-131_072, 22),
            "3",
            "with compression.type=zstd: -131072 fast to 22 small");
    static final ConfigurationKey<Boolean> UNCLEAN_ELECTION = key(
            "unclean.leader.election.enable",
            flag(),
            "false",
            "whether a replica may lead that need not have all committed records, when nobody else can");
    static final ConfigurationKey<Boolean> AUTO_CREATE =
            key("auto.create.topics.enable", flag(), "true", "a topic that a client asks for is created");
    static final ConfigurationKey<Boolean> DELETE_ENABLED = key(
            "delete.topic.enable", flag(), "true", "topics and queues can be deleted; to be the same on all brokers");
    static final ConfigurationKey<Integer> MESSAGE_BYTES_MAX = key(
            "message.max.bytes",
            wholeNumber(0, FRAME_MAX),
            "1048588",
            "largest record batch, where the topic is silent");
    static final ConfigurationKey<String> RECORD_VALIDATION = key(
            "record.validation",
            oneOf("header", "uncompressed", "full"),
            "uncompressed",
            "header: headers and checksums of batches; uncompressed: and each record that needs no unpacking; full: all");
    static final ConfigurationKey<String> TIMESTAMP_TYPE = key(
            "log.message.timestamp.type",
            oneOf("CreateTime", "LogAppendTime"),
            "CreateTime",
            "whose clock stamps the records");
    static final ConfigurationKey<Long> TIMESTAMP_AFTER_MAX = key(
            "log.message.timestamp.after.max.ms",
            longNumber(0, LONG_MAX),
            "3600000",
            "how far a record's timestamp may lie in the future");
    static final ConfigurationKey<Integer> FETCH_BYTES_MAX =
            key("fetch.max.bytes", wholeNumber(1024, MAX_VALUE), "57671680", "largest answer to a fetch");

    static final ConfigurationKey<Integer> SEGMENT_BYTES =
            key("log.segment.bytes", wholeNumber(14, MAX_VALUE), "1073741824", "size at which a segment is rolled");
    static final ConfigurationKey<Long> SEGMENT_MS =
            key("log.roll.ms", longNumber(1, LONG_MAX), "604800000", "age at which a segment is rolled");
    static final ConfigurationKey<Long> RETENTION_MS = key(
            "log.retention.ms", longNumber(-1, LONG_MAX), "604800000", "age at which a segment is deleted; -1: never");
    static final ConfigurationKey<Long> RETENTION_BYTES = key(
            "log.retention.bytes",
            longNumber(-1, LONG_MAX),
            "-1",
            "size of a partition above which segments are deleted; -1: none");
    static final ConfigurationKey<String> CLEANUP_POLICY = key(
            "log.cleanup.policy",
            someOf("compact", "delete"),
            "delete",
            "delete: old records go by retention; compact: the last record of each key stays; both: both");
    static final ConfigurationKey<Boolean> CLEANER_ENABLED =
            key("log.cleaner.enable", flag(), "true", "whether compacted topics are compacted here");
    static final ConfigurationKey<Long> CLEANER_BUFFER = key(
            "log.cleaner.dedupe.buffer.size",
            longNumber(1024, LONG_MAX),
            "134217728",
            "memory that a compaction may take for keys, 27 bytes each; more keys take several rounds");
    static final ConfigurationKey<Double> CLEANER_IO_MAX = key(
            "log.cleaner.io.max.bytes.per.second",
            decimal(1, Double.MAX_VALUE),
            Double.toString(Double.MAX_VALUE),
            "what compaction may read and write per second");
    static final ConfigurationKey<Long> CLEANER_BACKOFF = key(
            "log.cleaner.backoff.ms",
            longNumber(1, LONG_MAX),
            "15000",
            "pause between two looks for partitions to compact, when there was none");
    static final ConfigurationKey<Double> DIRTY_RATIO_MIN = key(
            "log.cleaner.min.cleanable.ratio",
            decimal(0, 1),
            "0.5",
            "share of bytes never compacted above which a partition is compacted");
    static final ConfigurationKey<Long> COMPACTION_LAG_MIN = key(
            "log.cleaner.min.compaction.lag.ms",
            longNumber(0, LONG_MAX),
            "0",
            "age below which no record is compacted away");
    static final ConfigurationKey<Long> COMPACTION_LAG_MAX = key(
            "log.cleaner.max.compaction.lag.ms",
            longNumber(1, LONG_MAX),
            Long.toString(LONG_MAX),
            "age at which records are compacted, whatever their share");
    static final ConfigurationKey<Long> DELETE_RETENTION = key(
            "log.cleaner.delete.retention.ms",
            longNumber(0, LONG_MAX),
            "86400000",
            "how long a compacted topic still shows that a key was deleted");
    static final ConfigurationKey<Long> RETENTION_CHECK = key(
            "log.retention.check.interval.ms",
            longNumber(100, LONG_MAX),
            "300000",
            "pause between two checks of retention");
    static final ConfigurationKey<Integer> INDEX_INTERVAL = key(
            "log.index.interval.bytes", wholeNumber(0, MAX_VALUE), "4096", "bytes of log between two index entries");
    static final ConfigurationKey<Integer> PRODUCER_EXPIRATION = key(
            "producer.id.expiration.ms",
            wholeNumber(1, MAX_VALUE),
            "86400000",
            "how long the sequence of a silent idempotent producer is remembered");

    static final ConfigurationKey<Long> REPLICA_LAG_MAX = key(
            "replica.lag.time.max.ms",
            longNumber(100, LONG_MAX),
            "10000",
            "a follower that lags for longer leaves the ISR");
    static final ConfigurationKey<Integer> REPLICA_FETCH_WAIT_MAX = key(
            "replica.fetch.wait.max.ms",
            wholeNumber(1, 60_000),
            "500",
            "how long a follower's fetch waits for records");
    static final ConfigurationKey<Integer> REPLICA_FETCH_BYTES_MAX = key(
            "replica.fetch.max.bytes",
            wholeNumber(1024, MAX_VALUE),
            "1048576",
            "of one partition in a follower's fetch");
    static final ConfigurationKey<Integer> REPLICA_RESPONSE_BYTES_MAX = key(
            "replica.fetch.response.max.bytes",
            wholeNumber(1024, MAX_VALUE),
            "10485760",
            "of a whole follower's fetch");

    static final ConfigurationKey<Long> MOVING_RATE = key(
            "follower.replication.throttled.rate",
            longNumber(1, LONG_MAX),
            "9223372036854775807",
            "bytes per second fetched for replicas that are being moved here, where the move does not say");
    static final ConfigurationKey<Long> MOVING_RATE_OF_LEADER = key(
            "leader.replication.throttled.rate",
            longNumber(1, LONG_MAX),
            "9223372036854775807",
            "set by Kafka's tools and without effect: moves are throttled where they go");
    static final ConfigurationKey<Boolean> LEADER_REBALANCE = key(
            "auto.leader.rebalance.enable",
            flag(),
            "true",
            "the controller gives leaderships back to the preferred leaders");
    static final ConfigurationKey<Integer> LEADER_REBALANCE_SECONDS = key(
            "leader.imbalance.check.interval.seconds",
            wholeNumber(1, 86_400),
            "300",
            "how often the controller looks for leaderships to give back");
    static final ConfigurationKey<Integer> LEADER_IMBALANCE_PERCENT = key(
            "leader.imbalance.per.broker.percentage",
            wholeNumber(0, 100),
            "10",
            "how many of its leaderships a broker may lack before it gets them back");

    static final ConfigurationKey<Integer> MAX_DELIVERIES = key(
            "max.deliveries",
            wholeNumber(0, 1_000_000),
            "10",
            "how often a message is delivered before it goes to the dead-letter queue; 0: without end");

    static final ConfigurationKey<Boolean> DEAD_LETTER_EXPIRED = key(
            "dead.letter.expired", flag(), "false", "whether messages that expire go to the dead-letter queue, too");

    static final ConfigurationKey<Long> REDELIVERY_DELAY = key(
            "redelivery.delay.ms",
            longNumber(0, 604_800_000),
            "0",
            "how long a message waits for its second delivery when the first has failed; 0: for none it waits");

    static final ConfigurationKey<Double> REDELIVERY_MULTIPLIER = key(
            "redelivery.delay.multiplier",
            decimal(1, 100),
            "2",
            "how many times longer it waits for each further delivery");

    static final ConfigurationKey<Long> REDELIVERY_DELAY_MAX =
            key("redelivery.delay.max.ms", longNumber(0, 604_800_000), "60000", "the longest that it waits so");

    /** The settings that topics may overrule, by the topics' own names for them. */
    static final Map<String, ConfigurationKey<?>> TOPIC_DEFAULTS = Map.ofEntries(
            Map.entry("min.insync.replicas", IN_SYNC_MIN),
            Map.entry("unclean.leader.election.enable", UNCLEAN_ELECTION),
            Map.entry("max.message.bytes", MESSAGE_BYTES_MAX),
            Map.entry("compression.type", COMPRESSION_TYPE),
            Map.entry("compression.gzip.level", GZIP_LEVEL),
            Map.entry("compression.lz4.level", LZ4_LEVEL),
            Map.entry("compression.zstd.level", ZSTD_LEVEL),
            Map.entry("record.validation", RECORD_VALIDATION),
            Map.entry("message.timestamp.type", TIMESTAMP_TYPE),
            Map.entry("message.timestamp.after.max.ms", TIMESTAMP_AFTER_MAX),
            Map.entry("flush.policy", FLUSH_POLICY),
            Map.entry("retention.ms", RETENTION_MS),
            Map.entry("retention.bytes", RETENTION_BYTES),
            Map.entry("cleanup.policy", CLEANUP_POLICY),
            Map.entry("min.cleanable.dirty.ratio", DIRTY_RATIO_MIN),
            Map.entry("min.compaction.lag.ms", COMPACTION_LAG_MIN),
            Map.entry("max.compaction.lag.ms", COMPACTION_LAG_MAX),
            Map.entry("delete.retention.ms", DELETE_RETENTION),
            Map.entry("segment.bytes", SEGMENT_BYTES),
            Map.entry("segment.ms", SEGMENT_MS),
            Map.entry("index.interval.bytes", INDEX_INTERVAL),
            Map.entry("max.deliveries", MAX_DELIVERIES),
            Map.entry("dead.letter.expired", DEAD_LETTER_EXPIRED),
            Map.entry("redelivery.delay.ms", REDELIVERY_DELAY),
            Map.entry("redelivery.delay.multiplier", REDELIVERY_MULTIPLIER),
            Map.entry("redelivery.delay.max.ms", REDELIVERY_DELAY_MAX));

    /**
     * The defaults of topics that cannot be changed while brokers run: the controller and the leaders must never differ about how many replicas
     * have to be in sync, nor about what survives a loss of power.
     */
    private static final List<ConfigurationKey<?>> FIXED = List.of(IN_SYNC_MIN, FLUSH_POLICY);

    private BrokerKeys() {}

    /** The settings that can be changed while brokers run. */
    static List<ConfigurationKey<?>> dynamic() {
        var keys = new ArrayList<ConfigurationKey<?>>(TOPIC_DEFAULTS.values());
        keys.removeAll(FIXED);
        keys.add(MOVING_RATE);
        keys.add(MOVING_RATE_OF_LEADER);
        keys.add(PRODUCER_EXPIRATION);
        keys.addAll(CoordinatorKeys.GROUP_DEFAULTS.values());
        return List.copyOf(keys);
    }

    static List<ConfigurationKey<?>> all() {
        var all = new ArrayList<ConfigurationKey<?>>(ALL.subList(0, 1));
        all.addAll(ZooKeeperKeys.all());
        all.addAll(ALL.subList(1, ALL.size()));
        all.addAll(CoordinatorKeys.all());
        return List.copyOf(all);
    }

    private static <T> ConfigurationKey<T> key(
            String name, ValueType<T> type, @Nullable String defaultText, String purpose) {
        var key = new ConfigurationKey<>(name, type, defaultText, purpose);
        ALL.add(key);
        return key;
    }
}
