package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Up to which offset a cursor may deliver: what its log says may have been delivered.
 *
 * <p>Owned by the loop that dispatches the partition. Reserved ahead, so that a delivery hardly ever waits for a commit; not far ahead, because the next leader
 * takes all of it for delivered. One reservation is under way at a time. Consumers with selectors may be far ahead: what is theirs is reserved one by one.
 */
final class DeliveryReservation {
    /** The least that is reserved at once, in offsets. */
    static final int AHEAD_MIN = 64;

    static final int AHEAD_MAX = 4_096;

    /** So many times what is acquired at once is reserved at once. */
    private static final int AHEAD_FACTOR = 4;

    /** Single ranges in one record. */
    private static final int RANGES_MAX = 1_000;

    private final @Nullable String subscription;
    private final AcknowledgedOffsets acknowledged;
    private final OffsetSet single = new OffsetSet(); // at or above committedUpTo, and not acknowledged
    private final OffsetSet askedSingle = new OffsetSet();
    private long committedUpTo;
    private long askedUpTo;
    private long ahead = AHEAD_MIN;

    /** @param acknowledged by the cursor, which goes on changing it */
    DeliveryReservation(@Nullable String subscription, AcknowledgedOffsets acknowledged, long startOffset) {
        this.subscription = subscription;
        this.acknowledged = acknowledged;
        this.committedUpTo = startOffset;
        this.askedUpTo = startOffset;
    }

    long committedUpTo() {
        return committedUpTo;
    }

    /** The last offset from this one on up to which all may be delivered; less than it where it may not be. */
    long lastReserved(long offset) {
        if (offset < committedUpTo) {
            return committedUpTo - 1;
        }
        return single.nextGap(offset) - 1;
    }

    /** At least {@link #committedUpTo}. */
    long askedUpTo() {
        return askedUpTo;
    }

    void onDelivered(long records) {
        ahead = Math.min(AHEAD_MAX, Math.max(AHEAD_MIN, AHEAD_FACTOR * records));
    }

    /** What to reserve now, where the consumer will need that soon. */
    Optional<CursorRecord.Delivered> next(Selection selection, ConsumerId consumer) {
        AvailableRecords available = selection.available();
        if (selection.isAll()) {
            return next(nextToDeliver(available, consumer))
                    .map(upTo -> new CursorRecord.Delivered(subscription, upTo, List.of()));
        }
        long first = available.first(consumer);
        List<DeliveryCount> ranges = first == Long.MAX_VALUE ? List.of() : nextOf(available, first);
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(new CursorRecord.Delivered(subscription, committedUpTo, ranges));
    }

    private static long nextToDeliver(AvailableRecords available, ConsumerId consumer) {
        long first = available.first(consumer);
        if (first == Long.MAX_VALUE) {
            return available.scanOffset();
        }
        long plainFirst = available.firstPlain();
        return plainFirst == Long.MAX_VALUE ? first : Math.max(first, plainFirst);
    }

    /** Up to where to reserve now, where less than half of what is reserved ahead is left from the next offset on. */
    private Optional<Long> next(long nextOffset) {
        boolean isUnderWay = askedUpTo > committedUpTo;
        if (isUnderWay || committedUpTo - nextOffset > ahead / 2) {
            return Optional.empty();
        }
        askedUpTo = nextOffset + ahead;
        return Optional.of(askedUpTo);
    }

    /**
     * Of what matches a selector, which may be far ahead of all others: nothing of what lies between.
     *
     * @param first what would be delivered next
     * @return with the count of the delivery that may have been made; empty where the first is reserved or asked for
     */
    private List<DeliveryCount> nextOf(AvailableRecords selection, long first) {
        var ranges = new ArrayList<DeliveryCount>();
        if (lastReserved(first) >= first || askedSingle.contains(first)) {
            return ranges;
        }
        long left = ask(selection, first, Long.MAX_VALUE, ahead, ranges);
        ask(selection, committedUpTo, first, left, ranges); // of a lower priority
        return ranges;
    }

    private long ask(AvailableRecords selection, long from, long end, long count, List<DeliveryCount> ranges) {
        long left = count;
        long next = selection.nextSelected(from);
        while (left > 0 && next < end && ranges.size() < RANGES_MAX) {
            long last = Math.min(Math.min(end, selection.nextNotSelected(next)) - 1, next + left - 1);
            ranges.add(new DeliveryCount(next, last, 1));
            askedSingle.add(next, last);
            left -= last - next + 1;
            next = selection.nextSelected(last + 1);
        }
        return left;
    }

    /** Single records may be delivered, as a reservation of this leader or of one before says. */
    void onCommitted(DeliveryCount range) {
        askedSingle.remove(range.first(), range.last());
        long first = acknowledged.nextGap(Math.max(range.first(), committedUpTo));
        while (first <= range.last()) {
            long last = Math.min(range.last(), acknowledged.nextMember(first) - 1);
            single.add(first, last);
            first = acknowledged.nextGap(last + 1);
        }
    }

    /** What a checkpoint must say beside {@link #askedUpTo}: single records that may have been delivered. */
    List<DeliveryCount> single() {
        var ranges = new ArrayList<DeliveryCount>();
        for (long from = single.first(); from < Long.MAX_VALUE; from = single.nextMember(single.nextGap(from))) {
            ranges.add(new DeliveryCount(from, single.nextGap(from) - 1, 1));
        }
        return ranges;
    }

    /** Records are acknowledged. */
    void forget(long first, long last) {
        if (!single.isEmpty()) {
            single.remove(first, last);
        }
        if (!askedSingle.isEmpty()) {
            askedSingle.remove(first, last);
        }
    }

    /** A reservation of this leader or of one before is in the log. */
    void onCommitted(long upTo) {
        committedUpTo = Math.max(committedUpTo, upTo);
        askedUpTo = Math.max(askedUpTo, committedUpTo);
        if (!single.isEmpty()) {
            single.remove(0, committedUpTo - 1);
        }
    }

    void onFailed() {
        askedUpTo = committedUpTo;
        askedSingle.remove(0, Long.MAX_VALUE - 1);
    }
}
