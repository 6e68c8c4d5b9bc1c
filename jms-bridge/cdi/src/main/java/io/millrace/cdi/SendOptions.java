package io.millrace.cdi;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one message gets besides its payload. Immutable: each method gives another.
 *
 * <pre>{@code orders.send(order, SendOptions.none().key(order.customer()).property("priority", 3));}</pre>
 */
public final class SendOptions {
    private static final SendOptions NONE = new SendOptions(Map.of(), null, null, null, null, false);

    private final Map<String, Object> properties;
    private final @Nullable String correlationId;
    private final @Nullable String type;
    private final @Nullable Integer priority;
    private final @Nullable Duration timeToLive;
    private final boolean nonPersistent;

    private SendOptions(
            Map<String, Object> properties,
            @Nullable String correlationId,
            @Nullable String type,
            @Nullable Integer priority,
            @Nullable Duration timeToLive,
            boolean nonPersistent) {
        this.properties = properties;
        this.correlationId = correlationId;
        this.type = type;
        this.priority = priority;
        this.timeToLive = timeToLive;
        this.nonPersistent = nonPersistent;
    }

    /** The payload alone. */
    public static SendOptions none() {
        return NONE;
    }

    /** Messages with equal keys stay in order ({@code JMSXGroupID}; to Kafka clients the record's key). */
    public SendOptions key(String key) {
        return property("JMSXGroupID", key);
    }

    /** A property: a String, a Boolean or a number. */
    public SendOptions property(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return new SendOptions(
                Collections.unmodifiableMap(more), correlationId, type, priority, timeToLive, nonPersistent);
    }

    public SendOptions correlationId(String newCorrelationId) {
        return new SendOptions(properties, newCorrelationId, type, priority, timeToLive, nonPersistent);
    }

    /** The header field {@code JMSType}. */
    public SendOptions type(String newType) {
        return new SendOptions(properties, correlationId, newType, priority, timeToLive, nonPersistent);
    }

    /** 0 to 9; 4 is the default. */
    public SendOptions priority(int newPriority) {
        return new SendOptions(properties, correlationId, type, newPriority, timeToLive, nonPersistent);
    }

    /** After this long the message is not delivered any more. */
    public SendOptions timeToLive(Duration newTimeToLive) {
        return new SendOptions(properties, correlationId, type, priority, newTimeToLive, nonPersistent);
    }

    /** The message may be lost with a broker, and is sent faster. */
    public SendOptions nonPersistent() {
        return new SendOptions(properties, correlationId, type, priority, timeToLive, true);
    }

    Map<String, Object> properties() {
        return properties;
    }

    Optional<String> correlationId() {
        return Optional.ofNullable(correlationId);
    }

    Optional<String> type() {
        return Optional.ofNullable(type);
    }

    OptionalInt priority() {
        return priority == null ? OptionalInt.empty() : OptionalInt.of(priority);
    }

    Optional<Duration> timeToLive() {
        return Optional.ofNullable(timeToLive);
    }

    boolean isNonPersistent() {
        return nonPersistent;
    }
}
