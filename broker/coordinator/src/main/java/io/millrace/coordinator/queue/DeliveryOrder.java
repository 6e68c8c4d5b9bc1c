package io.millrace.coordinator.queue;

/**
 * The order in which available records are delivered, as one number each: higher priorities first; of one priority what was given
 * back before what is new; then by offset.
 */
final class DeliveryOrder {
    /** The place of no record: behind all. */
    static final long NOWHERE = Long.MAX_VALUE;

    private static final int OFFSET_BITS = 58; // at a million records a second, 9,000 years
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

    private DeliveryOrder() {}

    static int rank(int priority, boolean isGivenBack) {
        return 2 * (DeliveryHeaders.PRIORITY_MAX - priority) + (isGivenBack ? 0 : 1);
    }

    static long place(int rank, long offset) {
        return ((long) rank << OFFSET_BITS) | offset;
    }

    static long offsetAt(long place) {
        return place & OFFSET_MASK;
    }

    static int rankAt(long place) {
        return (int) (place >>> OFFSET_BITS);
    }
}
