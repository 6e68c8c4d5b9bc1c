package io.millrace.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FileRegion;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * Whole batches that lie side by side in one segment of a log, not yet read from disk.
 *
 * <p>Holds a lease of its segment: neither truncation nor deletion touches these bytes before {@link #close} was called
 * or the region of {@link #toFileRegion} was released. Not safe for threads; may be handed to another one.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class LogSlice implements AutoCloseable {

    LogSlice() {}

    public boolean isEmpty() {
        throw new UnsupportedOperationException();
    }

    public int sizeInBytes() {
        throw new UnsupportedOperationException();
    }

    /** Where the first batch begins; its offset may lie below the offset that was asked for. */
    public LogPosition position() {
        throw new UnsupportedOperationException();
    }

    /** The file to transfer from, beginning at {@link #position}; empty when the disk has no channels. */
    public Optional<FileChannel> channel() {
        throw new UnsupportedOperationException();
    }

    /** A region for Netty to send, which takes over the lease; its channel stays open when it is released. */
    public FileRegion toFileRegion() {
        throw new UnsupportedOperationException();
    }

    /** Reads all bytes into a new buffer, which the caller releases. The slice stays open. */
    public ByteBuf toByteBuf(ByteBufAllocator allocator) {
        throw new UnsupportedOperationException();
    }

    /** Appends all bytes to a buffer. The slice stays open. */
    public void readInto(ByteBuf target) {
        throw new UnsupportedOperationException();
    }

    /** Gives the lease back. Further calls do nothing. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
