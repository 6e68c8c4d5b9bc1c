package io.millrace.coordinator.queue;

import java.util.Objects;
import java.util.UUID;
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

    /** Whether the consumer has acquired these records and not settled them, over whichever connection. */
    boolean isAcquiredBy(UUID consumerId) {
        return hold instanceof Hold.Acquired acquired
                && acquired.consumer().consumerId().equals(consumerId);
    }

    /** Whether the connection has brought these records to the consumer, be it that it is settling them. */
    boolean isHeldBy(ConsumerId consumer) {
        return consumer.equals(holder());
    }

    /** Whether the connection has brought these records, be it that they are being settled. */
    boolean isHeldOver(long connectionId) {
        ConsumerId holder = holder();
        return holder != null && holder.connectionId() == connectionId;
    }

    private @Nullable ConsumerId holder() {
        if (hold instanceof Hold.Acquired acquired) {
            return acquired.consumer();
        }
        return hold instanceof Hold.Settling settling ? settling.consumer() : null;
    }

    /** Being settled, whatever was the state before. */
    Span settling() {
        return held(new Hold.Settling(holder()));
    }

    boolean continuesAs(Span next) {
        return last + 1 == next.first && deliveryCount == next.deliveryCount && Objects.equals(hold, next.hold);
    }

    long count() {
        return last - first + 1;
    }
}
