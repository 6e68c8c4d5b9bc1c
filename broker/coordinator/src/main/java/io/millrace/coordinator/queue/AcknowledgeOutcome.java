package io.millrace.coordinator.queue;

import io.millrace.protocol.wire.MalformedMessageException;

/** Why a record is never delivered again. */
public enum AcknowledgeOutcome {
    ACCEPTED(1),
    REJECTED(2),
    /** Its time was over while nobody had it. */
    EXPIRED(3),
    /** The dead-letter queue has it. */
    DEAD(4);

    private final byte id;

    AcknowledgeOutcome(int id) {
        this.id = (byte) id;
    }

    byte id() {
        return id;
    }

    static AcknowledgeOutcome ofId(byte id) {
        for (AcknowledgeOutcome outcome : values()) {
            if (outcome.id == id) {
                return outcome;
            }
        }
        throw new MalformedMessageException("An acknowledgement has outcome " + id
                + "; known are 1 (accepted), 2 (rejected), 3 (expired) and 4 (dead)");
    }
}
