package io.millrace.cdi;

import java.io.Serializable;

/**
 * Sends payloads to the destination it was injected for.
 *
 * <p>A {@code String} becomes a TextMessage, a {@code byte[]} a BytesMessage, and any other object a TextMessage with
 * the JSON that JSON-B makes of it as a {@code T}. Inside a JTA transaction what is sent is part of the transaction, as
 * far as the connection factory takes part; outside, {@code send} returns when the broker has stored the message.
 *
 * <p>Safe for use by any thread: each send takes a connection of the container's pool and gives it back.
 *
 * @param <T> the payload's type
 */
public interface Producer<T> extends Serializable {

    /**
     * Sends a payload.
     *
     * @throws jakarta.jms.JMSRuntimeException where it cannot be sent; the message says why
     * @throws IllegalArgumentException where the payload is null or cannot be written as JSON
     */
    default void send(T payload) {
        send(payload, SendOptions.none());
    }

    /** Sends a payload with a key, properties or header fields. */
    void send(T payload, SendOptions options);
}
