package io.millrace.server.quota;

import java.util.Optional;
import java.util.stream.Stream;

/** What a quota limits, by Kafka's names. */
public enum QuotaKey {
    PRODUCER_BYTE_RATE("producer_byte_rate"),
    CONSUMER_BYTE_RATE("consumer_byte_rate");

    private final String key;

    QuotaKey(String key) {
        this.key = key;
    }

    public String key() {
        return key;
    }

    public static Optional<QuotaKey> of(String key) {
        return Stream.of(values()).filter(each -> each.key.equals(key)).findFirst();
    }
}
