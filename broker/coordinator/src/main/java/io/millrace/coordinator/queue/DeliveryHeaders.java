package io.millrace.coordinator.queue;

/**
 * What the headers of a record, and its key, say of its delivery.
 *
 * <p>Mutable, so that one serves for all records of a log; not safe for use by several threads.
 */
public final class DeliveryHeaders {
    public static final int PRIORITY_MAX = 9;
    public static final int DEFAULT_PRIORITY = 4;
    /** Of a record without a time of delivery, without an expiration, or without a group. */
    public static final long NONE = 0;

    private long deliveryTimeMs;
    private long expirationMs;
    private int priority = DEFAULT_PRIORITY;
    private long group;

    /** As of a record that says nothing. */
    public void clear() {
        deliveryTimeMs = NONE;
        expirationMs = NONE;
        priority = DEFAULT_PRIORITY;
        group = NONE;
    }

    public long deliveryTimeMs() {
        return deliveryTimeMs;
    }

    /** Before this time, in milliseconds since 1970, the record is not delivered. */
    public void deliveryTimeMs(long timeMs) {
        deliveryTimeMs = timeMs;
    }

    public long expirationMs() {
        return expirationMs;
    }

    /** From this time on, in milliseconds since 1970, the record is not delivered any more. */
    public void expirationMs(long timeMs) {
        expirationMs = timeMs;
    }

    public int priority() {
        return priority;
    }

    /** What is out of range counts as the nearest. */
    public void priority(long newPriority) {
        priority = (int) Math.max(0, Math.min(PRIORITY_MAX, newPriority));
    }

    public long group() {
        return group;
    }

    /** @param hash of the group's name; two groups of one hash are treated as one */
    public void group(long hash) {
        group = hash == NONE ? 1 : hash;
    }

    boolean isExpired(long nowMs) {
        return expirationMs != NONE && expirationMs <= nowMs;
    }

    /** Whether it may be delivered in the order of the log, to anybody, at any time that is not before its delivery time. */
    boolean isOrdinary() {
        return priority == DEFAULT_PRIORITY && group == NONE && expirationMs == NONE;
    }

    /** Whether there is nothing to be heeded now or later. */
    public boolean isPlain(long nowMs) {
        return isOrdinary() && deliveryTimeMs <= nowMs;
    }

    /** When it must be looked at again, where it is not due. */
    long nextLookMs() {
        return expirationMs == NONE ? deliveryTimeMs : Math.min(deliveryTimeMs, expirationMs);
    }
}
