package io.millrace.coordinator.queue;

import io.millrace.protocol.wire.MalformedMessageException;

/** Why a record goes to the dead-letter queue. */
public enum DeathCause {
    /** It was delivered as often as it may be, and never processed. */
    MAX_DELIVERIES(1, "max.deliveries"),
    /** A consumer has said that it cannot be processed. */
    REJECTED(2, "rejected"),
    /** Its time was over while nobody had it. */
    EXPIRED(3, "expired");

    private final byte id;
    private final String text;

    DeathCause(int id, String text) {
        this.id = (byte) id;
        this.text = text;
    }

    byte id() {
        return id;
    }

    static DeathCause ofId(byte id) {
        for (DeathCause cause : values()) {
            if (cause.id == id) {
                return cause;
            }
        }
        throw new MalformedMessageException(
                "A dead record has cause " + id + "; known are 1 (max.deliveries), 2 (rejected) and 3 (expired)");
    }

    /** As it is told to consumers of the dead-letter queue. */
    @Override
    public String toString() {
        return text;
    }
}
