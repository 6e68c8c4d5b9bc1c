package io.millrace.coordinator.queue;

import java.util.Optional;

/**
 * Up to which offset a cursor may deliver: what its log says may have been delivered.
 *
 * <p>Owned by the loop that dispatches the partition. Reserved ahead, so that a delivery hardly ever waits for a commit; not far ahead, because the next leader
 * takes all of it for delivered. One reservation is under way at a time.
 */
final class DeliveryReservation {
    /** The least that is reserved at once, in offsets. */
    static final int AHEAD_MIN = 64;

    static final int AHEAD_MAX = 4_096;

    /** So many times what is acquired at once is reserved at once. */
    private static final int AHEAD_FACTOR = 4;

    private long committedUpTo;
    private long askedUpTo;
    private long ahead = AHEAD_MIN;

    DeliveryReservation(long startOffset) {
        this.committedUpTo = startOffset;
        this.askedUpTo = startOffset;
    }

    long committedUpTo() {
        return committedUpTo;
    }

    /** At least {@link #committedUpTo}. */
    long askedUpTo() {
        return askedUpTo;
    }

    void onDelivered(long records) {
        ahead = Math.min(AHEAD_MAX, Math.max(AHEAD_MIN, AHEAD_FACTOR * records));
    }

    /** Up to where to reserve now, where less than half of what is reserved ahead is left from the next offset on. */
    Optional<Long> next(long nextOffset) {
        boolean isUnderWay = askedUpTo > committedUpTo;
        if (isUnderWay || committedUpTo - nextOffset > ahead / 2) {
            return Optional.empty();
        }
        askedUpTo = nextOffset + ahead;
        return Optional.of(askedUpTo);
    }

    /** A reservation of this leader or of one before is in the log. */
    void onCommitted(long upTo) {
        committedUpTo = Math.max(committedUpTo, upTo);
        askedUpTo = Math.max(askedUpTo, committedUpTo);
    }

    void onFailed() {
        askedUpTo = committedUpTo;
    }
}
