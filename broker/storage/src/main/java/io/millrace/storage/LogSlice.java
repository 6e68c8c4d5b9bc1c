package io.millrace.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FileRegion;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whole batches that lie side by side in one segment of a log, not yet read from disk.
 *
 * <p>Holds a lease of its segment: neither truncation nor deletion touches these bytes before {@link #close} was called
 * or the region of {@link #toFileRegion} was released. Not safe for threads; may be handed to another one.
 */
public final class LogSlice implements AutoCloseable {

    private final LogPosition position;
    private final int sizeInBytes;
    private @Nullable LogSegment leased;

    /** Takes over a lease of the segment; null where there is nothing to read. */
    LogSlice(@Nullable LogSegment leased, LogPosition position, int sizeInBytes) {
        this.leased = leased;
        this.position = position;
        this.sizeInBytes = sizeInBytes;
    }

    static LogSlice empty(long offset, long segmentBaseOffset) {
        return new LogSlice(null, new LogPosition(offset, segmentBaseOffset, 0), 0);
    }

    public boolean isEmpty() {
        return sizeInBytes == 0;
    }

    public int sizeInBytes() {
        return sizeInBytes;
    }

    /** Where the first batch begins; its offset may lie below the offset that was asked for. */
    public LogPosition position() {
        return position;
    }

    /** An offset that none of the records reaches; it may lie a little behind the last of them. Not to be asked of a slice that is closed. */
    public long offsetBound() {
        return isEmpty() ? position.offset() : openSegment().offsetBound(position.positionBytes() + sizeInBytes);
    }

    /** The file to transfer from, beginning at {@link #position}; empty when the disk has no channels. */
    public Optional<FileChannel> channel() {
        return leased == null ? Optional.empty() : leased.file().channel();
    }

    /**
     * A region for Netty to send, which takes over the lease; its channel stays open when it is released.
     *
     * @throws IllegalStateException when the slice is closed, empty without a file, or the disk has no channels
     */
    public FileRegion toFileRegion() {
        LogSegment segment = openSegment();
        FileChannel channel = segment.file()
                .channel()
                .orElseThrow(() -> new IllegalStateException("This disk has no channels to send from"));
        leased = null;
        return new SegmentRegion(segment, channel, position.positionBytes(), sizeInBytes);
    }

    /** Reads all bytes into a new buffer, which the caller releases. The slice stays open. */
    public ByteBuf toByteBuf(ByteBufAllocator allocator) {
        ByteBuf target = allocator.directBuffer(sizeInBytes, sizeInBytes);
        try {
            readInto(target);
        } catch (StorageException e) {
            target.release();
            throw e;
        }
        return target;
    }

    /** Appends all bytes to a buffer. The slice stays open. */
    public void readInto(ByteBuf target) {
        if (isEmpty()) {
            return;
        }
        openSegment().readInto(target, position.positionBytes(), sizeInBytes);
    }

    private LogSegment openSegment() {
        if (leased == null) {
            throw new IllegalStateException("The slice is closed, was handed over or never had a file");
        }
        return leased;
    }

    /** Gives the lease back. Further calls do nothing. */
    @Override
    public void close() {
        if (leased != null) {
            leased.release();
            leased = null;
        }
    }
}
