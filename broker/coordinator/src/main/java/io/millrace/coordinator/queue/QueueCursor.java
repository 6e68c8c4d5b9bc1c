package io.millrace.coordinator.queue;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription of one partition has delivered and acknowledged.
 *
 * <p>Owned by the loop that dispatches the partition. Only the leader has one, restored from the cursor log.
 *
 * <pre>
 *                acquire                    acknowledge(ACCEPT, REJECT)
 *   AVAILABLE ------------->  ACQUIRED  ---------------------------------->  SETTLING
 *       ^                      |    ^                                         |    |
 *       |   RELEASE, RETURN,   |    |               onAppendFailed            |    | replay(Acknowledged)
 *       +----------------------+    +-----------------------------------------+    |
 *       |   onConsumerGone                                                    |    v
 *       +---------------------------------------------------------------------+   ACKNOWLEDGED
 *                         onAppendFailed, the consumer gone
 * </pre>
 *
 * <p>Invariant: every offset from the start of the log on is in exactly one of these places: acknowledged, held (acquired or
 * settling), returned (available again, its count known), or at or above the scan offset and in none of the former, which
 * means available. Memory therefore follows the number of records held and returned, which is bounded, and the
 * number of scattered acknowledgements at a bit each; never the distance between the first and the last of them.
 */
public final class QueueCursor {
    /** Above this many the list of new counts is dropped, and the next record carries all counts instead. */
    static final int UNSAVED_COUNTS_MAX = 10_000;

    /** Deliveries are counted up to this, far from where the sum of two counts would be negative. */
    private static final int COUNT_MAX = 1_000_000_000;

    private final @Nullable String subscription;
    private final long heldMax;
    private final AcknowledgedOffsets acknowledged;
    private final SpanMap held = new SpanMap();
    private final SpanMap returned = new SpanMap();
    private long scanOffset;
    /** Below it, what an earlier leader may have delivered. */
    private long deliveredBefore;

    private final DeliveryReservation reservation;
    private List<DeliveryCount> unsavedCounts = new ArrayList<>();

    /**
     * A cursor to which everything from the start offset on is available.
     *
     * @param subscription null for the one that a queue has from the beginning
     * @param heldMax the most records that are acquired, settling or waiting for their next delivery at once
     */
    QueueCursor(@Nullable String subscription, long startOffset, int heldMax) {
        this.subscription = subscription;
        this.heldMax = heldMax;
        this.acknowledged = new AcknowledgedOffsets(startOffset);
        this.scanOffset = startOffset;
        this.deliveredBefore = startOffset;
        this.reservation = new DeliveryReservation(startOffset);
    }

    public @Nullable String subscription() {
        return subscription;
    }

    /** The first offset that is not acknowledged: what is below has been settled for good. */
    public long prefixEnd() {
        return acknowledged.prefixEnd();
    }

    /** How many offsets below the end are not acknowledged; rather too many where acknowledgements lie scattered by the ten thousands. */
    public long unacknowledgedBelow(long end) {
        return acknowledged.gapsBelow(end, UNSAVED_COUNTS_MAX);
    }

    /** How many records are acquired or settling. */
    public long heldRecords() {
        return held.records();
    }

    /** The first offset from this one on that is not acknowledged, whoever holds it and whether or not there is a record. */
    public long nextUnacknowledged(long from) {
        return acknowledged.nextGap(from);
    }

    /** The first offset from this one on that is acknowledged; {@link Long#MAX_VALUE} where there is none. */
    public long nextAcknowledged(long from) {
        return acknowledged.nextMember(from);
    }

    /** The first record that could be acquired now, of those below {@code endOffset}. */
    public OptionalLong firstAvailable(long endOffset) {
        long first = Math.min(returned.firstOffset(), firstFresh());
        return first < endOffset && held.records() < heldMax ? OptionalLong.of(first) : OptionalLong.empty();
    }

    /** The first record that was never handed out here, as far as a reservation allows to hand it out. */
    private long firstFresh() {
        long first = acknowledged.nextGap(scanOffset);
        return first < reservation.committedUpTo() ? first : Long.MAX_VALUE;
    }

    /**
     * Hands available records to a consumer: in offset order, so that what came back goes out again first.
     *
     * @param maxRecords the most it takes
     * @param endOffset nothing at or above is handed out; at most the high watermark
     * @return disjoint ranges in offset order, each with the count of deliveries this one included
     */
    public List<DeliveryCount> acquire(ConsumerId consumer, int maxRecords, long endOffset) {
        var acquired = new ArrayList<DeliveryCount>();
        var hold = new Hold.Acquired(consumer);
        long wanted = Math.min(maxRecords, heldMax - held.records());
        while (wanted > 0) {
            Span span = takeAvailable(endOffset, wanted);
            if (span == null) {
                break;
            }
            held.put(new Span(span.first(), span.last(), span.deliveryCount() + 1, hold));
            acquired.add(new DeliveryCount(span.first(), span.last(), span.deliveryCount() + 1));
            wanted -= span.count();
        }
        noteDelivered(acquired);
        return acquired;
    }

    private @Nullable Span takeAvailable(long endOffset, long countMax) {
        long fresh = firstFresh();
        long back = returned.firstOffset();
        long first = Math.min(fresh, back);
        if (first >= endOffset) {
            return null;
        }
        return back <= fresh
                ? takeReturned(back, Math.min(endOffset, first + countMax) - 1)
                : takeFresh(fresh, Math.min(reservedEnd(endOffset, back), first + countMax) - 1);
    }

    private long reservedEnd(long endOffset, long firstReturned) {
        return Math.min(reservation.committedUpTo(), Math.min(endOffset, firstReturned));
    }

    private Span takeReturned(long first, long lastMax) {
        Span whole = returned.first();
        Span taken = returned.cut(first, Math.min(lastMax, whole.last())).get(0);
        scanOffset = Math.max(scanOffset, taken.last() + 1);
        return taken;
    }

    private Span takeFresh(long first, long lastMax) {
        int deliveryCount = first < deliveredBefore ? 1 : 0;
        long last = Math.min(lastMax, acknowledged.nextMember(first) - 1);
        if (first < deliveredBefore) {
            last = Math.min(last, deliveredBefore - 1);
        }
        scanOffset = last + 1;
        return Span.available(first, last, deliveryCount);
    }

    private void noteDelivered(List<DeliveryCount> acquired) {
        reservation.onDelivered(
                acquired.stream().mapToLong(DeliveryCount::count).sum());
        acquired.stream().filter(range -> range.deliveryCount() > 1).forEach(unsavedCounts::add);
        if (unsavedCounts.size() > UNSAVED_COUNTS_MAX) {
            unsavedCounts = counts();
        }
    }

    /**
     * Settles records that the consumer has acquired: all of them or, where one is not its own, none.
     *
     * <p>What is released is available at once. What is accepted or rejected is out of reach from now on, and acknowledged
     * once its record has been replayed; where the append fails, {@link #onAppendFailed} gives it back.
     *
     * @return NONE; INVALID_RECORD_STATE where the consumer does not hold all of it; INVALID_REQUEST for ranges that
     *     overlap or end before they begin
     */
    public Outcome<CursorRecord, ErrorCode> acknowledge(UUID consumerId, List<Settlement> settlements) {
        if (!Settlement.areDisjoint(settlements)) {
            return Outcome.answer(ErrorCode.INVALID_REQUEST);
        }
        for (Settlement settlement : settlements) {
            if (!held.covers(settlement.first(), settlement.last(), span -> span.isAcquiredBy(consumerId))) {
                return Outcome.answer(ErrorCode.INVALID_RECORD_STATE);
            }
        }
        var accepted = new ArrayList<OffsetRange>();
        var rejected = new ArrayList<OffsetRange>();
        for (Settlement settlement : settlements) {
            switch (settlement.verdict()) {
                case ACCEPT -> settle(settlement.range(), accepted);
                case REJECT -> settle(settlement.range(), rejected);
                case RELEASE, RETURN -> release(settlement);
            }
        }
        var records = new ArrayList<CursorRecord>(2);
        if (!accepted.isEmpty()) {
            records.add(CursorRecord.Acknowledged.of(subscription, AcknowledgeOutcome.ACCEPTED, accepted));
        }
        if (!rejected.isEmpty()) {
            records.add(CursorRecord.Acknowledged.of(subscription, AcknowledgeOutcome.REJECTED, rejected));
        }
        return new Outcome<>(records, ErrorCode.NONE);
    }

    private void settle(OffsetRange range, List<OffsetRange> settled) {
        held.cut(range.first(), range.last()).forEach(span -> held.put(span.settling()));
        settled.add(range);
    }

    private void release(Settlement settlement) {
        // The acquisition has counted one delivery already.
        int more = settlement.verdict() == Verdict.RETURN ? -1 : settlement.deliveries() - 1;
        for (Span span : held.cut(settlement.first(), settlement.last())) {
            int deliveryCount = Math.min(COUNT_MAX, span.deliveryCount() + more);
            returned.put(Span.available(span.first(), span.last(), deliveryCount));
        }
    }

    /**
     * The records of an outcome will not be committed: gives back what they would have acknowledged. Not to be called
     * while they may still be committed, nor when the leadership is lost, as the cursor then ends with it.
     */
    public void onAppendFailed(List<CursorRecord> records) {
        for (CursorRecord cursorRecord : records) {
            if (cursorRecord instanceof CursorRecord.Acknowledged notAcknowledged) {
                notAcknowledged.ranges().forEach(this::unsettle);
            }
        }
    }

    private void unsettle(OffsetRange range) {
        for (Span span : held.cut(range.first(), range.last())) {
            if (span.hold() instanceof Hold.Settling settling) {
                ConsumerId consumer = settling.consumer();
                if (consumer == null) {
                    returned.put(span.released());
                } else {
                    held.put(span.held(new Hold.Acquired(consumer)));
                }
            } else {
                held.put(span);
            }
        }
    }

    /** Makes available what the consumer had acquired over the connection and not settled; how many records that was. */
    public long onConsumerGone(ConsumerId consumer) {
        return onGone(span -> span.isHeldBy(consumer));
    }

    /** Makes available what all consumers had acquired over the connection and not settled; how many records that was. */
    public long onConnectionClosed(long connectionId) {
        return onGone(span -> span.isHeldOver(connectionId));
    }

    private long onGone(Predicate<Span> condition) {
        long released = 0;
        for (Span span : held.remove(condition)) {
            if (span.hold() instanceof Hold.Settling) {
                held.put(span.held(new Hold.Settling(null)));
            } else {
                returned.put(span.released());
                released += span.count();
            }
        }
        return released;
    }

    /**
     * Counts above 1 since this was asked last, to be appended to the cursor log and not waited for. Where the leader dies before they
     * are committed, some records may be delivered again with a count that is too low, but never with 1.
     */
    public Optional<CursorRecord> takeUnsavedDeliveries() {
        if (unsavedCounts.isEmpty()) {
            return Optional.empty();
        }
        var delivered = new CursorRecord.Delivered(subscription, reservation.askedUpTo(), List.copyOf(unsavedCounts));
        unsavedCounts = new ArrayList<>();
        return Optional.of(delivered);
    }

    /**
     * A record that allows to deliver more offsets than now, where that will be needed soon; {@link #onReserved} or {@link
     * #onReservationFailed} must follow. A record is handed out only when the log says that it may have been, so that the next
     * leader marks it.
     */
    public Optional<CursorRecord.Delivered> reserve() {
        return reservation
                .next(acknowledged.nextGap(scanOffset))
                .map(upTo -> new CursorRecord.Delivered(subscription, upTo, List.of()));
    }

    /** The record is committed: what lies below may be handed out. */
    public void onReserved(CursorRecord.Delivered reserved) {
        reservation.onCommitted(reserved.deliveredUpTo());
    }

    /** The record of {@link #reserve} will not be committed. */
    public void onReservationFailed() {
        reservation.onFailed();
    }

    /** Everything is replayed. Records from this offset on were appended by the leader that dispatches now, so that no other can have delivered them. */
    void onLeading(long firstOwnOffset) {
        deliveredBefore = Math.min(deliveredBefore, firstOwnOffset);
    }

    /** All records that have been delivered more than once and are not acknowledged, as far as that is known. */
    List<DeliveryCount> counts() {
        var counts = new ArrayList<DeliveryCount>();
        for (SpanMap spans : List.of(returned, held)) {
            for (Span span : spans.spans()) {
                if (span.deliveryCount() > 1) {
                    counts.add(new DeliveryCount(span.first(), span.last(), span.deliveryCount()));
                }
            }
        }
        return counts;
    }

    /** The log begins here now: what is below is gone, whoever holds it. */
    public void onLogStartOffset(long logStartOffset) {
        if (logStartOffset <= 0) {
            return;
        }
        acknowledged.addBelow(logStartOffset);
        held.cut(0, logStartOffset - 1);
        returned.cut(0, logStartOffset - 1);
    }

    /** Takes effect of what has been committed; also of what is known already. */
    void replay(CursorRecord.Acknowledged committed) {
        for (OffsetRange range : committed.ranges()) {
            acknowledged.add(range.first(), range.last());
            held.cut(range.first(), range.last());
            returned.cut(range.first(), range.last());
        }
    }

    /** Everything below is acknowledged. */
    void replayBelow(long end) {
        onLogStartOffset(end);
    }

    /** The members of the block are acknowledged; takes it over. */
    void replayBlock(long baseOffset, OffsetBlock block) {
        for (int first = block.nextMember(0);
                first < OffsetBlock.SIZE;
                first = block.nextMember(block.nextGap(first))) {
            returned.cut(baseOffset + first, baseOffset + block.nextGap(first) - 1);
        }
        acknowledged.merge(baseOffset, block);
    }

    /** Takes over what an earlier leader has delivered. A cursor that dispatches already knows more, and changes nothing. */
    void replay(CursorRecord.Delivered delivered) {
        restoreDeliveredUpTo(delivered.deliveredUpTo());
        delivered.counts().forEach(this::restoreCount);
    }

    void restoreDeliveredUpTo(long offset) {
        deliveredBefore = Math.max(deliveredBefore, offset);
        reservation.onCommitted(offset);
    }

    void restoreCount(DeliveryCount count) {
        if (!held.isEmpty()) {
            return;
        }
        long first = acknowledged.nextGap(count.first());
        while (first <= count.last()) {
            long last = Math.min(count.last(), acknowledged.nextMember(first) - 1);
            raiseCount(first, last, count.deliveryCount());
            first = acknowledged.nextGap(last + 1);
        }
    }

    private void raiseCount(long first, long last, int deliveryCount) {
        long next = first;
        for (Span known : returned.cut(first, last)) {
            if (known.first() > next) {
                returned.put(Span.available(next, known.first() - 1, deliveryCount));
            }
            returned.put(Span.available(known.first(), known.last(), Math.max(known.deliveryCount(), deliveryCount)));
            next = known.last() + 1;
        }
        if (next <= last) {
            returned.put(Span.available(next, last, deliveryCount));
        }
    }

    AcknowledgedOffsets acknowledged() {
        return acknowledged;
    }

    long reservedUpTo() {
        return reservation.committedUpTo();
    }

    /** What a checkpoint must say: below it, records may have been delivered. */
    long deliveredUpTo() {
        return reservation.askedUpTo();
    }
}
