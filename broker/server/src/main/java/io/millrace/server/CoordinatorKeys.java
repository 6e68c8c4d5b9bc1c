package io.millrace.server;

import static io.millrace.server.configuration.ValueType.longNumber;
import static io.millrace.server.configuration.ValueType.oneOf;
import static io.millrace.server.configuration.ValueType.wholeNumber;
import static java.lang.Integer.MAX_VALUE;

import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.GroupKeys;
import io.millrace.server.configuration.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The settings of groups and transactions, in the order in which they are documented. Names and meanings are Kafka's. */
final class CoordinatorKeys {
    private static final List<ConfigurationKey<?>> ALL = new ArrayList<>();

    static final ConfigurationKey<Integer> OFFSETS_PARTITIONS = key(
            "offsets.topic.num.partitions",
            wholeNumber(1, 10_000),
            "8",
            "partitions of the topic of consumer groups, when it is created");
    static final ConfigurationKey<Integer> OFFSETS_REPLICATION_FACTOR = key(
            "offsets.topic.replication.factor",
            wholeNumber(1, 32_767),
            "3",
            "replicas of that topic; fewer where there are fewer brokers when it is created");
    static final ConfigurationKey<Integer> TRANSACTION_VERSION = key(
            "transaction.version",
            wholeNumber(0, 2),
            "2",
            "what clients are told of transactions; 2: each has an epoch of its own; 0: as clients before 4.0 know them");
    static final ConfigurationKey<Integer> TRANSACTIONS_PARTITIONS = key(
            "transaction.state.log.num.partitions",
            wholeNumber(1, 10_000),
            "8",
            "partitions of the topic of transactions, when it is created");
    static final ConfigurationKey<Integer> TRANSACTIONS_REPLICATION_FACTOR = key(
            "transaction.state.log.replication.factor",
            wholeNumber(1, 32_767),
            "3",
            "replicas of that topic; fewer where there are fewer brokers when it is created");
    static final ConfigurationKey<Integer> TRANSACTIONS_IN_SYNC_MIN = key(
            "transaction.state.log.min.isr",
            wholeNumber(1, 32_767),
            "2",
            "how many replicas of that topic must have a record; fewer where there are fewer brokers");
    static final ConfigurationKey<Integer> TRANSACTION_TIMEOUT_MAX = key(
            "transaction.max.timeout.ms",
            wholeNumber(1, MAX_VALUE),
            "900000",
            "the longest time that a producer may leave a transaction open");
    static final ConfigurationKey<Integer> TRANSACTIONAL_ID_EXPIRATION = key(
            "transactional.id.expiration.ms",
            wholeNumber(1, MAX_VALUE),
            "604800000",
            "how long a transactional id is remembered that nobody uses");
    static final ConfigurationKey<Integer> OFFSET_METADATA_MAX = key(
            "offset.metadata.max.bytes",
            wholeNumber(0, 1 << 20),
            "4096",
            "what a consumer may note beside a committed offset");
    static final ConfigurationKey<Integer> OFFSETS_RETENTION_MINUTES = key(
            "offsets.retention.minutes",
            wholeNumber(1, MAX_VALUE),
            "10080",
            "how long offsets of groups are kept that nobody uses");
    static final ConfigurationKey<Long> OFFSETS_RETENTION_CHECK = key(
            "offsets.retention.check.interval.ms",
            longNumber(1, Long.MAX_VALUE),
            "600000",
            "how often offsets are looked for that nobody uses any more");
    static final ConfigurationKey<Integer> GROUP_SESSION_MIN = key(
            "group.min.session.timeout.ms",
            wholeNumber(1, MAX_VALUE),
            "6000",
            "shortest session timeout of a group's member");
    static final ConfigurationKey<Integer> GROUP_SESSION_MAX = key(
            "group.max.session.timeout.ms",
            wholeNumber(1, MAX_VALUE),
            "1800000",
            "longest session timeout of a group's member");
    static final ConfigurationKey<Integer> GROUP_INITIAL_DELAY = key(
            "group.initial.rebalance.delay.ms",
            wholeNumber(0, 600_000),
            "500",
            "how long an empty group waits for more members after the first");
    static final ConfigurationKey<Integer> GROUP_SIZE_MAX =
            key("group.max.size", wholeNumber(1, MAX_VALUE), "1000", "members of one group");

    static final ConfigurationKey<Integer> GROUP_CONSUMER_SESSION = key(
            "group.consumer.session.timeout.ms",
            wholeNumber(1, MAX_VALUE),
            "45000",
            "after which silence a member is out of a group whose partitions the broker assigns");
    static final ConfigurationKey<Integer> GROUP_CONSUMER_HEARTBEAT = key(
            "group.consumer.heartbeat.interval.ms",
            wholeNumber(1, MAX_VALUE),
            "5000",
            "how often members of such a group are to send heartbeats");
    static final ConfigurationKey<Integer> GROUP_CONSUMER_SIZE_MAX =
            key("group.consumer.max.size", wholeNumber(1, MAX_VALUE), "1000", "members of one such group");

    static final ConfigurationKey<String> GROUP_CONSUMER_MIGRATION = key(
            "group.consumer.migration.policy",
            oneOf("bidirectional", "upgrade", "downgrade", "disabled"),
            "bidirectional",
            "whether groups with members change between the classic protocol and that of groups whose partitions the broker"
                    + " assigns, as their members do");

    /** The settings that groups may overrule, by the groups' own names for them. */
    static final Map<String, ConfigurationKey<?>> GROUP_DEFAULTS = Map.of(
            GroupKeys.CONSUMER_SESSION.name(), GROUP_CONSUMER_SESSION,
            GroupKeys.CONSUMER_HEARTBEAT.name(), GROUP_CONSUMER_HEARTBEAT);

    private CoordinatorKeys() {}

    static List<ConfigurationKey<?>> all() {
        return List.copyOf(ALL);
    }

    private static <T> ConfigurationKey<T> key(String name, ValueType<T> type, String defaultText, String purpose) {
        var key = new ConfigurationKey<>(name, type, defaultText, purpose);
        ALL.add(key);
        return key;
    }
}
