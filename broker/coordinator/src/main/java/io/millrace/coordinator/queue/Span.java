package io.millrace.coordinator.queue;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive offsets, both ends included, of the same state.
 *
 * @param deliveryCount how often they have been handed to a consumer
 * @param hold null when they may be acquired
 */
record Span(long first, long last, int deliveryCount, @Nullable Hold hold) {

    static Span available(long first, long last, int deliveryCount) {
        return new Span(first, last, deliveryCount, null);
    }

    Span between(long newFirst, long newLast) {
        return new Span(newFirst, newLast, deliveryCount, hold);
    }

    Span held(Hold newHold) {
        return new Span(first, last, deliveryCount, newHold);
    }

    Span released() {
        return available(first, last, deliveryCount);
    }

    boolean isAcquiredBy(ConsumerId consumer) {
        return hold instanceof Hold.Acquired acquired && acquired.consumer().equals(consumer);
    }

    /** Whether the consumer has acquired these records, be it that it is settling them. */
    boolean isHeldBy(ConsumerId consumer) {
        return isAcquiredBy(consumer)
                || (hold instanceof Hold.Settling settling && consumer.equals(settling.consumer()));
    }

    boolean continuesAs(Span next) {
        return last + 1 == next.first && deliveryCount == next.deliveryCount && Objects.equals(hold, next.hold);
    }

    long count() {
        return last - first + 1;
    }
}
