package io.millrace.metadata;

import java.util.Locale;

/** How a destination is consumed: by cursor of each reader, or each record by one consumer. */
public enum DestinationKind {
    /** Every reader sees every record; records leave by retention. */
    TOPIC,
    /** Each record goes to one consumer and leaves once acknowledged. A companion cursor log lies beside each data log. */
    QUEUE;

    /** The topic configuration that names the kind when a destination is created. */
    public static final String CONFIGURATION_KEY = "destination.kind";

    /**
     * Reads the value of {@link #CONFIGURATION_KEY}.
     *
     * @throws IllegalArgumentException when it is neither {@code topic} nor {@code queue}
     */
    public static DestinationKind parse(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "topic" -> TOPIC;
            case "queue" -> QUEUE;
            default ->
                throw new IllegalArgumentException(
                        CONFIGURATION_KEY + " is '" + value + "'; it must be 'topic' or 'queue'");
        };
    }

    /** The value of {@link #CONFIGURATION_KEY} for this kind. */
    public String configurationValue() {
        return name().toLowerCase(Locale.ROOT);
    }
}
