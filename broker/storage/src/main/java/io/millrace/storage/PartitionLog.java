package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * One replica's log of one partition: record batches by offset, on disk.
 *
 * <p>Appends, truncation, deletion and changes of epoch belong to one thread, the owner. {@link #read}, the look-ups and
 * the offsets may be asked from any thread at any time. {@link #flush} and {@link #checkpoint} may be called from any
 * thread, too. After the disk has failed, reads go on, and all else throws until the log is opened again. When the disk is full, appends throw {@link
 * DiskFullException} and leave the log as it was.
 */
public final class PartitionLog implements AutoCloseable {

    private final LogState state;
    private final LogOffsets offsets;
    private final LogDurability durability;
    private final LogFlush flush;
    private final LogAppends appends;
    private final LogTruncation truncation;
    private final LogRetention retention;
    private final LogCompaction compaction;
    private final LogEnd end;
    private final LogProducers producers;
    private final LogTransactions transactions;

    private volatile LogConfiguration configuration;

    private PartitionLog(
            LogState state, LogConfiguration configuration, InstantSource clock, LoadedLog loaded, LogHome home) {
        this.configuration = configuration;
        this.state = state;
        LogFiles files = state.files();
        this.offsets = state.offsets();
        Supplier<LogConfiguration> rules = () -> this.configuration;
        this.producers = new LogProducers(files, rules, clock, loaded.producers());
        producers.onHighWatermark(offsets.highWatermark());
        this.transactions = new LogTransactions(offsets, producers::states);
        var active = new ActiveSegment(files, state.segments());
        this.durability = new LogDurability(files, home, offsets, state.failStop(), this::flush);
        this.flush = new LogFlush(state, durability);
        this.compaction = new LogCompaction(state, rules, producers::states);
        this.appends = new LogAppends(state, active, producers, durability, rules, clock);
        this.truncation = new LogTruncation(state, compaction, durability, flush, producers, clock);
        this.retention = new LogRetention(state, active, producers, rules, clock);
        this.end = new LogEnd(state, flush, producers, durability);
    }

    /**
     * Opens the log in a directory, which is created when it is missing. After anything but a {@link #close} the tail is
     * checked, and a batch that was torn while it was written is cut off.
     *
     * @throws CorruptLogException when there is damage elsewhere; no batch was removed
     * @throws StorageException when the disk fails
     */
    public static PartitionLog open(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        return load(new LogFiles(disk, directory), configuration, clock, LogLoader.NOTHING, LogHome.NONE);
    }

    /** {@link #open} of a log of a broker, which may have a journal. */
    static PartitionLog open(LogFiles files, LogConfiguration configuration, InstantSource clock, LogHome home) {
        return load(files, configuration, clock, LogLoader.NOTHING, home);
    }

    /** Opens a log of which everything from an offset on may be missing or wrong, because it is to be put there anew. */
    static PartitionLog openUpTo(
            LogFiles files, LogConfiguration configuration, InstantSource clock, long expendableFrom) {
        LogConfiguration unjournaled = configuration.withFlushPolicy(FlushPolicy.OS);
        return load(files, unjournaled, clock, expendableFrom, LogHome.NONE);
    }

    /**
     * Opens a damaged log by cutting it where its whole part ends. The log has lost data then: its replica may not lead
     * before it has caught up.
     */
    public static PartitionLog repair(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        return repair(new LogFiles(disk, directory), configuration, clock, LogHome.NONE);
    }

    static PartitionLog repair(LogFiles files, LogConfiguration configuration, InstantSource clock, LogHome home) {
        PartitionLog log = load(files, configuration, clock, LogLoader.EVERYTHING, home);
        log.checkpoint();
        log.state.files().disk().delete(files.suspicion());
        return log;
    }

    private static PartitionLog load(
            LogFiles files, LogConfiguration configuration, InstantSource clock, long expendableFrom, LogHome home) {
        var names = new NamesWatch(files.disk());
        var watched = new LogFiles(names, files.directory());
        LoadedLog loaded = new LogLoader(watched, configuration, clock.millis(), expendableFrom).load();
        LogState state = LogState.of(watched, names, loaded);
        PartitionLog log = new PartitionLog(state, configuration, clock, loaded, home);
        log.durability.keepFromStart(configuration.flushPolicy());
        return log;
    }

    // ---- appends

    /**
     * Appends batches that the caller has validated, giving them the next offsets and the epoch in place. Batches of
     * idempotent producers come alone. The buffer stays the caller's and its indexes stay.
     *
     * @throws InvalidRecordException when the bytes are not whole batches; nothing was appended
     * @throws StorageException when the disk fails or has failed before
     */
    public AppendOutcome appendAsLeader(ByteBuf batches, int leaderEpoch) throws InvalidRecordException {
        return appends.appendAsLeader(batches, leaderEpoch);
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
        return appends.appendAsFollower(batches, leaderEpoch);
    }

    // ---- reads

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
        long start = offsets.logStartOffset();
        long logEnd = offsets.logEndOffset();
        if (offset < start || offset > logEnd) {
            throw new OffsetOutOfRangeException(offset, start, logEnd);
        }
        long bound = Math.min(upperBoundOffset, logEnd);
        if (offset >= bound) {
            return LogSlice.empty(offset, state.segments().last().baseOffset());
        }
        return state.segments().read(offset, maxBytes, bound, minOneBatch);
    }

    /** The first offset that may be read. */
    public long logStartOffset() {
        return offsets.logStartOffset();
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        return offsets.logEndOffset();
    }

    /**
     * Below this offset everything is kept as the flush policy asks: written, or on the medium. Any thread.
     *
     * @see FlushPolicy
     */
    public long durableEndOffset() {
        return durability.durableEndOffset();
    }

    /** Who is told when {@link #durableEndOffset} moves later than the end of the log. */
    public void listen(DurabilityListener listener) {
        durability.listen(listener);
    }

    public long highWatermark() {
        return offsets.highWatermark();
    }

    /**
     * Raises the high watermark, at most to where the log is durable; never lowers it. Owner.
     *
     * @return whether it moved
     */
    public boolean updateHighWatermark(long offset) {
        boolean raised = offsets.raiseHighWatermark(Math.min(offset, durableEndOffset()));
        if (raised) {
            producers.onHighWatermark(offsets.highWatermark());
        }
        return raised;
    }

    /** The transactions of the log. */
    public LogTransactions transactions() {
        return transactions;
    }

    /** The greatest leader epoch that the log knows; empty when it knows none. Any thread. */
    public OptionalInt latestEpoch() {
        return state.epochs().latest();
    }

    /** Where an epoch ends, as a leader answers it (KIP-320, KIP-595). Any thread. */
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return state.epochs().endOffsetFor(leaderEpoch, offsets.logEndOffset());
    }

    /** Where an epoch begins. Any thread. */
    public OptionalLong epochStartOffset(int leaderEpoch) {
        return state.epochs().startOffsetOf(leaderEpoch);
    }

    /** Remembers that an epoch begins at an offset, as a leader does at the end of its log when it takes over. */
    public void assignEpochStartOffset(int leaderEpoch, long startOffset) {
        state.failStop().ensureUsable();
        // Nothing that a checkpoint tells changes: the next append finds room for it, or does not.
        state.failStop().change(() -> state.epochs().assign(leaderEpoch, startOffset));
    }

    /** The first record whose time stamp is not before the given one. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        return state.segments().offsetForTimestamp(timestampMs, offsets.logStartOffset());
    }

    /** The first record with the greatest time stamp of the log. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetOfMaxTimestamp() {
        return state.segments().offsetOfMaxTimestamp(offsets.logStartOffset());
    }

    /** Bytes of all segments. Any thread. */
    public long sizeInBytes() {
        return state.segments().sizeInBytes();
    }

    // ---- truncation and deletion

    /**
     * Drops all batches that hold records at or above an offset. The end of the log may come to lie below the offset,
     * when it was within a batch. Lowers the high watermark if it must.
     *
     * @return whether anything was dropped
     */
    public boolean truncateTo(long offset) {
        return truncation.truncateTo(offset);
    }

    /** Drops everything; the log goes on at an offset, which may be anywhere. */
    public void truncateFullyAndStartAt(long offset) {
        truncation.startOverAt(offset);
    }

    /**
     * Makes records below an offset unreadable and deletes segments that hold no others. The new start is on disk when
     * this returns.
     *
     * @return whether the start moved
     * @throws IllegalArgumentException when the offset is above the high watermark
     */
    public boolean advanceLogStartOffset(long offset) {
        return retention.advanceTo(offset);
    }

    /**
     * Ends a last segment that is older than {@code segment.ms}, and deletes segments that are too old or too much by
     * {@code retention.ms} and {@code retention.bytes}. Records above the high watermark stay.
     *
     * @return how many
     */
    public int deleteOldSegments() {
        return deleteOldSegments(Long.MAX_VALUE);
    }

    /** {@link #deleteOldSegments()}, and nothing from the offset on. */
    public int deleteOldSegments(long neededFrom) {
        return retention.deleteOldSegments(neededFrom);
    }

    /** Whether its rules say that only the last record of each key is kept. Any thread. */
    public boolean isCompacted() {
        return configuration.compaction().enabled();
    }

    LogCompaction compaction() {
        return compaction;
    }

    /** Before batches are replaced by others: the journal must not put them back. Any thread. */
    void settle() {
        if (configuration.flushPolicy() == FlushPolicy.JOURNAL) {
            flush();
            forceCheckpoint();
        }
    }

    /** What the journal was told of the log while it was open before, counts no more: its files have all of it. Owner. */
    void settleAnew() {
        durability.settleAnew(state.checkpoints()::writeForced);
    }

    /** Replaces the rules of the log from the next append on. */
    public void reconfigure(LogConfiguration newConfiguration) {
        configuration = newConfiguration;
        if (!state.failStop().hasFailed()) {
            durability.keepBy(newConfiguration.flushPolicy(), state.checkpoints()::writeForced);
        }
    }

    // ---- durability

    /** Returns when everything that was appended before is on the medium. Any thread. */
    public void flush() {
        flush.flush();
    }

    /** Writes start, high watermark and recovery point, so that a restart finds them. Call it every few seconds. */
    public void checkpoint() {
        state.failStop().ensureUsable();
        state.failStop().change(() -> {
            state.checkpoints().write();
            return true;
        });
    }

    /** {@link #checkpoint} that survives the loss of power. */
    void forceCheckpoint() {
        state.failStop().change(() -> {
            state.checkpoints().writeForced();
            return true;
        });
    }

    /** Flushes, marks the log as cleanly shut down and closes its files once no slice needs them. */
    @Override
    public void close() {
        closeCleanly();
    }

    /** Closes; false when the disk failed now or earlier, so that the log is not marked as cleanly shut down. */
    boolean closeCleanly() {
        return end.closeCleanly();
    }

    /** Gives up the files without a last word to the disk, which cannot be relied on; readers with a slice go on. */
    void abandon() {
        end.abandon();
    }

    /** Closes the log and removes its directory. */
    public void delete() {
        end.delete();
    }
}
