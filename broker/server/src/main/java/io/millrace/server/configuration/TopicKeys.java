package io.millrace.server.configuration;

import static io.millrace.server.configuration.ValueType.decimal;
import static io.millrace.server.configuration.ValueType.flag;
import static io.millrace.server.configuration.ValueType.longNumber;
import static io.millrace.server.configuration.ValueType.oneOf;
import static io.millrace.server.configuration.ValueType.optionalText;
import static io.millrace.server.configuration.ValueType.someOf;
import static io.millrace.server.configuration.ValueType.wholeNumber;
import static java.lang.Integer.MAX_VALUE;

import java.util.LinkedHashMap;
import java.util.Map;

/** Every setting a topic or queue knows. The default stands for a broker that says nothing else. */
final class TopicKeys {
    private static final Map<String, ConfigurationKey<?>> ALL = new LinkedHashMap<>();
    private static final long LONG_MAX = Long.MAX_VALUE;
    private static final int BATCH_MAX = 1 << 30;

    static final ConfigurationKey<String> DESTINATION_KIND = key(
            "destination.kind",
            oneOf("topic", "queue"),
            "topic",
            "topic: all consumers see all; queue: one consumer each");
    static final ConfigurationKey<String> CLEANUP_POLICY = key(
            "cleanup.policy",
            someOf("compact", "delete"),
            "delete",
            "delete: old records go by retention; compact: the last record of each key stays; both: both");
    static final ConfigurationKey<Double> DIRTY_RATIO_MIN = key(
            "min.cleanable.dirty.ratio",
            decimal(0, 1),
            "0.5",
            "share of bytes never compacted above which a partition is compacted");
    static final ConfigurationKey<Long> COMPACTION_LAG_MIN =
            key("min.compaction.lag.ms", longNumber(0, LONG_MAX), "0", "age below which no record is compacted away");
    static final ConfigurationKey<Long> COMPACTION_LAG_MAX = key(
            "max.compaction.lag.ms",
            longNumber(1, LONG_MAX),
            Long.toString(LONG_MAX),
            "age at which records are compacted, whatever their share");
    static final ConfigurationKey<Long> DELETE_RETENTION = key(
            "delete.retention.ms",
            longNumber(0, LONG_MAX),
            "86400000",
            "how long a compacted topic still shows that a key was deleted");
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
    static final ConfigurationKey<Integer> IN_SYNC_MIN =
            key("min.insync.replicas", wholeNumber(1, 32_767), "1", "in-sync replicas that acks=all needs");
    static final ConfigurationKey<Boolean> UNCLEAN_ELECTION = key(
            "unclean.leader.election.enable",
            flag(),
            "false",
            "whether a replica may lead that need not have all committed records, when nobody else can");
    static final ConfigurationKey<Integer> MESSAGE_BYTES_MAX =
            key("max.message.bytes", wholeNumber(0, BATCH_MAX), "1048588", "largest record batch");
    static final ConfigurationKey<String> RECORD_VALIDATION = key(
            "record.validation",
            oneOf("header", "uncompressed", "full"),
            "uncompressed",
            "header: headers and checksums of batches; uncompressed: and each record that needs no unpacking; full: all");
    static final ConfigurationKey<String> TIMESTAMP_TYPE = key(
            "message.timestamp.type",
            oneOf("CreateTime", "LogAppendTime"),
            "CreateTime",
            "whose clock stamps the records");
    static final ConfigurationKey<Long> TIMESTAMP_BEFORE_MAX = key(
            "message.timestamp.before.max.ms",
            longNumber(0, LONG_MAX),
            Long.toString(LONG_MAX),
            "how far a time stamp may lie in the past");
    static final ConfigurationKey<Long> TIMESTAMP_AFTER_MAX = key(
            "message.timestamp.after.max.ms", longNumber(0, LONG_MAX), "3600000", "how far it may lie in the future");
    static final ConfigurationKey<String> FLUSH_POLICY = key(
            "flush.policy",
            oneOf("auto", "journal", "os"),
            "auto",
            "journal: acknowledged when on the medium; os: when written; auto: journal for queues, internal topics and"
                    + " topics with one replica");
    static final ConfigurationKey<Long> RETENTION_MS =
            key("retention.ms", longNumber(-1, LONG_MAX), "604800000", "age at which a segment is deleted; -1: never");
    static final ConfigurationKey<Long> RETENTION_BYTES = key(
            "retention.bytes", longNumber(-1, LONG_MAX), "-1", "bytes of a partition above which segments are deleted");
    static final ConfigurationKey<Long> REPLAY_RETENTION = key(
            "replay.retention.ms",
            longNumber(0, LONG_MAX),
            "0",
            "how long a queue keeps acknowledged messages, so that it can be rewound");
    static final ConfigurationKey<Integer> MAX_DELIVERIES = key(
            "max.deliveries",
            wholeNumber(0, 1_000_000),
            "10",
            "how often a queue or subscription delivers a message before it goes to the dead-letter queue; 0: without end");
    static final ConfigurationKey<String> DEAD_LETTER_QUEUE = key(
            "dead.letter.queue",
            optionalText("the name of a queue"),
            "",
            "where messages go that cannot be processed; empty: DLQ.<destination>; created where it is missing");
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
    static final ConfigurationKey<Integer> SEGMENT_BYTES =
            key("segment.bytes", wholeNumber(14, MAX_VALUE), "1073741824", "size at which a segment is rolled");
    static final ConfigurationKey<Long> SEGMENT_MS =
            key("segment.ms", longNumber(1, LONG_MAX), "604800000", "age at which a segment is rolled");
    static final ConfigurationKey<Integer> INDEX_INTERVAL =
            key("index.interval.bytes", wholeNumber(0, MAX_VALUE), "4096", "bytes of log for each entry of the index");
    static final ConfigurationKey<Integer> SEGMENT_INDEX_BYTES = key(
            "segment.index.bytes",
            wholeNumber(64, MAX_VALUE),
            "10485760",
            "size of the index at which a segment is rolled");

    static final ConfigurationKey<String> THROTTLED_AT_LEADERS = key(
            "leader.replication.throttled.replicas",
            optionalText("any text"),
            "",
            "set by Kafka's tools and without effect: whatever is moved is throttled");
    static final ConfigurationKey<String> THROTTLED_AT_FOLLOWERS = key(
            "follower.replication.throttled.replicas",
            optionalText("any text"),
            "",
            "set by Kafka's tools and without effect: whatever is moved is throttled");

    private TopicKeys() {}

    static Map<String, ConfigurationKey<?>> all() {
        return ALL;
    }

    private static <T> ConfigurationKey<T> key(String name, ValueType<T> type, String defaultText, String purpose) {
        var key = new ConfigurationKey<>(name, type, defaultText, purpose);
        ALL.put(name, key);
        return key;
    }
}
