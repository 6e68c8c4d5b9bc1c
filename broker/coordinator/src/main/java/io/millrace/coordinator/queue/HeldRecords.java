package io.millrace.coordinator.queue;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The records of one cursor that are out of reach: acquired by a consumer, or being settled.
 *
 * <p>Not safe for use by several threads.
 */
final class HeldRecords {
    /** Why nobody holds records any more. */
    enum Cause {
        /** They were not handed to the application, or could not be settled. */
        RETURNED,
        /** Their consumer has said that it failed. */
        FAILED,
        /** Their consumer has said that they cannot be processed. */
        REJECTED,
        /** Their consumer is gone. */
        LOST
    }

    /** Receives records that nobody holds any more, with the count of their deliveries. */
    @FunctionalInterface
    interface Receiver {
        /** @param error what their consumer has said of it, or null */
        void receive(Span released, Cause cause, @Nullable String error);
    }

    /** Deliveries are counted up to this, far from where the sum of two counts would be negative. */
    private static final int COUNT_MAX = 1_000_000_000;

    private final SpanMap spans = new SpanMap();
    private final Receiver released;

    /** @param released is given what becomes available again */
    HeldRecords(Receiver released) {
        this.released = released;
    }

    long records() {
        return spans.records();
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** The first offset from this one on that is held; {@link Long#MAX_VALUE} where there is none. */
    long nextHeld(long from) {
        return spans.find(from) == null ? spans.nextFirst(from) : from;
    }

    /** The first offset from this one on that is not held. */
    long nextFree(long from) {
        long next = from;
        for (Span span = spans.find(next); span != null; span = spans.find(next)) {
            next = span.last() + 1;
        }
        return next;
    }

    /** @param deliveryCount the delivery by which they are acquired included */
    void acquire(long first, long last, int deliveryCount, ConsumerId consumer) {
        spans.put(new Span(first, last, deliveryCount, new Hold.Acquired(consumer)));
    }

    /** Records that nobody is to have for some time; how often they were delivered is not forgotten. */
    void pause(Span span) {
        spans.put(span.held(new Hold.Settling(null)));
    }

    /** Records that nobody is to have are being settled. */
    void withhold(long first, long last) {
        spans.put(new Span(first, last, 0, new Hold.Settling(null)));
    }

    /**
     * As {@link QueueCursor#acknowledge}.
     *
     * @param knowsDeath whether what is rejected is given up to the receiver, and not settled
     */
    Outcome<CursorRecord, ErrorCode> acknowledge(
            @Nullable String subscription, UUID consumerId, List<Settlement> settlements, boolean knowsDeath) {
        if (!Settlement.areDisjoint(settlements)) {
            return Outcome.answer(ErrorCode.INVALID_REQUEST);
        }
        for (Settlement settlement : settlements) {
            if (!spans.covers(settlement.first(), settlement.last(), span -> span.isAcquiredBy(consumerId))) {
                return Outcome.answer(ErrorCode.INVALID_RECORD_STATE);
            }
        }
        var accepted = new ArrayList<OffsetRange>();
        var rejected = new ArrayList<OffsetRange>();
        for (Settlement settlement : settlements) {
            switch (settlement.verdict()) {
                case ACCEPT -> settle(settlement.range(), accepted);
                case REJECT -> {
                    if (knowsDeath) {
                        release(settlement);
                    } else {
                        settle(settlement.range(), rejected);
                    }
                }
                case RELEASE, RETURN -> release(settlement);
            }
        }
        var records = new ArrayList<CursorRecord>(2);
        CursorRecord.Acknowledged.addTo(records, subscription, AcknowledgeOutcome.ACCEPTED, accepted);
        CursorRecord.Acknowledged.addTo(records, subscription, AcknowledgeOutcome.REJECTED, rejected);
        return new Outcome<>(records, ErrorCode.NONE);
    }

    private void settle(OffsetRange range, List<OffsetRange> settled) {
        spans.cut(range.first(), range.last()).forEach(span -> spans.put(span.settling()));
        settled.add(range);
    }

    private void release(Settlement settlement) {
        // The acquisition has counted one delivery already.
        int more = settlement.verdict() == Verdict.RETURN ? -1 : settlement.deliveries() - 1;
        for (Span span : spans.cut(settlement.first(), settlement.last())) {
            int deliveryCount = Math.min(COUNT_MAX, span.deliveryCount() + more);
            released.receive(
                    Span.available(span.first(), span.last(), deliveryCount),
                    causeOf(settlement.verdict()),
                    settlement.error());
        }
    }

    private static Cause causeOf(Verdict verdict) {
        return switch (verdict) {
            case RELEASE -> Cause.FAILED;
            case REJECT -> Cause.REJECTED;
            case ACCEPT, RETURN -> Cause.RETURNED;
        };
    }

    /** Nobody holds them any more; in offset order. */
    List<Span> take(long first, long last) {
        return spans.cut(first, last);
    }

    /** They could not be settled: they go back to their consumer, or to all. */
    void unsettle(OffsetRange range) {
        for (Span span : spans.cut(range.first(), range.last())) {
            if (span.hold() instanceof Hold.Settling settling) {
                ConsumerId consumer = settling.consumer();
                if (consumer == null) {
                    released.receive(span, Cause.RETURNED, null);
                } else {
                    spans.put(span.held(new Hold.Acquired(consumer)));
                }
            } else {
                spans.put(span);
            }
        }
    }

    /** The holders of what satisfies the condition are gone; how many records become available by that. */
    long onGone(Predicate<Span> condition) {
        long count = 0;
        for (Span span : spans.remove(condition)) {
            if (span.hold() instanceof Hold.Settling) {
                spans.put(span.held(new Hold.Settling(null)));
            } else {
                released.receive(span, Cause.LOST, null);
                count += span.count();
            }
        }
        return count;
    }

    /** What has been delivered more than once. */
    List<DeliveryCount> repeated() {
        return DeliveryCounts.repeated(spans);
    }
}
