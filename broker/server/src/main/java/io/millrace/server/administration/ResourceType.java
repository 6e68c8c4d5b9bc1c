package io.millrace.server.administration;

import java.util.Optional;
import java.util.stream.Stream;

/** What can be configured, in the words of Kafka's ConfigResource. */
enum ResourceType {
    TOPIC(2),
    BROKER(4),
    BROKER_LOGGER(8),
    CLIENT_METRICS(16),
    GROUP(32);

    private final byte code;

    ResourceType(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static Optional<ResourceType> of(byte code) {
        return Stream.of(values()).filter(type -> type.code == code).findFirst();
    }
}
