package io.millrace.replication;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One replica of one partition on this broker.
 *
 * <p>Thread-safe; the state belongs to the partition's loop.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Partition {
    Partition() {
        throw new UnsupportedOperationException("being written");
    }

    public PartitionKey key() {
        throw new UnsupportedOperationException("being written");
    }

    public String topicName() {
        throw new UnsupportedOperationException("being written");
    }

    public DestinationKind kind() {
        throw new UnsupportedOperationException("being written");
    }

    /** The loop that owns this partition; callbacks run on it. */
    public Loop loop() {
        throw new UnsupportedOperationException("being written");
    }

    public boolean isLeader() {
        throw new UnsupportedOperationException("being written");
    }

    /** The latest state that this replica has taken over; empty before the first. */
    public Optional<PartitionState> state() {
        throw new UnsupportedOperationException("being written");
    }

    public long highWatermark(LogKind kind) {
        throw new UnsupportedOperationException("being written");
    }

    public long logStartOffset(LogKind kind) {
        throw new UnsupportedOperationException("being written");
    }

    public long logEndOffset(LogKind kind) {
        throw new UnsupportedOperationException("being written");
    }

    /**
     * Appends batches as the leader. They must have been validated.
     *
     * @param batches ownership passes to the partition
     */
    public CompletableFuture<AppendResult> append(LogKind kind, ByteBuf batches, Acks acks, long timeoutMs) {
        throw new UnsupportedOperationException("being written");
    }

    /**
     * Reads what is committed, for consumers. From any thread.
     *
     * @param currentLeaderEpoch the epoch the reader believes in; -1 to skip the check (KIP-320)
     */
    public ReadResult read(LogKind kind, int currentLeaderEpoch, long offset, int maxBytes, boolean minOneBatch) {
        throw new UnsupportedOperationException("being written");
    }

    /**
     * Runs the callback once, on the partition's loop, when the high watermark has passed the offset or the partition is no longer led
     * here; soon, when that is so already.
     */
    public Cancellable onCommitted(LogKind kind, long offset, Runnable callback) {
        throw new UnsupportedOperationException("being written");
    }

    /** The earliest offset that can be read. */
    public OffsetLookup earliestOffset(LogKind kind, int currentLeaderEpoch) {
        throw new UnsupportedOperationException("being written");
    }

    /** The high watermark; {@code OFFSET_NOT_AVAILABLE} while a new leader does not know it yet. */
    public OffsetLookup latestOffset(LogKind kind, int currentLeaderEpoch) {
        throw new UnsupportedOperationException("being written");
    }

    /** The first committed record not older than the time stamp. Reads from disk. */
    public OffsetLookup offsetForTimestamp(LogKind kind, int currentLeaderEpoch, long timestampMs) {
        throw new UnsupportedOperationException("being written");
    }

    /** The committed record with the greatest time stamp. Reads from disk. */
    public OffsetLookup offsetOfMaxTimestamp(LogKind kind, int currentLeaderEpoch) {
        throw new UnsupportedOperationException("being written");
    }

    /** Where a leader epoch ends (OffsetForLeaderEpoch). */
    public OffsetLookup endOffsetForEpoch(LogKind kind, int currentLeaderEpoch, int leaderEpoch) {
        throw new UnsupportedOperationException("being written");
    }

    /** Makes records below the offset unreadable on all replicas, as leader; at most up to the high watermark. Answers the new start. */
    public CompletableFuture<OffsetLookup> advanceLogStartOffset(LogKind kind, long offset) {
        throw new UnsupportedOperationException("being written");
    }
}
