package io.millrace.coordinator.queue;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of all subscriptions of one partition: what its cursor log says.
 *
 * <p>Owned by the loop that dispatches the partition. A new leader replays the cursor log, from its start to its end, into a
 * new instance; afterwards it replays what it has appended itself once that is committed, in the order of the log.
 *
 * <p>Acknowledged offsets only ever grow, so that replaying a record twice, or one that a checkpoint contains already,
 * changes nothing. Opening and closing are different: a checkpoint must not be taken while one of them is under way,
 * which {@link #checkpoint} checks.
 */
public final class PartitionCursors {
    /** The most counts in one record of a checkpoint. */
    private static final int CHECKPOINT_COUNTS_MAX = 1_000;

    /** Durable subscriptions of one partition. */
    static final int SUBSCRIPTIONS_MAX = 10_000;

    private final QueueLimits limits;
    private final Map<@Nullable String, QueueCursor> cursors =
            new TreeMap<>(Comparator.nullsFirst(Comparator.naturalOrder()));
    private @Nullable CheckpointReader checkpoint;
    private int structuralChanges; // opened or closed, not yet replayed

    /**
     * No cursors yet.
     *
     * @param limits of each cursor
     */
    public PartitionCursors(QueueLimits limits) {
        this.limits = limits;
    }

    /** The cursors of a queue, whose own subscription needs no opening. */
    public static PartitionCursors ofQueue(long logStartOffset, QueueLimits limits) {
        var cursors = new PartitionCursors(limits);
        cursors.open((@Nullable String) null, logStartOffset);
        return cursors;
    }

    /** @param subscription null for the one that a queue has from the beginning */
    public Optional<QueueCursor> cursor(@Nullable String subscription) {
        return Optional.ofNullable(cursors.get(subscription));
    }

    public Collection<QueueCursor> cursors() {
        return cursors.values();
    }

    /** What is below has been settled by all subscriptions; {@link Long#MAX_VALUE} where there are none. */
    public long prefixEnd() {
        return cursors.values().stream().mapToLong(QueueCursor::prefixEnd).min().orElse(Long.MAX_VALUE);
    }

    /**
     * A cursor for a new subscription, to which everything from the start offset on is available. One that exists stays as
     * it is.
     *
     * @return NONE, or INVALID_REQUEST where there are too many
     */
    public Outcome<CursorRecord, ErrorCode> openSubscription(String subscription, long startOffset) {
        if (cursors.containsKey(subscription)) {
            return Outcome.answer(ErrorCode.NONE);
        }
        if (cursors.size() >= SUBSCRIPTIONS_MAX) {
            return Outcome.answer(ErrorCode.INVALID_REQUEST);
        }
        structuralChanges++;
        return new Outcome<>(List.of(new CursorRecord.SubscriptionOpened(subscription, startOffset)), ErrorCode.NONE);
    }

    /** Ends a subscription; what it has not acknowledged is nobody's any more. */
    public Outcome<CursorRecord, ErrorCode> closeSubscription(String subscription) {
        if (!cursors.containsKey(subscription)) {
            return Outcome.answer(ErrorCode.NONE);
        }
        structuralChanges++;
        return new Outcome<>(List.of(new CursorRecord.SubscriptionClosed(subscription)), ErrorCode.NONE);
    }

    /** The records of an outcome will not be committed; see {@link QueueCursor#onAppendFailed}. */
    public void onAppendFailed(List<CursorRecord> records) {
        for (CursorRecord cursorRecord : records) {
            if (cursorRecord instanceof CursorRecord.SubscriptionOpened
                    || cursorRecord instanceof CursorRecord.SubscriptionClosed) {
                structuralChanges--;
            }
        }
        cursors.values().forEach(cursor -> cursor.onAppendFailed(records));
    }

    /** The log begins here now. */
    public void onLogStartOffset(long logStartOffset) {
        cursors.values().forEach(cursor -> cursor.onLogStartOffset(logStartOffset));
    }

    /** Takes effect of a record that this leader has appended and that is committed now. */
    public void commit(CursorRecord committed) {
        if (committed instanceof CursorRecord.SubscriptionOpened
                || committed instanceof CursorRecord.SubscriptionClosed) {
            structuralChanges--;
        }
        if (!(committed instanceof CursorRecord.Delivered) && !CheckpointReader.isPartOfCheckpoint(committed)) {
            replay(committed);
        }
    }

    /** Takes over a record that an earlier leader has appended. */
    public void replay(CursorRecord logged) {
        if (logged instanceof CursorRecord.Acknowledged acknowledged) {
            cursor(acknowledged.subscription()).ifPresent(cursor -> cursor.replay(acknowledged));
        } else if (logged instanceof CursorRecord.Delivered delivered) {
            cursor(delivered.subscription()).ifPresent(cursor -> cursor.replay(delivered));
        } else if (logged instanceof CursorRecord.DeadLettering begun) {
            cursor(begun.subscription()).ifPresent(cursor -> cursor.replay(begun));
        } else if (logged instanceof CursorRecord.SubscriptionOpened opened) {
            open(opened.subscription(), opened.startOffset());
        } else if (logged instanceof CursorRecord.SubscriptionClosed closed) {
            cursors.remove(closed.subscription());
        } else {
            replayCheckpoint(logged);
        }
    }

    /**
     * Everything that earlier leaders have appended is replayed, and this one begins to dispatch.
     *
     * @param firstOwnOffset where its epoch begins in the data
     */
    public void onLeading(long firstOwnOffset) {
        cursors.values().forEach(cursor -> cursor.onLeading(firstOwnOffset));
    }

    private QueueCursor open(@Nullable String subscription, long startOffset) {
        return cursors.computeIfAbsent(subscription, name -> new QueueCursor(name, startOffset, limits));
    }

    private void replayCheckpoint(CursorRecord part) {
        if (part instanceof CursorRecord.CheckpointBegun begun) {
            checkpoint = new CheckpointReader(begun.checkpointId());
        } else if (checkpoint != null && checkpoint.accept(part)) {
            checkpoint.parts().forEach(this::merge);
            checkpoint = null;
        }
    }

    private void merge(CursorRecord part) {
        if (part instanceof CursorRecord.CheckpointCursor saved) {
            QueueCursor cursor = open(saved.subscription(), saved.prefixEnd());
            cursor.replayBelow(saved.prefixEnd());
            cursor.restoreDeliveredUpTo(saved.deliveredUpTo());
        } else if (part instanceof CursorRecord.CheckpointBlock block) {
            cursor(block.subscription())
                    .ifPresent(cursor ->
                            cursor.replayBlock(block.baseOffset(), OffsetBlockFormat.read(block.acknowledged())));
        } else if (part instanceof CursorRecord.CheckpointCounts counts) {
            cursor(counts.subscription()).ifPresent(cursor -> counts.counts().forEach(cursor::restoreCount));
        }
    }

    /** Whether a subscription is being opened or closed, so that no checkpoint can be taken. */
    public boolean isChanging() {
        return structuralChanges > 0;
    }

    /**
     * All that has been replayed, as records to be appended one after the other with nothing in between. Once the last of
     * them is committed, the cursor log below the covered offset is not needed any more.
     *
     * @param checkpointId differs from that of every other checkpoint in the log
     * @param coveredOffset everything below has been replayed
     * @throws IllegalStateException while a subscription is being opened or closed
     */
    public List<CursorRecord> checkpoint(long checkpointId, long coveredOffset) {
        if (isChanging()) {
            throw new IllegalStateException("A checkpoint was asked for while a subscription is opened or closed");
        }
        var records = new ArrayList<CursorRecord>();
        // Not a part of it, as it counts wherever it is: what is being moved is known by its latest record.
        cursors.values().forEach(cursor -> cursor.dead().moving().ifPresent(records::add));
        int before = records.size();
        records.add(new CursorRecord.CheckpointBegun(checkpointId, coveredOffset));
        cursors.values().forEach(cursor -> addParts(checkpointId, cursor, records));
        records.add(new CursorRecord.CheckpointEnded(checkpointId, records.size() - before - 1));
        return records;
    }

    private static void addParts(long checkpointId, QueueCursor cursor, List<CursorRecord> records) {
        String subscription = cursor.subscription();
        records.add(new CursorRecord.CheckpointCursor(
                checkpointId, subscription, cursor.prefixEnd(), cursor.deliveredUpTo()));
        cursor.acknowledged()
                .forEachBlock((baseOffset, block) -> records.add(new CursorRecord.CheckpointBlock(
                        checkpointId, subscription, baseOffset, OffsetBlockFormat.write(block))));
        List<DeliveryCount> counts = cursor.counts();
        for (int from = 0; from < counts.size(); from += CHECKPOINT_COUNTS_MAX) {
            int to = Math.min(counts.size(), from + CHECKPOINT_COUNTS_MAX);
            records.add(new CursorRecord.CheckpointCounts(
                    checkpointId, subscription, List.copyOf(counts.subList(from, to))));
        }
    }
}
