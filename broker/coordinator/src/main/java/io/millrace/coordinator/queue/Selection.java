package io.millrace.coordinator.queue;

import java.util.function.LongConsumer;

/**
 * The records of one cursor as the consumers with one selector see them, or those without any: how far they have been looked at, and what is
 * available of them.
 *
 * <p>Owned by the loop that dispatches the partition. Each selection is looked at for itself, from where it has come to; what its records' headers say never
 * changes, so that nothing is looked at twice but what time or a release has changed.
 */
public final class Selection {
    /** Of consumers without a selector. */
    public static final String ALL = "";

    /** What becomes of records that nobody is to have. */
    interface Losses {
        void onMissing(long first, long last);

        void onExpired(long offset, long group, Selection finder);
    }

    private final String selector;
    private final AvailableRecords available;
    private final HeldRecords held;
    private final DeliveryCounts counts;
    private final Losses losses;
    private final AvailableRecords.RangeVisitor plain;
    private final LongConsumer onHolderChanged;
    private int consumers;

    Selection(String selector, AvailableRecords available, HeldRecords held, DeliveryCounts counts, Losses losses) {
        this.selector = selector;
        this.available = available;
        this.held = held;
        this.counts = counts;
        this.losses = losses;
        this.plain = available::addPlain;
        this.onHolderChanged = available::onHolderChanged;
    }

    /** The text that its consumers have in common; {@link #ALL} where they have none. */
    public String selector() {
        return selector;
    }

    public boolean isAll() {
        return selector.isEmpty();
    }

    AvailableRecords available() {
        return available;
    }

    /** To be told of groups that have another holder. */
    LongConsumer onHolderChanged() {
        return onHolderChanged;
    }

    /** Whether it is to be looked at again, or was it the first time. */
    public boolean wasLookedAt(long offset) {
        return available.wasSeen(offset);
    }

    /** The first offset at or above this one that must be looked at, now or later. */
    public long nextNotLookedAt(long from) {
        return available.nextNotLookedAt(from);
    }

    /** Tells of consecutive records that match and say nothing of their delivery. */
    public void lookAtPlain(long first, long last) {
        available.takeNotLookedAt(first, last, plain);
    }

    /** Tells of consecutive records that do not match. */
    public void lookAtOthers(long first, long last) {
        available.takeNotLookedAt(first, last, (from, to) -> {});
    }

    /** Tells of consecutive offsets that have no record for a consumer; only the selection of all settles them. */
    public void lookAtGap(long first, long last) {
        available.takeNotLookedAt(first, last, isAll() ? losses::onMissing : (from, to) -> {});
    }

    /** Tells what a record that matches says of its delivery. One that was looked at before does not change. */
    public void lookAt(long offset, DeliveryHeaders headers, long nowMs) {
        available.takeNotLookedAt(offset, offset, (first, last) -> {
            boolean isHeld = held.nextHeld(offset) == offset;
            if (isHeld || headers.isExpired(nowMs)) {
                available.addHeld(offset, headers);
                if (!isHeld) {
                    losses.onExpired(offset, headers.group(), this);
                }
            } else if (!available.add(offset, headers, nowMs)) {
                counts.onUndelivered(offset);
            }
        });
    }

    /** How many consumers have it. */
    int consumers() {
        return consumers;
    }

    void onConsumer(int more) {
        consumers += more;
    }
}
