package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica's log of one partition: record batches by offset, on disk.
 *
 * <p>Appends, truncation, deletion and changes of epoch belong to one thread, the owner. {@link #read}, the look-ups and
 * the offsets may be asked from any thread at any time. {@link #flush} and {@link #checkpoint} may be called from any
 * thread, too.
 *
 * <p>Invariant: {@code logStartOffset <= highWatermark <= logEndOffset}.
 *
 * <pre>
 * open --append, truncate--> dirty --close--> closed, clean
 *   |                          |
 *   +------disk failed---------+--> failed: reads go on, all else throws until the log is opened again
 * </pre>
 */
public final class PartitionLog implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(PartitionLog.class.getName());

    private final LogFiles files;
    private final InstantSource clock;
    private final Segments segments;
    private final LeaderEpochs epochs;
    /** Held while data is forced to the medium, and while what is forced is cut off. */
    private final Object flushLock = new Object();

    private final CheckpointWriter checkpoints;

    private volatile LogConfiguration configuration;
    private volatile long logStartOffset;
    private volatile long highWatermark;
    private volatile long logEndOffset;
    /** Below this offset everything is on the medium. Changed under {@link #flushLock}. */
    private volatile long recoveryPoint;

    private volatile @Nullable StorageException failure;
    private ProducerStates producers;
    private volatile boolean closed;

    private PartitionLog(LogFiles files, LogConfiguration configuration, InstantSource clock, LoadedLog loaded) {
        this.files = files;
        this.configuration = configuration;
        this.clock = clock;
        this.segments = new Segments(loaded.segments());
        this.epochs = loaded.epochs();
        this.producers = loaded.producers();
        this.logStartOffset = loaded.logStartOffset();
        this.highWatermark = loaded.highWatermark();
        this.logEndOffset = loaded.logEndOffset();
        this.recoveryPoint = loaded.recoveryPoint();
        this.checkpoints = new CheckpointWriter(files, loaded.clean());
    }

    /**
     * Opens the log in a directory, which is created when it is missing. After anything but a {@link #close} the tail is
     * checked, and a batch that was torn while it was written is cut off.
     *
     * @throws CorruptLogException when there is damage elsewhere; no batch was removed
     * @throws StorageException when the disk fails
     */
    public static PartitionLog open(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        LogFiles files = new LogFiles(disk, directory);
        return new PartitionLog(
                files, configuration, clock, new LogLoader(files, configuration, clock.millis(), false).load());
    }

    /**
     * Opens a damaged log by cutting it where its whole part ends. The log has lost data then: its replica may not lead
     * before it has caught up.
     */
    public static PartitionLog repair(Disk disk, Path directory, LogConfiguration configuration, InstantSource clock) {
        LogFiles files = new LogFiles(disk, directory);
        PartitionLog log = new PartitionLog(
                files, configuration, clock, new LogLoader(files, configuration, clock.millis(), true).load());
        log.checkpoint();
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
        ensureUsable();
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
        accepted.assignOffsets(logEndOffset, leaderEpoch);
        return new AppendOutcome.Appended(change(() -> append(accepted)));
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
        ensureUsable();
        int lowestEpoch = latestEpoch().orElse(RecordBatch.NO_LEADER_EPOCH);
        AcceptedBatches accepted =
                AcceptedBatches.ofLeader(batches, firstAcceptable(batches), lowestEpoch, leaderEpoch);
        return accepted.list().isEmpty() ? Optional.empty() : Optional.of(change(() -> append(accepted)));
    }

    /** An empty log may begin within a batch, of which its leader has deleted the first records. */
    private long firstAcceptable(ByteBuf batches) throws InvalidRecordException {
        if (!batches.isReadable() || !segments.last().isEmpty() || logStartOffset < logEndOffset) {
            return logEndOffset;
        }
        RecordBatch first = RecordBatch.at(batches, batches.readerIndex());
        return first.lastOffset() >= logEndOffset ? Math.min(first.baseOffset(), logEndOffset) : logEndOffset;
    }

    private AppendInfo append(AcceptedBatches batches) {
        checkpoints.markDirty(this::checkpointNow);
        long baseOffset = batches.first().baseOffset();
        long lastOffset = batches.last().lastOffset();
        int bytes = batches.bytes().readableBytes();
        long nowMs = clock.millis();
        LogSegment active = segmentFor(baseOffset, lastOffset, bytes, nowMs);
        long maxTimestamp = RecordBatch.NO_TIMESTAMP;
        for (RecordBatch batch : batches.list()) {
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
            maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
        }
        active.append(batches.bytes(), batches.list(), configuration.indexIntervalBytes());
        for (RecordBatch batch : batches.list()) {
            producers.update(batch, nowMs, configuration);
        }
        logEndOffset = active.end().nextOffset();
        return new AppendInfo(baseOffset, lastOffset, maxTimestamp, bytes);
    }

    private LogSegment segmentFor(long baseOffset, long lastOffset, int bytes, long nowMs) {
        if (baseOffset < segments.last().baseOffset()) {
            replaceEmpty(LogSegment.create(files, baseOffset, nowMs));
        }
        LogSegment active = segments.last();
        return mustRoll(active, bytes, lastOffset, nowMs) ? roll(baseOffset, nowMs) : active;
    }

    private void replaceEmpty(LogSegment replacement) {
        List<LogSegment> empty = segments.all();
        segments.replace(List.of(replacement));
        empty.forEach(LogSegment::delete);
    }

    private boolean mustRoll(LogSegment active, int bytes, long lastOffset, long nowMs) {
        if (lastOffset - active.baseOffset() >= Integer.MAX_VALUE) {
            return true;
        }
        if (active.isEmpty()) {
            return false;
        }
        return (long) active.end().bytes() + bytes > configuration.segmentBytes()
                || nowMs - active.createdMs() >= configuration.segmentMs()
                || active.indexBytes() + SegmentIndex.ENTRY_BYTES > configuration.segmentIndexBytes();
    }

    private LogSegment roll(long baseOffset, long nowMs) {
        LogSegment full = segments.last();
        if (full.baseOffset() == baseOffset) {
            return full;
        }
        if (!full.isEmpty()) {
            full.seal();
            producers.writeSnapshot(files, baseOffset);
        }
        LogSegment next = LogSegment.create(files, baseOffset, nowMs);
        segments.add(next);
        LOGGER.log(DEBUG, () -> "Rolled " + files.log(baseOffset));
        return next;
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
        long start = logStartOffset;
        long end = logEndOffset;
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
        return logStartOffset;
    }

    /** The offset that the next record gets. */
    public long logEndOffset() {
        return logEndOffset;
    }

    public long highWatermark() {
        return highWatermark;
    }

    /**
     * Raises the high watermark, at most to the end of the log; never lowers it. Owner.
     *
     * @return whether it moved
     */
    public boolean updateHighWatermark(long offset) {
        long raised = Math.min(offset, logEndOffset);
        if (raised <= highWatermark) {
            return false;
        }
        highWatermark = raised;
        return true;
    }

    /** The greatest leader epoch that the log knows; empty when it knows none. Any thread. */
    public OptionalInt latestEpoch() {
        return epochs.latest();
    }

    /** Where an epoch ends, as a leader answers it (KIP-320, KIP-595). Any thread. */
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return epochs.endOffsetFor(leaderEpoch, logEndOffset);
    }

    /** Where an epoch begins. Any thread. */
    public OptionalLong epochStartOffset(int leaderEpoch) {
        return epochs.startOffsetOf(leaderEpoch);
    }

    /** Remembers that an epoch begins at an offset, as a leader does at the end of its log when it takes over. */
    public void assignEpochStartOffset(int leaderEpoch, long startOffset) {
        ensureUsable();
        change(() -> {
            checkpoints.markDirty(this::checkpointNow);
            return epochs.assign(leaderEpoch, startOffset);
        });
    }

    /** The first record whose time stamp is not before the given one. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        return segments.offsetForTimestamp(timestampMs, logStartOffset);
    }

    /** The first record with the greatest time stamp of the log. Reads from disk. Any thread. */
    public Optional<TimestampOffset> offsetOfMaxTimestamp() {
        return segments.offsetOfMaxTimestamp(logStartOffset);
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
        ensureUsable();
        if (offset >= logEndOffset) {
            // Epochs that begin at the end hold nothing, and the leader that truncates this log may not know them.
            epochs.truncateFromEnd(logEndOffset);
            return false;
        }
        if (offset < logStartOffset || offset <= segments.first().baseOffset()) {
            truncateFullyAndStartAt(offset);
            return true;
        }
        if (endOffsetBelow(offset) < logStartOffset) {
            // One batch reaches from below the start of the log to above the offset; nothing is left without it.
            truncateFullyAndStartAt(logStartOffset);
            return true;
        }
        return change(() -> {
            synchronized (flushLock) {
                cutSegments(offset);
            }
            epochs.truncateFromEnd(logEndOffset);
            if (!producers.isWithin(logEndOffset)) {
                producers = replay().load(segments.all(), logEndOffset);
            }
            return true;
        });
    }

    private long endOffsetBelow(long offset) {
        return segments.all().get(segments.indexOf(offset - 1)).endOffsetBelow(offset);
    }

    private void cutSegments(long offset) {
        List<LogSegment> all = segments.all();
        int i = segments.indexOf(offset - 1);
        LogSegment last = all.get(i);
        noteTruncation(last.endOffsetBelow(offset));
        segments.replace(all.subList(0, i + 1));
        all.subList(i + 1, all.size()).forEach(LogSegment::delete);
        boolean whole = last.end().nextOffset() <= offset;
        boolean mayGrow = whole ? last.reopen() : last.truncateTo(offset);
        if (!mayGrow) {
            segments.add(LogSegment.create(files, last.end().nextOffset(), clock.millis()));
        }
        logEndOffset = segments.last().end().nextOffset();
    }

    /** Notes on disk what will be gone, before it is: nothing may be promised that a crash then leaves missing. */
    private void noteTruncation(long newEndOffset) {
        highWatermark = Math.min(highWatermark, newEndOffset);
        recoveryPoint = Math.min(recoveryPoint, newEndOffset);
        logEndOffset = Math.min(logEndOffset, newEndOffset);
        checkpoints.markDirty(() -> {});
        checkpointNow();
    }

    /** Drops everything; the log goes on at an offset, which may be anywhere. */
    public void truncateFullyAndStartAt(long offset) {
        ensureUsable();
        change(() -> {
            synchronized (flushLock) {
                logStartOffset = offset;
                highWatermark = offset;
                recoveryPoint = offset;
                checkpoints.markDirty(() -> {});
                checkpointNow();
                List<LogSegment> dropped = segments.all();
                dropped.forEach(LogSegment::removeFiles);
                replay().removeSnapshots();
                segments.replace(List.of(LogSegment.create(files, offset, clock.millis())));
                logEndOffset = offset;
                dropped.forEach(LogSegment::giveUp);
            }
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
        ensureUsable();
        if (offset > highWatermark) {
            throw new IllegalArgumentException(
                    "The log cannot start at " + offset + ", above its high watermark " + highWatermark);
        }
        if (offset <= logStartOffset) {
            return false;
        }
        return change(() -> {
            deleteBelow(offset);
            return true;
        });
    }

    private int deleteBelow(long offset) {
        logStartOffset = offset;
        checkpoints.markDirty(() -> {});
        checkpointNow();
        List<LogSegment> all = segments.all();
        int kept = 0;
        while (kept < all.size() - 1 && all.get(kept + 1).baseOffset() <= offset) {
            kept++;
        }
        segments.replace(all.subList(kept, all.size()));
        all.subList(0, kept).forEach(LogSegment::delete);
        epochs.truncateFromStart(offset);
        return kept;
    }

    /**
     * Deletes segments that are too old or too much by {@code retention.ms} and {@code retention.bytes}. Records above the
     * high watermark stay.
     *
     * @return how many
     */
    public int deleteOldSegments() {
        ensureUsable();
        long nowMs = clock.millis();
        producers.forget(nowMs, configuration);
        long newStart = new Retention(configuration, nowMs).startOffset(segments.all(), highWatermark);
        if (newStart <= logStartOffset) {
            return 0;
        }
        return change(() -> {
            if (newStart == logEndOffset && !segments.last().isEmpty()) {
                roll(logEndOffset, nowMs);
            }
            return deleteBelow(newStart);
        });
    }

    /** Replaces the rules of the log from the next append on. */
    public void reconfigure(LogConfiguration newConfiguration) {
        configuration = newConfiguration;
    }

    // ---- durability

    /** Returns when everything that was appended before is on the medium. Any thread. */
    public void flush() {
        ensureUsable();
        synchronized (flushLock) {
            long end = logEndOffset;
            if (end <= recoveryPoint) {
                return;
            }
            change(() -> {
                epochs.write(true);
                for (LogSegment segment : segments.all()) {
                    if (segment.end().nextOffset() > recoveryPoint) {
                        segment.force();
                    }
                }
                files.disk().forceDirectory(files.directory());
                return end;
            });
            recoveryPoint = end;
        }
    }

    /** Writes start, high watermark and recovery point, so that a restart finds them. Call it every few seconds. */
    public void checkpoint() {
        ensureUsable();
        change(() -> {
            checkpointNow();
            return true;
        });
    }

    private void checkpointNow() {
        checkpoints.write(() -> new LogCheckpoint(logStartOffset, highWatermark, recoveryPoint, false, 0, 0));
    }

    private void ensureUsable() {
        StorageException earlier = failure;
        if (earlier != null) {
            throw new StorageException("The log " + files.directory() + " is offline since its disk failed", earlier);
        }
        if (closed) {
            throw new StorageException("The log " + files.directory() + " is closed");
        }
    }

    /** Runs what changes the disk. When that fails, the log is over: nobody knows what is on the medium. */
    private <T> T change(Supplier<T> change) {
        try {
            return change.get();
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
    }

    /** Flushes, marks the log as cleanly shut down and closes its files once no slice needs them. */
    @Override
    public void close() {
        closeCleanly();
    }

    /** Closes; false when the disk failed now or earlier, so that the log is not marked as cleanly shut down. */
    boolean closeCleanly() {
        if (closed) {
            return true;
        }
        boolean clean = failure == null && finish();
        closed = true;
        segments.all().forEach(LogSegment::close);
        if (clean) {
            int bytes = segments.last().end().bytes();
            checkpoints.writeClean(
                    new LogCheckpoint(logStartOffset, highWatermark, recoveryPoint, true, logEndOffset, bytes));
        }
        return clean;
    }

    private boolean finish() {
        try {
            flush();
            producers.writeSnapshot(files, logEndOffset);
            return true;
        } catch (StorageException e) {
            LOGGER.log(
                    ERROR, () -> files.directory() + " could not be shut down cleanly; it is checked when opened", e);
            return false;
        }
    }

    /** Closes the log and removes its directory. */
    public void delete() {
        closed = true;
        Path doomed = files.directory().resolveSibling(files.directory().getFileName() + LogFiles.DELETED);
        files.disk().move(files.directory(), doomed);
        segments.all().forEach(LogSegment::abandon);
        files.disk().delete(doomed);
    }
}
