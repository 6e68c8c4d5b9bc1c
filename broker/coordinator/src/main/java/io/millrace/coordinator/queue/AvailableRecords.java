package io.millrace.coordinator.queue;

import org.jspecify.annotations.Nullable;

/**
 * The records of one cursor that nobody holds: which of them may be handed out, to whom and in which order. One such view has all records, for
 * consumers without a selector; each selector has one of its own, with those that match.
 *
 * <p>Owned by the loop that dispatches the partition. A record must be looked at before it is handed out the first time, and, where there is
 * more to it than its offset (priority, expiration, group), after it was given back. Views come to a record at different times, so that it may be held when one
 * looks at it; what is handed out through one is taken out of the others.
 *
 * <pre>
 *   not looked at --+-- plain -----------------> ready, by priority and offset --------------------.
 *      ^    ^       |                                ^     |                                       |
 *      |    |       +-- of a group ------------> ready, by its group, while that is free or        +--> handed out
 *      |    |       |                            in flight at the same consumer -------------------'        |
 *      |    |       +-- not due ---------------> DELAYED                                                    |
 *      |    |       |                              |       ready and its time is over ----.                 |
 *      |    |       `-- expired, no record --------|-------------------------------------`-> unwanted       |
 *      |    `------- due, or soon -----------------'                                                        |
 *      `------------ given back, and not plain -------------------------------------------------------------'
 *                    (what is plain is ready at once)
 * </pre>
 *
 * <p>Invariant: a record of this view that is neither acknowledged nor held is in exactly one of these places: ready, ready in a group, delayed, to be
 * looked at again (of which there are two sets), or at or above the scan offset. None of these sets has one that is acknowledged or held.
 * Memory follows what was looked at, at some bits a record, some 24 bytes more where it expires or belongs to a group; what does not match a selector takes none.
 */
final class AvailableRecords {
    /** Receives consecutive offsets, both included. */
    @FunctionalInterface
    interface RangeVisitor {
        void visit(long first, long last);
    }

    /** Receives a record and its group, or {@link DeliveryHeaders#NONE}. */
    @FunctionalInterface
    interface RecordVisitor {
        void visit(long offset, long group);
    }

    /** Consecutive records, all without a group or a single one of a group. */
    record Taken(long last, long group) {}

    /** With more records of groups than this waiting, nobody looks further ahead. */
    static final int GROUPED_MAX = 200_000;

    private static final int EXPIRATIONS_MIN = 4_096;
    private static final int GIVEN_BACK = DeliveryOrder.rank(DeliveryHeaders.DEFAULT_PRIORITY, true);
    private static final int PLAIN = DeliveryOrder.rank(DeliveryHeaders.DEFAULT_PRIORITY, false);

    /**
     * What all views of a cursor have in common. The cursor and the other views go on changing it.
     *
     * @param givenBack those that nobody holds any more
     */
    record Shared(AcknowledgedOffsets acknowledged, HeldRecords held, OffsetSet givenBack, GroupFlights flights) {}

    private final AcknowledgedOffsets acknowledged;
    private final HeldRecords held;
    private final int groupedMax;
    private final @Nullable OffsetSet
            selected; // what matches, below the scan offset and not acknowledged; null: all do
    private final OffsetSet again = new OffsetSet(); // given back or due: nobody is served before it is looked at again
    private final OffsetSet near = new OffsetSet(); // it may be due soon; nobody waits for that to be found out
    private final OffsetSet givenBack; // of the cursor
    private final OffsetSet special = new OffsetSet(); // looked at, and not ordinary; held ones included
    private final ReadyRecords ready = new ReadyRecords();
    private final MessageGroups groups;
    private final OffsetSet notDue = new OffsetSet();
    private final DelayedRecords delayed; // the times of those that are not due, and of some that were
    private final TimedOffsets expirations = new TimedOffsets(); // with their groups; of records handed out, too
    private int expirationsMax = EXPIRATIONS_MIN;
    private long scanOffset;

    /**
     * Everything from the start offset on, not looked at yet.
     *
     * @param isSelective whether only what is named by the methods that add is of this view
     */
    AvailableRecords(Shared shared, boolean isSelective, long startOffset, QueueLimits limits) {
        this.acknowledged = shared.acknowledged();
        this.held = shared.held();
        this.givenBack = shared.givenBack();
        this.selected = isSelective ? new OffsetSet() : null;
        this.scanOffset = startOffset;
        this.groupedMax = limits.groupedMax();
        this.delayed = new DelayedRecords(limits.exactDelaysMax());
        this.groups = new MessageGroups(shared.flights());
    }

    /** The first offset that nobody has looked at, and nobody has acknowledged. */
    long scanOffset() {
        return acknowledged.nextGap(scanOffset);
    }

    /** Whether records must be looked at before anybody is served, so that none overtakes them. */
    boolean hasUrgent() {
        return !again.isEmpty();
    }

    /** The next offset to be looked at, or {@link Long#MAX_VALUE} where there is none below the end or enough is in memory. */
    long nextToLookAt(long endOffset) {
        if (!again.isEmpty()) {
            return again.first();
        }
        if (groups.readyCount() >= groupedMax) {
            return Long.MAX_VALUE;
        }
        if (!near.isEmpty()) {
            return near.first();
        }
        long next = scanOffset();
        return next < endOffset ? next : Long.MAX_VALUE;
    }

    /** The first offset at or above this one that must be looked at, whether now or later. */
    long nextNotLookedAt(long from) {
        long below = Math.min(again.nextMember(from), near.nextMember(from));
        return below < scanOffset ? below : acknowledged.nextGap(Math.max(from, scanOffset));
    }

    /** Somebody is looking at all offsets within both ends: tells which of them that was necessary for. They are in no place then. */
    void takeNotLookedAt(long first, long last, RangeVisitor visitor) {
        takeFrom(again, first, last, visitor);
        takeFrom(near, first, last, visitor);
        long next = acknowledged.nextGap(Math.max(first, scanOffset));
        scanOffset = Math.max(scanOffset, last + 1);
        while (next <= last) {
            long end = Math.min(last, acknowledged.nextMember(next) - 1);
            visitor.visit(next, end);
            next = acknowledged.nextGap(end + 1);
        }
    }

    private static void takeFrom(OffsetSet offsets, long first, long last, RangeVisitor visitor) {
        for (long next = offsets.nextMember(first); next <= last; next = offsets.nextMember(next)) {
            long end = Math.min(last, offsets.nextGap(next) - 1);
            offsets.remove(next, end);
            visitor.visit(next, end);
        }
    }

    /** Records that are to be heeded in nothing but their offsets. */
    void addPlain(long first, long last) {
        select(first, last);
        long next = held.nextFree(first);
        while (next <= last) {
            long end = Math.min(last, held.nextHeld(next) - 1);
            addReadyPlain(next, end);
            next = held.nextFree(end + 1);
        }
    }

    private void select(long first, long last) {
        if (selected != null) {
            selected.add(first, last);
        }
    }

    private void addReadyPlain(long first, long last) {
        long next = first;
        while (next <= last) {
            boolean isGivenBack = givenBack.contains(next);
            long end = Math.min(last, (isGivenBack ? givenBack.nextGap(next) : givenBack.nextMember(next)) - 1);
            ready.add(isGivenBack ? GIVEN_BACK : PLAIN, next, end);
            next = end + 1;
        }
    }

    /** Whether the record was looked at before: it is looked at again. */
    boolean wasSeen(long offset) {
        return offset < scanOffset;
    }

    /** A record that somebody holds; it comes when it is given back. */
    void addHeld(long offset, DeliveryHeaders headers) {
        select(offset, offset);
        if (!headers.isOrdinary()) {
            special.add(offset, offset);
        }
    }

    /**
     * A record that nobody holds and that has not expired.
     *
     * @return whether it is due
     */
    boolean add(long offset, DeliveryHeaders headers, long nowMs) {
        select(offset, offset);
        if (headers.deliveryTimeMs() > nowMs) {
            special.add(offset, offset); // when it is given back, other views may know more of it
            notDue.add(offset, offset);
            delayed.add(headers.nextLookMs(), offset, nowMs);
            return false;
        }
        if (!headers.isOrdinary()) {
            special.add(offset, offset);
        }
        if (headers.expirationMs() != DeliveryHeaders.NONE) {
            addExpiration(headers.expirationMs(), offset, headers.group());
        }
        if (headers.group() == DeliveryHeaders.NONE) {
            ready.add(DeliveryOrder.rank(headers.priority(), givenBack.contains(offset)), offset, offset);
        } else {
            groups.add(headers.group(), headers.priority(), offset);
        }
        return true;
    }

    private void addExpiration(long expirationMs, long offset, long group) {
        if (expirations.size() >= expirationsMax) {
            expirations.retain((known, itsGroup) -> isReady(known, itsGroup));
            expirationsMax = Math.max(EXPIRATIONS_MIN, 2 * expirations.size());
        }
        expirations.add(expirationMs, offset, group);
    }

    private boolean isReady(long offset, long group) {
        return group == DeliveryHeaders.NONE ? ready.contains(offset) : groups.contains(group, offset);
    }

    /** When {@link #onTime} may change something. */
    long nextTimeMs() {
        return Math.min(delayed.nextMs(), expirations.firstTimeMs());
    }

    /**
     * Time has passed.
     *
     * @param expired is told what is in no place of this view any more, as its time is over
     */
    void onTime(long nowMs, RecordVisitor expired) {
        if (delayed.nextMs() <= nowMs) {
            moveDue(nowMs);
        }
        while (expirations.size() > 0 && expirations.firstTimeMs() <= nowMs) {
            long offset = expirations.firstOffset();
            long group = expirations.firstTag();
            expirations.removeFirst();
            boolean wasReady =
                    group == DeliveryHeaders.NONE ? ready.remove(offset, offset) > 0 : groups.remove(group, offset);
            if (wasReady) {
                expired.visit(offset, group);
            }
        }
    }

    private void moveDue(long nowMs) {
        var due = new OffsetSet();
        var perhapsDue = new OffsetSet();
        delayed.moveTo(due, perhapsDue, nowMs);
        // Some have been handed out meanwhile, through another view.
        takeFrom(notDue, due, again);
        takeFrom(notDue, perhapsDue, near);
    }

    private static void takeFrom(OffsetSet offsets, OffsetSet wanted, OffsetSet taken) {
        for (long first = wanted.first(); first < Long.MAX_VALUE; first = wanted.nextMember(wanted.nextGap(first))) {
            takeFrom(offsets, first, wanted.nextGap(first) - 1, taken::add);
        }
    }

    /** Whether it depends on the consumer what it may have. */
    boolean isPersonal() {
        return !groups.isEmpty();
    }

    /** The record that the consumer would get, or {@link Long#MAX_VALUE}. */
    long first(ConsumerId consumer) {
        long place = Math.min(ready.firstPlace(), groups.firstPlace(consumer));
        return place == DeliveryOrder.NOWHERE ? Long.MAX_VALUE : DeliveryOrder.offsetAt(place);
    }

    /** The first record without a group that is new and of the default priority, or {@link Long#MAX_VALUE}. */
    long firstPlain() {
        return ready.firstOf(PLAIN);
    }

    /** Hands out the record that is {@link #first}, and those that follow it in offset and order. */
    Taken take(ConsumerId consumer, long lastMax) {
        long plain = ready.firstPlace();
        long grouped = groups.firstPlace(consumer);
        if (grouped < plain) {
            return new Taken(DeliveryOrder.offsetAt(grouped), groups.takeFirst(consumer));
        }
        boolean isSameRank =
                grouped != DeliveryOrder.NOWHERE && DeliveryOrder.rankAt(grouped) == DeliveryOrder.rankAt(plain);
        long last = ready.takeFirst(isSameRank ? Math.min(lastMax, DeliveryOrder.offsetAt(grouped) - 1) : lastMax);
        return new Taken(last, DeliveryHeaders.NONE);
    }

    /** Records were handed out, or withheld, that this view may have; of one group, or all without one. */
    void takeOut(long first, long last, long group) {
        again.remove(first, last);
        near.remove(first, last);
        notDue.remove(first, last);
        if (group != DeliveryHeaders.NONE) {
            groups.remove(group, first);
        } else if (!ready.isEmpty()) {
            ready.remove(first, last);
        }
    }

    /** A group is held by somebody else now, or by nobody. */
    void onHolderChanged(long group) {
        groups.onHolderChanged(group);
    }

    /** Records that were held are nobody's again. */
    void giveBack(long first, long last) {
        long lastSeen = Math.min(last, scanOffset - 1);
        long next = nextSelected(first);
        while (next <= lastSeen) {
            long end = Math.min(lastSeen, nextNotSelected(next) - 1);
            giveBackSeen(next, end);
            next = nextSelected(end + 1);
        }
    }

    /** What matches, of the records that were looked at and are not acknowledged, from this offset on. */
    long nextSelected(long from) {
        return selected == null ? from : selected.nextMember(from);
    }

    /** The first offset from this one on that does not match, or was not looked at. */
    long nextNotSelected(long from) {
        return selected == null ? Long.MAX_VALUE : selected.nextGap(from);
    }

    private void giveBackSeen(long first, long last) {
        long next = first;
        while (next <= last) {
            long end = Math.min(last, special.nextMember(next) - 1);
            if (end >= next) {
                ready.add(GIVEN_BACK, next, end);
            } else {
                end = Math.min(last, special.nextGap(next) - 1);
                again.add(next, end);
            }
            next = end + 1;
        }
    }

    /** Records that were held are acknowledged. */
    void onAcknowledged(long first, long last) {
        if (!special.isEmpty()) {
            special.remove(first, last);
        }
        if (selected != null) {
            selected.remove(first, last);
        }
    }

    /** Forgets records, wherever they are: they are acknowledged. */
    void forget(long first, long last) {
        onAcknowledged(first, last);
        again.remove(first, last);
        near.remove(first, last);
        notDue.remove(first, last);
        if (!ready.isEmpty()) {
            ready.remove(first, last);
        }
        if (!groups.isEmpty()) {
            groups.removeAll(first, last);
        }
        if (!delayed.isEmpty()) {
            delayed.remove(first, last);
        }
    }
}
