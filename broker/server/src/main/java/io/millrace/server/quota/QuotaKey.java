package io.millrace.server.quota;

import java.util.Optional;
import java.util.stream.Stream;

/** What a quota limits, by Kafka's names. */
public enum QuotaKey {
    PRODUCER_BYTE_RATE("producer_byte_rate", RateWindow.WINDOW_MS),
    CONSUMER_BYTE_RATE("consumer_byte_rate", RateWindow.WINDOW_MS),
    /** How much of a thread's time requests may take, in percent of one thread (KIP-124). */
    REQUEST_PERCENTAGE("request_percentage", RateWindow.SAMPLE_MS),
    /** How many partitions may be created and deleted in a second (KIP-599). */
    CONTROLLER_MUTATION_RATE("controller_mutation_rate", RateWindow.WINDOW_MS);

    private final String key;
    private final long pauseMsMax;

    QuotaKey(String key, long pauseMsMax) {
        this.key = key;
        this.pauseMsMax = pauseMsMax;
    }

    /** Bound on the time for which a connection is not read on account of one request. */
    long pauseMsMax() {
        return pauseMsMax;
    }

    public String key() {
        return key;
    }

    public static Optional<QuotaKey> of(String key) {
        return Stream.of(values()).filter(each -> each.key.equals(key)).findFirst();
    }
}
