package io.millrace.faults.history;

import java.util.Locale;

/** What must not be in a history. */
public enum AnomalyKind {
    /** An acknowledged send, below records that were read, that nobody ever read. */
    LOST_WRITE,
    /** An acknowledged send, beyond all that was read, that nobody had read when everything was read at the end. */
    UNSEEN,
    /** A send that was refused before it left, and was read nevertheless. */
    REFUSED_YET_READ,
    /** One value at two offsets. */
    DUPLICATE,
    /** One offset with two values. */
    INCONSISTENT_OFFSETS,
    /** A consumer of assigned partitions passed over a record. */
    POLL_SKIP,
    /** A consumer of assigned partitions went back. */
    NONMONOTONIC_POLL,
    /** A producer's later record got a lower offset than its earlier one of the same partition. */
    NONMONOTONIC_SEND,
    /** A consumer got a message again whose acknowledgement it had been confirmed. */
    ACKNOWLEDGED_THEN_REDELIVERED,
    /** A consumer got a message whose acknowledgement another had been confirmed. */
    DELIVERED_AFTER_ACKNOWLEDGEMENT,
    /** Two consumers were confirmed the acknowledgement of one message. */
    ACKNOWLEDGED_TWICE,
    /** An acknowledged send to a queue that was neither acknowledged by a consumer nor delivered in the end. */
    LOST_MESSAGE,
    /** A message delivered again with a lower delivery count, or not marked as delivered before. */
    DELIVERY_COUNT_NOT_MONOTONE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
