package io.millrace.storage;

import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What compaction left of some neighbouring segments, in files beside theirs.
 *
 * <p>Written by the cleaner; once it is complete it belongs to the owner of the log, who swaps it in or discards it.
 */
final class CleanedSegment {

    private static final int WRITE_BYTES = 256 * 1024;

    private final LogFiles files;
    private final List<LogSegment> sources;
    private final SegmentScan scan;
    private final ByteBuf pending = Unpooled.buffer(WRITE_BYTES);
    private int written;
    private @Nullable DiskFile file;

    CleanedSegment(LogFiles files, List<LogSegment> sources, int indexIntervalBytes) {
        this.files = files;
        this.sources = List.copyOf(sources);
        this.scan = new SegmentScan(baseOffset(), indexIntervalBytes);
        files.disk().delete(files.cleaned(baseOffset()));
        this.file = files.disk().open(files.cleaned(baseOffset()));
    }

    final long baseOffset() {
        return sources.get(0).baseOffset();
    }

    /** The segments in whose place this one is to come. */
    List<LogSegment> sources() {
        return sources;
    }

    LogSegment.End end() {
        return scan.end();
    }

    /** Adds a batch behind the others. */
    void add(RecordBatch batch) {
        if ((long) scan.bytes() + batch.sizeInBytes() > Integer.MAX_VALUE) {
            throw new StorageException("The cleaned form of " + files.log(baseOffset()) + " would have more than "
                    + Integer.MAX_VALUE + " bytes; a smaller segment.bytes avoids that");
        }
        scan.add(batch, scan.bytes());
        pending.writeBytes(batch.bytes());
        if (pending.readableBytes() >= WRITE_BYTES) {
            write();
        }
    }

    private void write() {
        int bytes = pending.readableBytes();
        openFile().write(pending.nioBuffers(pending.readerIndex(), bytes), written);
        written += bytes;
        pending.clear();
    }

    /** Brings everything to the medium. */
    void complete() {
        write();
        openFile().force();
        closeFile();
        SegmentIndex.Entries entries = scan.entries()
                .plus(
                        (int) (scan.nextOffset() - baseOffset()),
                        scan.bytes(),
                        scan.end().maxTimestamp());
        SegmentIndex.write(files.disk(), files.cleanedIndex(baseOffset()), entries);
    }

    /** Removes what was written. */
    void discard() {
        closeFile();
        files.disk().delete(files.cleaned(baseOffset()));
        files.disk().delete(files.cleanedIndex(baseOffset()));
    }

    private DiskFile openFile() {
        if (file == null) {
            throw new IllegalStateException("The cleaned segment " + files.cleaned(baseOffset()) + " is complete");
        }
        return file;
    }

    private void closeFile() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
