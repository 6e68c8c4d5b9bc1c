package io.millrace.server.configuration;

import io.millrace.record.RecordBatchValidator;
import io.millrace.record.RecordValidation;
import io.millrace.record.TimestampType;
import io.millrace.storage.LogConfiguration;
import java.util.HashMap;
import java.util.Map;

/**
 * What a topic's configuration means, the broker's defaults included. Immutable.
 *
 * @param timestampBeforeMaxMs how far in the past a record's time stamp may lie
 * @param timestampAfterMaxMs how far in the future
 * @param replayRetentionMs how long a queue keeps what is acknowledged
 * @param log the rules of the topic's data logs
 */
public record TopicRules(
        RecordBatchValidator validator,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        long replayRetentionMs,
        LogConfiguration log) {

    private static final int DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
    private static final String NOT_OF_QUEUES =
            " is not for queues: a queue keeps what is not acknowledged, however old or large; replay.retention.ms"
                    + " says how long it keeps what is";
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
                false);
        var type = read(TopicKeys.TIMESTAMP_TYPE, effective).equals("LogAppendTime")
                ? TimestampType.LOG_APPEND_TIME
                : TimestampType.CREATE_TIME;
        return new TopicRules(
                validator,
                type,
                read(TopicKeys.TIMESTAMP_BEFORE_MAX, effective),
                read(TopicKeys.TIMESTAMP_AFTER_MAX, effective),
                read(TopicKeys.REPLAY_RETENTION, effective),
                logConfiguration(effective, defaults));
    }

    /**
     * Checks what a new destination is to be configured with. Those that exist may have more: it has no effect.
     *
     * @throws ConfigurationException if a value is not legal, a key unknown, or one that means nothing for this kind of destination
     */
    public static void check(Map<String, String> configuration) {
        checkValues(configuration);
        if (read(TopicKeys.DESTINATION_KIND, configuration).equals("queue")) {
            refuse(TopicKeys.RETENTION_MS, configuration, NOT_OF_QUEUES);
            refuse(TopicKeys.RETENTION_BYTES, configuration, NOT_OF_QUEUES);
        } else {
            refuse(TopicKeys.REPLAY_RETENTION, configuration, NOT_OF_TOPICS);
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
        return new LogConfiguration(
                read(TopicKeys.SEGMENT_BYTES, effective),
                read(TopicKeys.SEGMENT_MS, effective),
                read(TopicKeys.INDEX_INTERVAL, effective),
                read(TopicKeys.SEGMENT_INDEX_BYTES, effective),
                read(TopicKeys.RETENTION_MS, effective),
                read(TopicKeys.RETENTION_BYTES, effective),
                defaults.producerIdExpirationMs(),
                LogConfiguration.DEFAULT.producerIdsMax());
    }

    private static <T> T read(ConfigurationKey<T> key, Map<String, String> settings) {
        return key.read(settings.get(key.name()));
    }
}
