package io.millrace.server.configuration;

import io.millrace.record.Compression;
import io.millrace.record.Recompression;
import io.millrace.record.RecordBatchValidator;
import io.millrace.record.RecordValidation;
import io.millrace.record.TimestampType;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.compaction.CompactionConfiguration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a topic's configuration means, the broker's defaults included. Immutable.
 *
 * @param recompression how batches are packed that come; empty where they stay as their producers have packed them
 * @param timestampBeforeMaxMs how far in the past a record's time stamp may lie
 * @param timestampAfterMaxMs how far in the future
 * @param replayRetentionMs how long a queue keeps what is acknowledged
 * @param deletesRecords whether old records may go although no newer ones take their place
 * @param flushPolicy when an append counts as kept; empty where that depends on the kind of the topic
 * @param electsUnclean whether a replica may lead that need not have all committed records; never of queues
 * @param deadLetters what becomes of messages whose delivery fails
 * @param messageBytesMax the largest record batch
 * @param log the rules of the topic's data logs
 */
public record TopicRules(
        RecordBatchValidator validator,
        Optional<Recompression> recompression,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        long replayRetentionMs,
        boolean deletesRecords,
        Optional<FlushPolicy> flushPolicy,
        boolean electsUnclean,
        DeadLetterRules deadLetters,
        int messageBytesMax,
        LogConfiguration log) {

    private static final int DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
    private static final String COMPACT = "compact";
    private static final String DELETE = "delete";
    private static final String NOT_OF_QUEUES =
            " is not for queues: a queue keeps what is not acknowledged, however old or large; replay.retention.ms"
                    + " says how long it keeps what is";
    private static final String NEVER_OF_QUEUES =
            " is not for queues: their messages and what is acknowledged of them must not be lost apart";
    private static final String NOT_OF_TOPICS =
            " is for destinations with destination.kind=queue, which keep what is acknowledged so long; the records of a"
                    + " topic are kept by retention.ms and retention.bytes";

    /**
     * Reads a topic's configuration.
     *
     * @param defaults of this broker, by the topics' keys
     * @throws ConfigurationException if a value is not legal or a key unknown
     */
    public static TopicRules of(TopicDefaults defaults, Map<String, String> configuration) {
        checkValues(configuration);
        var effective = new HashMap<>(defaults.settings());
        effective.putAll(configuration);
        var validator = new RecordBatchValidator(
                read(TopicKeys.MESSAGE_BYTES_MAX, effective),
                DECOMPRESSED_BYTES_MAX,
                RecordValidation.ofName(read(TopicKeys.RECORD_VALIDATION, effective)),
                isCompacted(effective));
        var type = read(TopicKeys.TIMESTAMP_TYPE, effective).equals("LogAppendTime")
                ? TimestampType.LOG_APPEND_TIME
                : TimestampType.CREATE_TIME;
        return new TopicRules(
                validator,
                recompression(effective),
                type,
                read(TopicKeys.TIMESTAMP_BEFORE_MAX, effective),
                read(TopicKeys.TIMESTAMP_AFTER_MAX, effective),
                read(TopicKeys.REPLAY_RETENTION, effective),
                read(TopicKeys.CLEANUP_POLICY, effective).contains(DELETE),
                flushPolicy(effective),
                !isQueue(effective) && read(TopicKeys.UNCLEAN_ELECTION, effective),
                DeadLetterRules.of(effective),
                read(TopicKeys.MESSAGE_BYTES_MAX, effective),
                logConfiguration(effective, defaults));
    }

    private static Optional<Recompression> recompression(Map<String, String> effective) {
        String type = read(TopicKeys.COMPRESSION_TYPE, effective);
        if (type.equals("producer")) {
            return Optional.empty();
        }
        Compression codec = type.equals("uncompressed") ? Compression.NONE : Compression.ofConfigName(type);
        return Optional.of(new Recompression(
                codec, level(codec, effective), read(TopicKeys.MESSAGE_BYTES_MAX, effective), DECOMPRESSED_BYTES_MAX));
    }

    private static int level(Compression codec, Map<String, String> effective) {
        return switch (codec) {
            case GZIP -> read(TopicKeys.GZIP_LEVEL, effective);
            // The default of the setting means the fast way of the codec, as in Kafka's clients.
            case LZ4 -> orDefault(TopicKeys.LZ4_LEVEL, effective);
            case ZSTD -> read(TopicKeys.ZSTD_LEVEL, effective);
            case NONE, SNAPPY -> Compression.DEFAULT_LEVEL;
        };
    }

    private static int orDefault(ConfigurationKey<Integer> key, Map<String, String> effective) {
        int level = read(key, effective);
        return Integer.toString(level).equals(key.defaultText()) ? Compression.DEFAULT_LEVEL : level;
    }

    private static Optional<FlushPolicy> flushPolicy(Map<String, String> effective) {
        return switch (read(TopicKeys.FLUSH_POLICY, effective)) {
            case "journal" -> Optional.of(FlushPolicy.JOURNAL);
            case "os" -> Optional.of(FlushPolicy.OS);
            default -> Optional.empty();
        };
    }

    /** Every setting that topics and queues know, in the order in which they are documented. */
    public static List<ConfigurationKey<?>> keys() {
        return List.copyOf(TopicKeys.all().values());
    }

    /** The setting of that name, or empty where topics know none. */
    public static Optional<ConfigurationKey<?>> key(String name) {
        return Optional.ofNullable(TopicKeys.all().get(name));
    }

    /** Whether only the last record of each key is kept. */
    public boolean isCompacted() {
        return log.compaction().enabled();
    }

    /**
     * Checks what a new destination is to be configured with. Those that exist may have more: it has no effect.
     *
     * @throws ConfigurationException if a value is not legal, a key unknown, or one that means nothing for this kind of destination
     */
    public static void check(Map<String, String> configuration) {
        checkValues(configuration);
        checkLags(configuration);
        DeadLetterRules.check(configuration);
        if (isQueue(configuration)) {
            if (read(TopicKeys.CLEANUP_POLICY, configuration).contains(COMPACT)) {
                refuse(TopicKeys.CLEANUP_POLICY, configuration, NOT_OF_QUEUES);
            }
            refuse(TopicKeys.RETENTION_MS, configuration, NOT_OF_QUEUES);
            refuse(TopicKeys.RETENTION_BYTES, configuration, NOT_OF_QUEUES);
            if (read(TopicKeys.UNCLEAN_ELECTION, configuration)) {
                refuse(TopicKeys.UNCLEAN_ELECTION, configuration, NEVER_OF_QUEUES);
            }
        } else {
            refuse(TopicKeys.REPLAY_RETENTION, configuration, NOT_OF_TOPICS);
        }
    }

    private static void checkLags(Map<String, String> configuration) {
        long min = read(TopicKeys.COMPACTION_LAG_MIN, configuration);
        long max = read(TopicKeys.COMPACTION_LAG_MAX, configuration);
        if (min > max) {
            throw new ConfigurationException(
                    "min.compaction.lag.ms=" + min + " is not valid; it must be at most max.compaction.lag.ms=" + max);
        }
    }

    private static void refuse(ConfigurationKey<?> key, Map<String, String> configuration, String why) {
        String value = configuration.get(key.name());
        if (value != null) {
            throw new ConfigurationException(key.name() + "=" + value + why);
        }
    }

    private static void checkValues(Map<String, String> configuration) {
        configuration.forEach((name, value) -> {
            ConfigurationKey<?> key = TopicKeys.all().get(name);
            if (key == null) {
                throw new ConfigurationException(name + "=" + value + " is not known here; known are "
                        + String.join(", ", TopicKeys.all().keySet()));
            }
            key.read(value);
        });
    }

    private static LogConfiguration logConfiguration(Map<String, String> effective, TopicDefaults defaults) {
        boolean deletes = read(TopicKeys.CLEANUP_POLICY, effective).contains(DELETE);
        return new LogConfiguration(
                read(TopicKeys.SEGMENT_BYTES, effective),
                read(TopicKeys.SEGMENT_MS, effective),
                read(TopicKeys.INDEX_INTERVAL, effective),
                read(TopicKeys.SEGMENT_INDEX_BYTES, effective),
                deletes ? read(TopicKeys.RETENTION_MS, effective) : LogConfiguration.UNLIMITED,
                deletes ? read(TopicKeys.RETENTION_BYTES, effective) : LogConfiguration.UNLIMITED,
                defaults.producerIdExpirationMs(),
                LogConfiguration.DEFAULT.producerIdsMax(),
                flushPolicy(effective).orElse(FlushPolicy.OS),
                compaction(effective));
    }

    private static CompactionConfiguration compaction(Map<String, String> effective) {
        long lagMinMs = read(TopicKeys.COMPACTION_LAG_MIN, effective);
        return new CompactionConfiguration(
                isCompacted(effective),
                read(TopicKeys.DIRTY_RATIO_MIN, effective),
                lagMinMs,
                Math.max(Math.max(1, lagMinMs), read(TopicKeys.COMPACTION_LAG_MAX, effective)),
                read(TopicKeys.DELETE_RETENTION, effective));
    }

    /** A queue never is, whatever the broker's default: it keeps what is not acknowledged. */
    private static boolean isCompacted(Map<String, String> effective) {
        return !isQueue(effective) && read(TopicKeys.CLEANUP_POLICY, effective).contains(COMPACT);
    }

    private static boolean isQueue(Map<String, String> settings) {
        return read(TopicKeys.DESTINATION_KIND, settings).equals("queue");
    }

    private static <T> T read(ConfigurationKey<T> key, Map<String, String> settings) {
        return key.read(settings.get(key.name()));
    }
}
