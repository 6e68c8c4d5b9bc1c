package io.millrace.server.configuration;

import static io.millrace.server.configuration.ValueType.wholeNumber;
import static java.lang.Integer.MAX_VALUE;

import java.util.List;
import java.util.Optional;

/** Every setting that a group may have of its own (KIP-848). What holds for groups that are silent is a setting of brokers. */
public final class GroupKeys {
    public static final ConfigurationKey<Integer> CONSUMER_SESSION = new ConfigurationKey<>(
            "consumer.session.timeout.ms",
            wholeNumber(1, MAX_VALUE),
            "45000",
            "after which silence a member is out of the group");
    public static final ConfigurationKey<Integer> CONSUMER_HEARTBEAT = new ConfigurationKey<>(
            "consumer.heartbeat.interval.ms",
            wholeNumber(1, MAX_VALUE),
            "5000",
            "how often members of the group are to send heartbeats");

    private static final List<ConfigurationKey<?>> ALL = List.of(CONSUMER_SESSION, CONSUMER_HEARTBEAT);

    private GroupKeys() {}

    public static List<ConfigurationKey<?>> all() {
        return ALL;
    }

    /** The setting of that name, or empty where groups know none. */
    public static Optional<ConfigurationKey<?>> key(String name) {
        return ALL.stream().filter(key -> key.name().equals(name)).findFirst();
    }
}
