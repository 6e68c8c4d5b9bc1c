package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How often records that nobody holds have been delivered.
 *
 * <p>Not safe for use by several threads. Kept as spans where this leader knows it; else it is 1 for what an earlier leader may have
 * delivered, and 0 above that.
 */
final class DeliveryCounts {
    /** Above this many the list of new counts is dropped, and the next record carries all counts instead. */
    static final int UNSAVED_MAX = 10_000;

    private final SpanMap known = new SpanMap();
    private final OffsetSet undelivered = new OffsetSet(); // below the next, and certainly not delivered
    private long deliveredBefore;
    private List<DeliveryCount> unsaved = new ArrayList<>();

    DeliveryCounts(long startOffset) {
        this.deliveredBefore = startOffset;
    }

    /** The record has not been delivered by anybody, unless this leader knows better. */
    void onUndelivered(long offset) {
        if (offset < deliveredBefore) {
            undelivered.add(offset, offset);
        }
    }

    /** Earlier leaders may have delivered what is below. */
    void restoreDeliveredUpTo(long offset) {
        deliveredBefore = Math.max(deliveredBefore, offset);
    }

    /** Earlier leaders cannot have delivered what is at or above. */
    void onLeading(long firstOwnOffset) {
        deliveredBefore = Math.min(deliveredBefore, firstOwnOffset);
    }

    int of(long offset) {
        Span span = known.find(offset);
        if (span != null) {
            return span.deliveryCount();
        }
        return offset < deliveredBefore && !undelivered.contains(offset) ? 1 : 0;
    }

    /** The last offset, counted from this one on, up to which all have the same count. */
    long lastOfSame(long offset) {
        Span span = known.find(offset);
        if (span != null) {
            return span.last();
        }
        long end = known.nextFirst(offset);
        if (offset < deliveredBefore) {
            end = Math.min(end, deliveredBefore);
            end = Math.min(
                    end, undelivered.contains(offset) ? undelivered.nextGap(offset) : undelivered.nextMember(offset));
        }
        return end - 1;
    }

    /** The count of records that nobody holds any more. */
    void put(long first, long last, int deliveryCount) {
        known.put(Span.available(first, last, deliveryCount));
    }

    /** Records that are held or acknowledged from now on. */
    void remove(long first, long last) {
        known.cut(first, last);
        undelivered.remove(first, last);
    }

    /** Takes over what an earlier leader knew, of what is not acknowledged. */
    void restore(DeliveryCount count, AcknowledgedOffsets acknowledged) {
        long first = acknowledged.nextGap(count.first());
        while (first <= count.last()) {
            long last = Math.min(count.last(), acknowledged.nextMember(first) - 1);
            raise(first, last, count.deliveryCount());
            first = acknowledged.nextGap(last + 1);
        }
    }

    private void raise(long first, long last, int deliveryCount) {
        long next = first;
        for (Span span : known.cut(first, last)) {
            if (span.first() > next) {
                put(next, span.first() - 1, deliveryCount);
            }
            put(span.first(), span.last(), Math.max(span.deliveryCount(), deliveryCount));
            next = span.last() + 1;
        }
        if (next <= last) {
            put(next, last, deliveryCount);
        }
    }

    /**
     * Records have been handed out.
     *
     * @param all counts of more than one delivery, of held records too
     */
    void onDelivered(List<DeliveryCount> acquired, Supplier<List<DeliveryCount>> all) {
        acquired.stream().filter(range -> range.deliveryCount() > 1).forEach(unsaved::add);
        if (unsaved.size() > UNSAVED_MAX) {
            unsaved = all.get();
        }
    }

    /** Counts of more than one delivery that are new since this was asked last. */
    List<DeliveryCount> takeUnsaved() {
        List<DeliveryCount> taken = List.copyOf(unsaved);
        unsaved = new ArrayList<>();
        return taken;
    }

    /** What is known to have been delivered more than once. */
    List<DeliveryCount> repeated() {
        return repeated(known);
    }

    static List<DeliveryCount> repeated(SpanMap spans) {
        var repeated = new ArrayList<DeliveryCount>();
        for (Span span : spans.spans()) {
            if (span.deliveryCount() > 1) {
                repeated.add(new DeliveryCount(span.first(), span.last(), span.deliveryCount()));
            }
        }
        return repeated;
    }
}
