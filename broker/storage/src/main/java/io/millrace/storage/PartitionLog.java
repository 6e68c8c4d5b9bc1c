package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
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
 * the offsets may be asked from any thread at any time. {@link #flush} and {@link #checkpoint} may be called from any
 * thread, too. After the disk has failed, reads go on, and all else throws until the log is opened again.
 */
public final class PartitionLog implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(PartitionLog.class.getName());

    private final LogFiles files;
    private final InstantSource clock;
    private final Segments segments;
    private final ActiveSegment active;
    private final LeaderEpochs epochs;
    private final LogOffsets offsets;
    private final LogTruncation truncation;
    private final CheckpointWriter checkpoints;
    private final LogFlush flush;
    private final FailStop failStop;

    private volatile LogConfiguration configuration;
    private ProducerStates producers;

    private PartitionLog(LogFiles files, LogConfiguration configuration, InstantSource clock, LoadedLog loaded) {
        this.files = files;
        this.failStop = new FailStop(files.directory());
        this.configuration = configuration;
        this.clock = clock;
        this.segments = new Segments(loaded.segments());
        this.active = new ActiveSegment(files, segments);
        this.epochs = loaded.epochs();
        this.producers = loaded.producers();
        this.offsets = new LogOffsets(
                loaded.logStartOffset(), loaded.highWatermark(), loaded.recoveryPoint(), loaded.logEndOffset());
        this.checkpoints = new CheckpointWriter(files, offsets, loaded.clean());
        this.flush = new LogFlush(files, segments, epochs, offsets);
        this.truncation = new LogTruncation(files, segments, offsets, epochs, checkpoints, clock);
    }

    /**
     * Opens the log in a directory, which is created when it is missing. After anything but a {@link #close} the tail is
     * checked, and a batch that was torn while it was written is cut off.
     *
     * @throws CorruptLogException when there is damage elsewhere; no batch was removed
     * @throws StorageException when the disk fails
     */
    public static PartitionLog open(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        return load(new LogFiles(disk, directory), configuration, clock, false);
    }

    /**
     * Opens a damaged log by cutting it where its whole part ends. The log has lost data then: its replica may not lead
     * before it has caught up.
     */
    public static PartitionLog repair(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        PartitionLog log = load(new LogFiles(disk, directory), configuration, clock, true);
        log.checkpoint();
        return log;
    }

    private static PartitionLog load(
            LogFiles files, LogConfiguration configuration, InstantSource clock, boolean repairing) {
        LoadedLog loaded = new LogLoader(files, configuration, clock.millis(), repairing).load();
        return new PartitionLog(files, configuration, clock, loaded);
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
        failStop.ensureUsable();
        AcceptedBatches accepted = AcceptedBatches.ofProducer(batches);
        if (leaderEpoch < latestEpoch().orElse(leaderEpoch)) {
            throw new IllegalStateException(
                    "A leader of epoch " + leaderEpoch + " appends after one of epoch " + latestEpoch());
        }
        if (accepted.first().hasProducerId()) {
            Optional<AppendOutcome> refusal = producers.check(accepted.first());
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        accepted.assignOffsets(offsets.logEndOffset(), leaderEpoch);
        return new AppendOutcome.Appended(failStop.change(() -> append(accepted)));
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
        failStop.ensureUsable();
        int lowestEpoch = latestEpoch().orElse(RecordBatch.NO_LEADER_EPOCH);
        AcceptedBatches accepted =
                AcceptedBatches.ofLeader(batches, firstAcceptable(batches), lowestEpoch, leaderEpoch);
        return accepted.list().isEmpty() ? Optional.empty() : Optional.of(failStop.change(() -> append(accepted)));
    }

    private long firstAcceptable(ByteBuf batches) throws InvalidRecordException {
        long end = offsets.logEndOffset();
        boolean isEmpty = segments.last().isEmpty() && offsets.logStartOffset() >= end;
        return isEmpty ? AcceptedBatches.firstOffsetInto(end, batches) : end;
    }

    private AppendInfo append(AcceptedBatches batches) {
        checkpoints.markDirty();
        long nowMs = clock.millis();
        LogSegment segment = active.segmentFor(batches, configuration, producers, nowMs);
        long maxTimestamp = RecordBatch.NO_TIMESTAMP;
        for (RecordBatch batch : batches.list()) {
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
            maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
        }
        segment.append(batches.bytes(), batches.list(), configuration.indexIntervalBytes());
        for (RecordBatch batch : batches.list()) {
            producers.update(batch, nowMs, configuration);
        }
        offsets.endAt(segment.end().nextOffset());
        return new AppendInfo(
                batches.first().baseOffset(),
                batches.last().lastOffset(),
                maxTimestamp,
                batches.bytes().readableBytes());
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
        long end = offsets.logEndOffset();
        if (offset < start || offset > end) {
            throw new OffsetOutOfRangeException(offset, start, end);
        }
        long bound = Math.min(upperBoundOffset, end);
        if (offset >= bound) {
            return LogSlice.empty(offset, segments.last().baseOffset());
        }
        return segments.read(offset, maxBytes, bound, minOneBatch);
    }

    /** The first offset that may be read. */
    public long logStartOffset() {
        return offsets.logStartOffset();
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        return offsets.logEndOffset();
    }

    public long highWatermark() {
        return offsets.highWatermark();
    }

    /**
     * Raises the high watermark, at most to the end of the log; never lowers it. Owner.
     *
     * @return whether it moved
     */
    public boolean updateHighWatermark(long offset) {
        return offsets.raiseHighWatermark(offset);
    }

    /** The greatest leader epoch that the log knows; empty when it knows none. Any thread. */
    public OptionalInt latestEpoch() {
        return epochs.latest();
    }

    /** Where an epoch ends, as a leader answers it (KIP-320, KIP-595). Any thread. */
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return epochs.endOffsetFor(leaderEpoch, offsets.logEndOffset());
    }

    /** Where an epoch begins. Any thread. */
    public OptionalLong epochStartOffset(int leaderEpoch) {
        return epochs.startOffsetOf(leaderEpoch);
    }

    /** Remembers that an epoch begins at an offset, as a leader does at the end of its log when it takes over. */
    public void assignEpochStartOffset(int leaderEpoch, long startOffset) {
        failStop.ensureUsable();
        failStop.change(() -> {
            checkpoints.markDirty();
            return epochs.assign(leaderEpoch, startOffset);
        });
    }

    /** The first record whose time stamp is not before the given one. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        return segments.offsetForTimestamp(timestampMs, offsets.logStartOffset());
    }

    /** The first record with the greatest time stamp of the log. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetOfMaxTimestamp() {
        return segments.offsetOfMaxTimestamp(offsets.logStartOffset());
    }

    /** Bytes of all segments. Any thread. */
    public long sizeInBytes() {
        return segments.sizeInBytes();
    }

    // ---- truncation and deletion

    /**
     * Drops all batches that hold records at or above an offset. The end of the log may come to lie below the offset,
     * when it was within a batch. Lowers the high watermark if it must.
     *
     * @return whether anything was dropped
     */
    public boolean truncateTo(long offset) {
        failStop.ensureUsable();
        if (offset >= offsets.logEndOffset()) {
            // Epochs that begin at the end hold nothing, and the leader that truncates this log may not know them.
            epochs.truncateFromEnd(offsets.logEndOffset());
            return false;
        }
        if (offset < offsets.logStartOffset() || offset <= segments.first().baseOffset()) {
            truncateFullyAndStartAt(offset);
            return true;
        }
        if (!truncation.leavesAnything(offset)) {
            truncateFullyAndStartAt(offsets.logStartOffset());
            return true;
        }
        return failStop.change(() -> {
            flush.exclude(() -> truncation.dropFrom(offset));
            long end = offsets.logEndOffset();
            epochs.truncateFromEnd(end);
            if (!producers.isWithin(end)) {
                producers = replay().load(segments.all(), end);
            }
            return true;
        });
    }

    /** Drops everything; the log goes on at an offset, which may be anywhere. */
    public void truncateFullyAndStartAt(long offset) {
        failStop.ensureUsable();
        failStop.change(() -> {
            flush.exclude(() -> truncation.startOverAt(offset, replay()));
            epochs.clear();
            producers.clear();
            return true;
        });
    }

    private ProducerReplay replay() {
        return new ProducerReplay(files, configuration, clock.millis());
    }

    /**
     * Makes records below an offset unreadable and deletes segments that hold no others. The new start is on disk when
     * this returns.
     *
     * @return whether the start moved
     * @throws IllegalArgumentException when the offset is above the high watermark
     */
    public boolean advanceLogStartOffset(long offset) {
        failStop.ensureUsable();
        if (offset > offsets.highWatermark()) {
            throw new IllegalArgumentException(
                    "The log cannot start at " + offset + ", above its high watermark " + offsets.highWatermark());
        }
        if (offset <= offsets.logStartOffset()) {
            return false;
        }
        return failStop.change(() -> {
            truncation.dropBelow(offset);
            return true;
        });
    }

    /**
     * Deletes segments that are too old or too much by {@code retention.ms} and {@code retention.bytes}. Records above the
     * high watermark stay.
     *
     * @return how many
     */
    public int deleteOldSegments() {
        failStop.ensureUsable();
        long nowMs = clock.millis();
        producers.forget(nowMs, configuration);
        long newStart = new Retention(configuration, nowMs).startOffset(segments.all(), offsets.highWatermark());
        if (newStart <= offsets.logStartOffset()) {
            return 0;
        }
        return failStop.change(() -> {
            if (newStart == offsets.logEndOffset() && !segments.last().isEmpty()) {
                active.roll(newStart, producers, nowMs);
            }
            return truncation.dropBelow(newStart);
        });
    }

    /** Replaces the rules of the log from the next append on. */
    public void reconfigure(LogConfiguration newConfiguration) {
        configuration = newConfiguration;
    }

    // ---- durability

    /** Returns when everything that was appended before is on the medium. Any thread. */
    public void flush() {
        failStop.ensureUsable();
        flush.flush(failStop);
    }

    /** Writes start, high watermark and recovery point, so that a restart finds them. Call it every few seconds. */
    public void checkpoint() {
        failStop.ensureUsable();
        failStop.change(() -> {
            checkpoints.write();
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
        if (failStop.isClosed()) {
            return true;
        }
        boolean clean = !failStop.hasFailed() && finish();
        failStop.close();
        segments.all().forEach(LogSegment::close);
        if (clean) {
            int bytes = segments.last().end().bytes();
            checkpoints.writeClean(offsets.cleanCheckpoint(bytes));
        }
        return clean;
    }

    private boolean finish() {
        try {
            flush();
            producers.writeSnapshot(files, offsets.logEndOffset());
            return true;
        } catch (StorageException e) {
            LOGGER.log(
                    ERROR, () -> files.directory() + " could not be shut down cleanly; it is checked when opened", e);
            return false;
        }
    }

    /** Closes the log and removes its directory. */
    public void delete() {
        failStop.close();
        Path doomed = files.directory().resolveSibling(files.directory().getFileName() + LogFiles.DELETED);
        files.disk().move(files.directory(), doomed);
        segments.all().forEach(LogSegment::abandon);
        files.disk().delete(doomed);
    }
}
