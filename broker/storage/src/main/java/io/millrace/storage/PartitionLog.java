package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One replica's log of one partition: record batches by offset, on disk.
 *
 * <p>Appends, truncation, deletion and changes of epoch belong to one thread, the owner. {@link #read}, the look-ups and
 * the offsets may be asked from any thread at any time. {@link #flush} may be called from any thread, too.
 *
 * <p>Invariant: {@code logStartOffset <= highWatermark <= logEndOffset}.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class PartitionLog implements AutoCloseable {

    private PartitionLog() {}

    /**
     * Opens the log in a directory, which is created when it is missing. After anything but a {@link #close} the tail is
     * checked, and a batch that was torn while it was written is cut off.
     *
     * @throws CorruptLogException when there is damage elsewhere; nothing was changed
     * @throws StorageException when the disk fails
     */
    public static PartitionLog open(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a damaged log by cutting it where its whole part ends. The log has lost data then: its replica may not lead
     * before it has caught up.
     */
    public static PartitionLog repair(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends batches that the caller has validated, giving them the next offsets and the epoch in place. Batches of
     * idempotent producers come alone. The buffer stays the caller's and its indexes stay.
     *
     * @throws InvalidRecordException when the bytes are not whole batches; nothing was appended
     * @throws StorageException when the disk fails or has failed before
     */
    public AppendOutcome appendAsLeader(ByteBuf batches, int leaderEpoch) throws InvalidRecordException {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends batches as the leader sent them, with its offsets and epochs. Offsets must go on at the end of the log;
     * gaps upward are left by compaction. A batch of a later epoch than the follower knows its leader by ends the
     * append: it and what follows are ignored.
     *
     * @param leaderEpoch the epoch in which the follower fetched
     * @return what was appended; empty when nothing was
     * @throws InvalidRecordException when a checksum, an offset or an epoch is wrong; nothing was appended
     * @throws StorageException when the disk fails or has failed before
     */
    public Optional<AppendInfo> appendAsFollower(ByteBuf batches, int leaderEpoch) throws InvalidRecordException {
        throw new UnsupportedOperationException();
    }

    /**
     * Whole batches from the one that holds an offset on. Any thread.
     *
     * @param maxBytes bound on the slice
     * @param upperBoundOffset records at or above this offset are not returned
     * @param minOneBatch whether the first batch is returned even when it alone exceeds the bound
     * @return a slice that the caller closes; empty when there is nothing below the bounds
     * @throws OffsetOutOfRangeException when the offset is below the start or above the end of the log
     */
    public LogSlice read(long offset, int maxBytes, long upperBoundOffset, boolean minOneBatch)
            throws OffsetOutOfRangeException {
        throw new UnsupportedOperationException();
    }

    /** The first offset that may be read. */
    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    public long highWatermark() {
        throw new UnsupportedOperationException();
    }

    /**
     * Raises the high watermark, at most to the end of the log; never lowers it.
     *
     * @return whether it moved
     */
    public boolean updateHighWatermark(long offset) {
        throw new UnsupportedOperationException();
    }

    /** The greatest leader epoch that the log knows; empty when it knows none. Any thread. */
    public OptionalInt latestEpoch() {
        throw new UnsupportedOperationException();
    }

    /** Where an epoch ends, as a leader answers it (KIP-320, KIP-595). Any thread. */
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** Where an epoch begins. Any thread. */
    public OptionalLong epochStartOffset(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** Remembers that an epoch begins at an offset, as a leader does at the end of its log when it takes over. */
    public void assignEpochStartOffset(int leaderEpoch, long startOffset) {
        throw new UnsupportedOperationException();
    }

    /** The first record whose time stamp is not before the given one. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        throw new UnsupportedOperationException();
    }

    /** The first record with the greatest time stamp of the log. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetOfMaxTimestamp() {
        throw new UnsupportedOperationException();
    }

    /**
     * Drops all batches that hold records at or above an offset. The end of the log may come to lie below the offset,
     * when it was within a batch. Lowers the high watermark if it must.
     *
     * @return whether anything was dropped
     */
    public boolean truncateTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Drops everything; the log goes on at an offset, which may be anywhere. */
    public void truncateFullyAndStartAt(long offset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes records below an offset unreadable and deletes segments that hold no others. The new start is on disk when
     * this returns.
     *
     * @return whether the start moved
     * @throws IllegalArgumentException when the offset is above the high watermark
     */
    public boolean advanceLogStartOffset(long offset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes segments that are too old or too much by {@code retention.ms} and {@code retention.bytes}.
     *
     * @return how many
     */
    public int deleteOldSegments() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of all segments. Any thread. */
    public long sizeInBytes() {
        throw new UnsupportedOperationException();
    }

    /** Replaces the rules of the log from the next append on. */
    public void reconfigure(LogConfiguration configuration) {
        throw new UnsupportedOperationException();
    }

    /** Returns when everything that was appended before is on the medium. Any thread. */
    public void flush() {
        throw new UnsupportedOperationException();
    }

    /** Writes start, high watermark and recovery point, so that a restart finds them. Call it every few seconds. */
    public void checkpoint() {
        throw new UnsupportedOperationException();
    }

    /** Flushes, marks the log as cleanly shut down and closes its files once no slice needs them. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Closes the log and removes its directory. */
    public void delete() {
        throw new UnsupportedOperationException();
    }
}
