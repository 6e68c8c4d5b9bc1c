package io.millrace.coordinator.queue;

/**
 * The records of one cursor that nobody holds: which of them may be handed out, to whom and in which order.
 *
 * <p>Owned by the loop that dispatches the partition. A record must be looked at before it is handed out the first time, and, where there is
 * more to it than its offset (priority, expiration, group), after it was given back.
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
 * <p>Invariant: a record that is neither acknowledged nor held is in exactly one of these places: ready, ready in a group, delayed, to be
 * looked at again (of which there are two sets), or at or above the scan offset. None of these sets has one that is acknowledged or held.
 * Memory follows what was looked at, at some bits a record, some 24 bytes more where it expires or belongs to a group.
 */
final class AvailableRecords {
    /** Receives consecutive offsets, both included. */
    @FunctionalInterface
    interface RangeVisitor {
        void visit(long first, long last);
    }

    /** With more records of groups than this waiting, nobody looks further ahead. */
    static final int GROUPED_MAX = 200_000;

    private static final int EXPIRATIONS_MIN = 4_096;
    private static final int GIVEN_BACK = DeliveryOrder.rank(DeliveryHeaders.DEFAULT_PRIORITY, true);
    private static final int PLAIN = DeliveryOrder.rank(DeliveryHeaders.DEFAULT_PRIORITY, false);

    private final AcknowledgedOffsets acknowledged;
    private final int groupedMax;
    private final OffsetSet again = new OffsetSet(); // given back or due: nobody is served before it is looked at again
    private final OffsetSet near = new OffsetSet(); // it may be due soon; nobody waits for that to be found out
    private final OffsetSet special = new OffsetSet(); // looked at, and not ordinary; held ones included
    private final ReadyRecords ready = new ReadyRecords();
    private final MessageGroups groups = new MessageGroups();
    private final DelayedRecords delayed;
    private final TimedOffsets expirations = new TimedOffsets(); // with their groups; of records handed out, too
    private int expirationsMax = EXPIRATIONS_MIN;
    private long scanOffset;

    /**
     * Everything from the start offset on, not looked at yet.
     *
     * @param acknowledged by the cursor, which goes on changing it
     */
    AvailableRecords(AcknowledgedOffsets acknowledged, long startOffset, QueueLimits limits) {
        this.acknowledged = acknowledged;
        this.scanOffset = startOffset;
        this.groupedMax = limits.groupedMax();
        this.delayed = new DelayedRecords(limits.exactDelaysMax());
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
        ready.add(PLAIN, first, last);
    }

    /** Whether the record was looked at before: it is looked at again. */
    boolean wasSeen(long offset) {
        return offset < scanOffset;
    }

    /**
     * A record that has not expired.
     *
     * @param isGivenBack whether it comes before others of its priority; not heeded in groups
     * @return whether it is due
     */
    boolean add(long offset, DeliveryHeaders headers, boolean isGivenBack, long nowMs) {
        if (headers.deliveryTimeMs() > nowMs) {
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
            ready.add(DeliveryOrder.rank(headers.priority(), isGivenBack), offset, offset);
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
     * @param expired is told what is in no place any more, as its time is over
     */
    void onTime(long nowMs, RangeVisitor expired) {
        delayed.moveTo(again, near, nowMs);
        while (expirations.size() > 0 && expirations.firstTimeMs() <= nowMs) {
            long offset = expirations.firstOffset();
            long group = expirations.firstTag();
            expirations.removeFirst();
            boolean wasReady =
                    group == DeliveryHeaders.NONE ? ready.remove(offset, offset) > 0 : groups.remove(group, offset);
            if (wasReady) {
                expired.visit(offset, offset);
            }
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

    /** Hands out the record that is {@link #first}, and those that follow it in offset and order; the last one. */
    long take(ConsumerId consumer, long lastMax) {
        long plain = ready.firstPlace();
        long grouped = groups.firstPlace(consumer);
        if (grouped < plain) {
            groups.takeFirst(consumer);
            return DeliveryOrder.offsetAt(grouped);
        }
        boolean isSameRank =
                grouped != DeliveryOrder.NOWHERE && DeliveryOrder.rankAt(grouped) == DeliveryOrder.rankAt(plain);
        return ready.takeFirst(isSameRank ? Math.min(lastMax, DeliveryOrder.offsetAt(grouped) - 1) : lastMax);
    }

    /** Records that were held are nobody's again. */
    void giveBack(long first, long last) {
        groups.onLanded(first, last);
        long next = first;
        while (next <= last) {
            long end = Math.min(last, special.nextMember(next) - 1);
            if (end >= next) {
                ready.add(GIVEN_BACK, next, end);
                next = end + 1;
            } else {
                end = Math.min(last, special.nextGap(next) - 1);
                again.add(next, end);
                next = end + 1;
            }
        }
    }

    /** Records that were held are acknowledged. */
    void onAcknowledged(long first, long last) {
        groups.onLanded(first, last);
        if (!special.isEmpty()) {
            special.remove(first, last);
        }
    }

    /** Forgets records, wherever they are: they are acknowledged. */
    void forget(long first, long last) {
        onAcknowledged(first, last);
        again.remove(first, last);
        near.remove(first, last);
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
