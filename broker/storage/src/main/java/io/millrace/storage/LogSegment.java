package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log: the batches from one offset up to the next segment's.
 *
 * <p>Changed by the owner of the log, read by any thread that holds a lease. Invariant: bytes below {@link End#bytes} never
 * change while anybody holds a lease.
 *
 * <pre>
 * growing --seal--> sealed --delete--> removed from the directory --last lease given back--> closed
 *    |                 ^
 *    +--truncate-------+  when leases are out: cut for readers at once, on disk with the last lease
 * </pre>
 */
final class LogSegment {

    /** Where the segment ends, published as one. */
    record End(int bytes, long nextOffset, long maxTimestamp) {}

    private final LogFiles files;
    private final long baseOffset;
    private final DiskFile file;
    private final SegmentIndex index;
    private final BatchLookup batches;
    private final long createdMs;

    /** One for the log itself, one for each reader; at 0 the file is closed. */
    private final AtomicInteger leases = new AtomicInteger(1);

    private volatile End end;
    private volatile boolean cutPending;
    /** Whether the log has given back its own lease, so that all others are readers'. */
    private volatile boolean given;

    private boolean sealed;
    private int lastIndexedBytes;

    private LogSegment(LogFiles files, long baseOffset, SegmentIndex index, End end, long nowMs) {
        this.files = files;
        this.baseOffset = baseOffset;
        this.file = files.disk().open(files.log(baseOffset));
        this.index = index;
        this.end = end;
        this.batches = new BatchLookup(files, baseOffset, file, index, this::end);
        this.createdMs = firstTimestamp(nowMs);
    }

    /** The age of a segment outlives restarts: it is that of its first batch. */
    private long firstTimestamp(long nowMs) {
        try {
            RecordBatch first = new BatchScanner(file, 0, end.bytes()).next();
            return first == null || first.maxTimestamp() < 0 ? nowMs : Math.min(nowMs, first.maxTimestamp());
        } catch (InvalidRecordException unknown) {
            return nowMs;
        }
    }

    /** A new, empty segment. */
    static LogSegment create(LogFiles files, long baseOffset, long nowMs) {
        files.disk().delete(files.log(baseOffset));
        SegmentIndex index = SegmentIndex.growing(files.disk(), files.index(baseOffset), SegmentIndex.Entries.EMPTY);
        return new LogSegment(files, baseOffset, index, new End(0, baseOffset, RecordBatch.NO_TIMESTAMP), nowMs);
    }

    /** A segment that nothing is appended to any more. */
    static LogSegment openSealed(LogFiles files, long baseOffset, End end, long nowMs) {
        SegmentIndex index = SegmentIndex.sealed(files.disk(), files.index(baseOffset));
        LogSegment segment = new LogSegment(files, baseOffset, index, end, nowMs);
        segment.sealed = true;
        return segment;
    }

    /** The last segment of a log, with the index that its scan made. */
    static LogSegment openGrowing(LogFiles files, long baseOffset, End end, SegmentIndex.Entries entries, long nowMs) {
        SegmentIndex index = SegmentIndex.growing(files.disk(), files.index(baseOffset), entries);
        LogSegment segment = new LogSegment(files, baseOffset, index, end, nowMs);
        segment.lastIndexedBytes = entries.boundaryBelow(end.bytes());
        return segment;
    }

    long baseOffset() {
        return baseOffset;
    }

    End end() {
        return end;
    }

    boolean isEmpty() {
        return end.bytes() == 0;
    }

    long createdMs() {
        return createdMs;
    }

    boolean isSealed() {
        return sealed;
    }

    int indexBytes() {
        return index.entryCount() * SegmentIndex.ENTRY_BYTES;
    }

    DiskFile file() {
        return file;
    }

    // ---- the owner

    /** Appends batches whose offsets are assigned and follow the end. */
    void append(ByteBuf bytes, List<RecordBatch> appended, int indexIntervalBytes) {
        End before = end;
        write(bytes, before.bytes());
        int position = before.bytes();
        long nextOffset = before.nextOffset();
        long maxTimestamp = before.maxTimestamp();
        for (RecordBatch batch : appended) {
            if (position - lastIndexedBytes > indexIntervalBytes) {
                index.add((int) (batch.baseOffset() - baseOffset), position, maxTimestamp);
                lastIndexedBytes = position;
            }
            position += batch.sizeInBytes();
            nextOffset = batch.nextOffset();
            maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
        }
        end = new End(position, nextOffset, maxTimestamp);
    }

    /** Writes all or nothing: what a full disk has taken is cut off again. */
    private void write(ByteBuf bytes, int position) {
        try {
            file.write(bytes.nioBuffers(bytes.readerIndex(), bytes.readableBytes()), position);
        } catch (DiskFullException e) {
            if (file.size() > position) {
                file.truncate(position);
            }
            throw e;
        }
    }

    /**
     * Drops the batch that holds an offset and all behind it.
     *
     * @return whether appends may go on here; if not, readers still need the dropped bytes and the segment is sealed
     */
    boolean truncateTo(long offset) {
        End cut = batches.endBefore(offset);
        unsealIfSealed();
        end = cut;
        index.truncateTo(cut.bytes());
        lastIndexedBytes = Math.min(lastIndexedBytes, cut.bytes());
        if (leases.get() == 1) {
            cutNow();
            return true;
        }
        seal();
        cutPending = true;
        if (leases.get() == 1) {
            finishCut();
        }
        return false;
    }

    /** Where the segment would end if it were truncated. */
    long endOffsetBelow(long offset) {
        return batches.endBefore(offset).nextOffset();
    }

    private void unseal() {
        SegmentIndex.Entries kept = batches.entries().below(end.bytes());
        index.unseal(kept);
        lastIndexedBytes = kept.boundaryBelow(end.bytes());
        sealed = false;
    }

    /**
     * Lets the segment grow again, after those behind it were dropped.
     *
     * @return whether it may; if not, readers still need bytes behind its end
     */
    boolean reopen() {
        if (cutPending) {
            return false;
        }
        unsealIfSealed();
        return true;
    }

    private void unsealIfSealed() {
        if (sealed) {
            unseal();
        }
    }

    void seal() {
        if (!sealed) {
            index.seal(batches.relative(end.nextOffset()), end.bytes(), end.maxTimestamp());
            sealed = true;
        }
    }

    /** Removes the files and gives up what is open; readers with a lease go on. */
    void delete() {
        removeFiles();
        giveUp();
    }

    /** Gives back the lease of the log itself. */
    void giveUp() {
        given = true;
        release();
    }

    /** Makes the names of the files free; the segment can still be read. */
    void removeFiles() {
        replaceFiles();
        files.disk().delete(files.snapshot(baseOffset));
    }

    /** Makes the names free for a segment that holds the same: what is known of producers at its beginning stays. */
    void replaceFiles() {
        index.detach();
        forgetCut();
        files.disk().delete(files.log(baseOffset));
        files.disk().delete(files.index(baseOffset));
    }

    /** Writes what is only in memory and gives up the file as soon as no reader needs it. */
    void close() {
        index.persistIfThereIsRoom();
        index.close();
        giveUp();
    }

    /** Gives up the file, whose directory is being removed. */
    void abandon() {
        index.detach();
        forgetCut();
        giveUp();
    }

    // ---- any thread

    /** Takes a lease; refuses when the segment is closed. */
    boolean acquire() {
        while (true) {
            int present = leases.get();
            if (present == 0) {
                return false;
            }
            if (leases.compareAndSet(present, present + 1)) {
                return true;
            }
        }
    }

    void release() {
        int left = leases.decrementAndGet();
        if (left == (given ? 0 : 1) && cutPending) {
            finishCut();
        }
        if (left == 0) {
            closeFile();
        }
    }

    /** With the readers gone that saw the old end; later ones do not look beyond the new one. */
    private synchronized void finishCut() {
        if (cutPending) {
            cutNow();
        }
    }

    /** Afterwards nobody cuts again: the segment may grow. */
    private synchronized void cutNow() {
        file.truncate(end.bytes());
        cutPending = false;
    }

    /** Nobody needs the cut any more: the file goes. A cut that has begun ends first. */
    private synchronized void forgetCut() {
        cutPending = false;
    }

    /** Whoever gave back the last lease but one may still be cutting. */
    private synchronized void closeFile() {
        file.close();
    }

    /** Returns when all that was appended before is on the medium; false when the segment is closed. */
    boolean force() {
        if (!acquire()) {
            return false;
        }
        try {
            file.force();
            index.force();
            return true;
        } finally {
            release();
        }
    }

    /**
     * A slice from the batch with an offset on, under the lease of the caller, which the slice takes over; null when this
     * segment holds nothing at or above the offset, and the caller keeps its lease.
     */
    @Nullable
    LogSlice slice(long offset, int maxBytes, long upperBoundOffset, boolean minOneBatch) {
        End here = end;
        BatchScanner scanner = batches.scannerBelow(offset, here);
        RecordBatch first = batches.firstReaching(offset, scanner);
        if (first == null) {
            return null;
        }
        int start = scanner.position();
        LogPosition position = new LogPosition(first.baseOffset(), baseOffset, start);
        int firstBytes = first.sizeInBytes();
        if (first.lastOffset() >= upperBoundOffset) {
            return new LogSlice(this, position, 0);
        }
        int limit = here.nextOffset() <= upperBoundOffset
                ? here.bytes()
                : batches.positionOf(upperBoundOffset, start, here);
        if (limit - start <= maxBytes) {
            return new LogSlice(this, position, limit - start);
        }
        if (firstBytes >= maxBytes) {
            boolean whole = minOneBatch || firstBytes == maxBytes;
            return new LogSlice(this, position, whole ? firstBytes : 0);
        }
        return new LogSlice(this, position, batches.boundaryBelow(start + maxBytes, start, here) - start);
    }

    /** An offset that no batch below a position reaches, not far behind the last of them. */
    long offsetBound(int position) {
        return batches.offsetBound(position, end);
    }

    /** A scanner that begins with the first batch. */
    BatchScanner scanner() {
        return new BatchScanner(file, 0, end.bytes());
    }

    /** A scanner behind batches that have only older time stamps. */
    BatchScanner scannerForTimestamp(long timestamp) {
        return batches.scannerForTimestamp(timestamp, end);
    }

    /** A scanner that begins with a batch at or before the one that holds an offset. */
    BatchScanner scannerBelow(long offset) {
        return batches.scannerBelow(offset, end);
    }

    /** The next header of a scanner of this segment; null at the end. */
    @Nullable
    RecordBatch next(BatchScanner scanner) {
        return batches.next(scanner);
    }

    /** A copy of one batch. */
    byte[] readBatch(int position, int bytes) {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        checkRead(file.read(target, position), position, bytes);
        return target.array();
    }

    /** Appends a part of the file to a buffer. */
    void readInto(ByteBuf target, int position, int bytes) {
        target.ensureWritable(bytes);
        int read = 0;
        for (ByteBuffer part : target.nioBuffers(target.writerIndex(), bytes)) {
            read += file.read(part, position + read);
        }
        checkRead(read, position, bytes);
        target.writerIndex(target.writerIndex() + bytes);
    }

    private void checkRead(int read, int position, int bytes) {
        if (read < bytes) {
            throw new StorageException(
                    files.log(baseOffset) + " ends before byte " + (position + bytes) + ", which was written to it");
        }
    }
}
