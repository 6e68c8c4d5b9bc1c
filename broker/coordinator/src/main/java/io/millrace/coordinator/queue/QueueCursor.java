package io.millrace.coordinator.queue;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription of one partition has delivered and acknowledged.
 *
 * <p>Owned by the loop that dispatches the partition. Only the leader has one, restored from the cursor log.
 *
 * <pre>
 *   DELAYED --due--.
 *                  v
 *                  acquire                    acknowledge(ACCEPT, REJECT)
 *   AVAILABLE ------------->  ACQUIRED  ---------------------------------->  SETTLING
 *     | ^                      |    ^                                         |    |   ^
 *     | |   RELEASE, RETURN,   |    |               onAppendFailed            |    |   |
 *     | +----------------------+    +-----------------------------------------+    |   |
 *     | |   onConsumerGone                                                    |    |   |
 *     | +---------------------------------------------------------------------+    |   |
 *     |                   onAppendFailed, the consumer gone                        |   |
 *     `---------------- expired, or there is no such record ---------------------------'
 *                                                    replay(Acknowledged)          |
 *                                                                                  v
 *                                                                             ACKNOWLEDGED
 * </pre>
 *
 * <p>Invariant: every offset from the start of the log on is in exactly one of these places: acknowledged, held (acquired or
 * settling), or one of the places of {@link AvailableRecords}, which tells available records from delayed ones and from those that
 * nobody has looked at. Memory therefore follows the number of records held and given back, which is bounded, the number of scattered
 * acknowledgements at a bit each, and what was looked at ahead; never the distance between the first and the last of them.
 */
public final class QueueCursor {
    private final @Nullable String subscription;
    private final long heldMax;
    private final AcknowledgedOffsets acknowledged;
    private final HeldRecords held;
    private final UnwantedRecords unwanted;
    private final OffsetSet givenBack = new OffsetSet(); // by consumers, of what nobody holds
    private final Selections selections;
    private final GroupFlights flights = new GroupFlights();
    private final DeliveryCounts counts;
    private final DeliveryReservation reservation;
    private final DeadRecords dead;
    private final FailedDeliveries failed;
    private long latestMs; // the time that somebody has told last

    /**
     * A cursor to which everything from the start offset on is available, as soon as it has been looked at.
     *
     * @param subscription null for the one that a queue has from the beginning
     */
    QueueCursor(@Nullable String subscription, long startOffset, QueueLimits limits) {
        this.subscription = subscription;
        this.heldMax = limits.heldMax();
        this.acknowledged = new AcknowledgedOffsets(startOffset);
        this.counts = new DeliveryCounts(startOffset);
        this.reservation = new DeliveryReservation(subscription, acknowledged, startOffset);
        this.dead = new DeadRecords(acknowledged, heldMax);
        this.failed = new FailedDeliveries(limits.redelivery(), dead);
        this.held = new HeldRecords(this::giveBack);
        this.unwanted = new UnwantedRecords(subscription);
        this.selections = new Selections(
                newSelection(Selection.ALL, startOffset, limits),
                selector -> newSelection(selector, acknowledged.prefixEnd(), limits.ofSelector()),
                ended -> flights.unlisten(ended.onHolderChanged()));
    }

    private Selection newSelection(String selector, long startOffset, QueueLimits limits) {
        var shared = new AvailableRecords.Shared(acknowledged, held, givenBack, flights);
        boolean isSelective = !selector.equals(Selection.ALL);
        var available = new AvailableRecords(shared, isSelective, startOffset, limits);
        var begun = new Selection(selector, available, held, counts, new Selection.Losses() {
            @Override
            public void onMissing(long first, long last) {
                QueueCursor.this.onMissing(first, last);
            }

            @Override
            public void onExpired(long offset, long group, Selection finder) {
                QueueCursor.this.onExpired(offset, group, finder);
            }
        });
        flights.listen(begun.onHolderChanged());
        return begun;
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
        return acknowledged.gapsBelow(end, DeliveryCounts.UNSAVED_MAX);
    }

    /** How many records are acquired or settling. */
    public long heldRecords() {
        return held.records() - failed.pausing();
    }

    /** The first offset from this one on that is not acknowledged, whoever holds it and whether or not there is a record. */
    public long nextUnacknowledged(long from) {
        return acknowledged.nextGap(from);
    }

    /** The first offset from this one on that is acknowledged; {@link Long#MAX_VALUE} where there is none. */
    public long nextAcknowledged(long from) {
        return acknowledged.nextMember(from);
    }

    /**
     * The consumer gets nothing but what matches the selector from now on, until it is gone: what {@link Selection} is told of. Looking begins where nothing is acknowledged, unless
     * others have the same selector.
     *
     * @param selector {@link Selection#ALL}: it gets everything
     * @return false where there are too many consumers with selectors, or too many selectors
     */
    public boolean select(ConsumerId consumer, String selector) {
        return selections.select(consumer, selector);
    }

    /** What the consumer may get, which must be looked at for it. */
    public Selection selection(ConsumerId consumer) {
        return selections.of(consumer);
    }

    /** What consumers without a selector may get. */
    public Selection all() {
        return selections.all();
    }

    private AvailableRecords available(ConsumerId consumer) {
        return selections.of(consumer).available();
    }

    /** What is to be looked at next, before more can be handed out; {@link Long#MAX_VALUE} where there is nothing below the end, or no room. */
    public long nextToLookAt(Selection selection, long endOffset) {
        return heldRecords() < heldMax ? selection.available().nextToLookAt(endOffset) : Long.MAX_VALUE;
    }

    /**
     * Whether the consumer can be served, and get what comes first, or there is nothing more to look at.
     *
     * @param lookAhead how many offsets behind its first record should have been looked at
     */
    public boolean isLookedAhead(ConsumerId consumer, long endOffset, long lookAhead) {
        Selection selection = selections.of(consumer);
        if (nextToLookAt(selection, endOffset) == Long.MAX_VALUE) {
            return true;
        }
        AvailableRecords available = selection.available();
        long first = available.first(consumer);
        return first < Long.MAX_VALUE && !available.hasUrgent() && available.scanOffset() - first >= lookAhead;
    }

    private void onMissing(long first, long last) {
        long next = held.nextFree(first);
        while (next <= last) {
            long end = Math.min(last, held.nextHeld(next) - 1);
            withhold(next, end);
            unwanted.addMissing(next, end);
            next = held.nextFree(end + 1);
        }
    }

    private void onExpired(long offset, long group, Selection finder) {
        boolean isDead = failed.expire(offset, counts.of(offset));
        withhold(offset, offset);
        if (!isDead) {
            unwanted.addExpired(offset, offset);
        }
        selections.takeOut(offset, offset, group, finder);
    }

    private void withhold(long first, long last) {
        onNotAvailable(first, last);
        held.withhold(first, last);
    }

    private void onNotAvailable(long first, long last) {
        counts.remove(first, last);
        if (!givenBack.isEmpty()) {
            givenBack.remove(first, last);
        }
    }

    /** When {@link #onTime} may change something; {@link Long#MAX_VALUE} where nothing waits for time to pass. */
    public long nextTimeMs() {
        return Math.min(failed.nextTimeMs(), selections.nextTimeMs());
    }

    /** Time has passed: what is delayed may be due, and what is available may have expired. */
    public void onTime(long nowMs) {
        latestMs = nowMs;
        failed.onTime(nowMs, offset -> held.take(offset, offset).forEach(this::makeAvailable));
        selections.forEach(selection ->
                selection.available().onTime(nowMs, (offset, group) -> onExpired(offset, group, selection)));
    }

    /**
     * Records that settle what has turned out to have no record or to have expired, since this was asked last. They must be appended
     * until that succeeds: what they settle is out of everybody's reach.
     */
    public List<CursorRecord> takeUnwanted() {
        return unwanted.take();
    }

    /** Whether it depends on the consumer what is available, among those with the same selector. */
    public boolean isPersonal(ConsumerId consumer) {
        return available(consumer).isPersonal();
    }

    /** The record that the consumer would get now, of those that were looked at. */
    public OptionalLong firstAvailable(ConsumerId consumer) {
        long first = available(consumer).first(consumer);
        boolean mayBeDelivered = first < Long.MAX_VALUE && reservation.lastReserved(first) >= first;
        return mayBeDelivered && heldRecords() < heldMax ? OptionalLong.of(first) : OptionalLong.empty();
    }

    /**
     * Hands available records to a consumer, in the {@link DeliveryOrder}.
     *
     * @param maxRecords the most it takes
     * @param endOffset nothing at or above is handed out, nor what would come behind it
     * @return disjoint ranges in the order of their delivery, each with the count of deliveries this one included
     */
    public List<DeliveryCount> acquire(ConsumerId consumer, int maxRecords, long endOffset) {
        var acquired = new ArrayList<DeliveryCount>();
        long wanted = maxRecords;
        while (wanted > 0) {
            Optional<DeliveryCount> next = acquireNext(consumer, wanted, endOffset);
            if (next.isEmpty()) {
                break;
            }
            DeliveryCount.append(acquired, next.get());
            wanted -= next.get().count();
        }
        onAcquired(acquired);
        return acquired;
    }

    /**
     * Hands the consumer its first available record, and those that follow it both in offset and in the order of delivery. Afterwards {@link
     * #onAcquired} must be told.
     */
    public Optional<DeliveryCount> acquireNext(ConsumerId consumer, long maxRecords, long endOffset) {
        long wanted = Math.min(maxRecords, heldMax - heldRecords());
        Selection selection = selections.of(consumer);
        long first = selection.available().first(consumer);
        if (wanted <= 0 || first >= endOffset) {
            return Optional.empty();
        }
        long lastMax = Math.min(Math.min(endOffset - 1, first + wanted - 1), reservation.lastReserved(first));
        if (lastMax < first) {
            return Optional.empty();
        }
        int deliveryCount = counts.of(first) + 1;
        AvailableRecords.Taken taken =
                selection.available().take(consumer, Math.min(lastMax, counts.lastOfSame(first)));
        long last = taken.last();
        selections.takeOut(first, last, taken.group(), selection);
        onNotAvailable(first, last);
        held.acquire(first, last, deliveryCount, consumer);
        return Optional.of(new DeliveryCount(first, last, deliveryCount));
    }

    /** What {@link #acquireNext} has handed out for one delivery. */
    public void onAcquired(List<DeliveryCount> acquired) {
        reservation.onDelivered(
                acquired.stream().mapToLong(DeliveryCount::count).sum());
        counts.onDelivered(acquired, this::counts);
    }

    /**
     * Settles records that the consumer has acquired: all of them or, where one is not its own, none.
     *
     * <p>What is released is available at once or after the pause of the {@link RedeliveryPolicy}, or dead, as is what is rejected. What is accepted is out
     * of reach from now on, and acknowledged once its record has been replayed; where the append fails, {@link #onAppendFailed} gives it back. So is
     * what is rejected where there are no dead records.
     *
     * @return NONE; INVALID_RECORD_STATE where the consumer does not hold all of it; INVALID_REQUEST for ranges that
     *     overlap or end before they begin
     */
    public Outcome<CursorRecord, ErrorCode> acknowledge(UUID consumerId, List<Settlement> settlements, long nowMs) {
        latestMs = nowMs;
        return held.acknowledge(
                subscription, consumerId, settlements, failed.policy().knowsDeath());
    }

    /** As above, where it does not matter when. */
    Outcome<CursorRecord, ErrorCode> acknowledge(UUID consumerId, List<Settlement> settlements) {
        return acknowledge(consumerId, settlements, latestMs);
    }

    private void giveBack(Span span, HeldRecords.Cause cause, @Nullable String error) {
        switch (failed.decide(span, cause, error, latestMs)) {
            case AVAILABLE -> makeAvailable(span);
            case PAUSING -> {
                flights.onLanded(span.first(), span.last());
                held.pause(span);
            }
            case DEAD -> {
                flights.onLanded(span.first(), span.last());
                held.withhold(span.first(), span.last());
            }
        }
    }

    /**
     * What is on its way to the dead-letter queue. Whoever takes it there appends {@link CursorRecord.DeadLettering}, writes the letters, and appends what
     * that says is {@link CursorRecord.DeadLettering#moved}; both until it succeeds.
     */
    public DeadRecords dead() {
        return dead;
    }

    private void makeAvailable(Span span) {
        counts.put(span.first(), span.last(), span.deliveryCount());
        givenBack.add(span.first(), span.last());
        flights.onLanded(span.first(), span.last());
        selections.forEach(selection -> selection.available().giveBack(span.first(), span.last()));
    }

    /**
     * The records of an outcome will not be committed: gives back what they would have acknowledged. Not to be called
     * while they may still be committed, nor when the leadership is lost, as the cursor then ends with it.
     */
    public void onAppendFailed(List<CursorRecord> records) {
        for (CursorRecord cursorRecord : records) {
            if (cursorRecord instanceof CursorRecord.Acknowledged notAcknowledged) {
                notAcknowledged.ranges().forEach(held::unsettle);
            }
        }
    }

    /** Makes available what the consumer had acquired over the connection and not settled; how many records that was. */
    public long onConsumerGone(ConsumerId consumer) {
        selections.onGone(consumer::equals);
        return held.onGone(span -> span.isHeldBy(consumer));
    }

    /** Makes available what all consumers had acquired over the connection and not settled; how many records that was. */
    public long onConnectionClosed(long connectionId) {
        selections.onGone(consumer -> consumer.connectionId() == connectionId);
        return held.onGone(span -> span.isHeldOver(connectionId));
    }

    /**
     * Counts above 1 since this was asked last, to be appended to the cursor log and not waited for. Where the leader dies before they
     * are committed, some records may be delivered again with a count that is too low, but never with 1.
     */
    public Optional<CursorRecord> takeUnsavedDeliveries() {
        List<DeliveryCount> unsaved = counts.takeUnsaved();
        return unsaved.isEmpty()
                ? Optional.empty()
                : Optional.of(new CursorRecord.Delivered(subscription, reservation.askedUpTo(), unsaved));
    }

    /**
     * A record that allows to deliver more offsets than now, where the consumer will need that soon; {@link #onReserved} or {@link
     * #onReservationFailed} must follow. A record is handed out only when the log says that it may have been, so that the next
     * leader marks it.
     */
    public Optional<CursorRecord.Delivered> reserve(ConsumerId consumer) {
        return reservation.next(selections.of(consumer), consumer);
    }

    /** The record is committed: what lies below may be handed out. */
    public void onReserved(CursorRecord.Delivered reserved) {
        reservation.onCommitted(reserved.deliveredUpTo());
        reserved.counts().forEach(reservation::onCommitted);
    }

    /** The record of {@link #reserve} will not be committed. */
    public void onReservationFailed() {
        reservation.onFailed();
    }

    /** Everything is replayed. Records from this offset on were appended by the leader that dispatches now, so that no other can have delivered them. */
    void onLeading(long firstOwnOffset) {
        counts.onLeading(firstOwnOffset);
        for (DeadLetter letter : dead.takeOver()) {
            withhold(letter.offset(), letter.offset());
        }
    }

    /** All records that have been delivered more than once and are not acknowledged, as far as that is known, and those that may have been delivered once by themselves. */
    List<DeliveryCount> counts() {
        List<DeliveryCount> repeated = reservation.single();
        repeated.addAll(counts.repeated());
        repeated.addAll(held.repeated());
        repeated.addAll(dead.repeated());
        return repeated;
    }

    /** The log begins here now: what is below is gone, whoever holds it. */
    public void onLogStartOffset(long logStartOffset) {
        if (logStartOffset <= 0) {
            return;
        }
        acknowledged.addBelow(logStartOffset);
        held.take(0, logStartOffset - 1);
        failed.onLogStartOffset(logStartOffset);
        forget(0, logStartOffset - 1);
    }

    private void forget(long first, long last) {
        onNotAvailable(first, last);
        dead.remove(first, last);
        reservation.forget(first, last);
        flights.onLanded(first, last);
        selections.forEach(selection -> selection.available().forget(first, last));
    }

    /** Takes effect of what has been committed; also of what is known already. */
    void replay(CursorRecord.Acknowledged committed) {
        for (OffsetRange range : committed.ranges()) {
            acknowledged.add(range.first(), range.last());
            long wereHeld = held.take(range.first(), range.last()).stream()
                    .mapToLong(Span::count)
                    .sum();
            if (wereHeld == range.count()) {
                dead.remove(range.first(), range.last());
                reservation.forget(range.first(), range.last());
                flights.onLanded(range.first(), range.last());
                selections.forEach(selection -> selection.available().onAcknowledged(range.first(), range.last()));
            } else {
                forget(range.first(), range.last());
            }
        }
    }

    /** Takes over what is being moved to the dead-letter queue. */
    void replay(CursorRecord.DeadLettering begun) {
        dead.onMoving(begun);
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
            forget(baseOffset + first, baseOffset + block.nextGap(first) - 1);
        }
        acknowledged.merge(baseOffset, block);
    }

    /** Takes over what an earlier leader has delivered. A cursor that dispatches already knows more, and changes nothing. */
    void replay(CursorRecord.Delivered delivered) {
        restoreDeliveredUpTo(delivered.deliveredUpTo());
        delivered.counts().forEach(this::restoreCount);
    }

    void restoreDeliveredUpTo(long offset) {
        counts.restoreDeliveredUpTo(offset);
        reservation.onCommitted(offset);
    }

    void restoreCount(DeliveryCount count) {
        if (held.isEmpty()) {
            counts.restore(count, acknowledged);
            if (count.deliveryCount() == 1) {
                reservation.onCommitted(count);
            }
        }
    }

    /** Whether the log says that it may have been delivered. */
    boolean isReserved(long offset) {
        return reservation.lastReserved(offset) >= offset;
    }

    AcknowledgedOffsets acknowledged() {
        return acknowledged;
    }

    /** What a checkpoint must say: below it, records may have been delivered. */
    long deliveredUpTo() {
        return reservation.askedUpTo();
    }
}
