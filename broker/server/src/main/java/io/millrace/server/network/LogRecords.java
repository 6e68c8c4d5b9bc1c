package io.millrace.server.network;

import io.millrace.protocol.wire.Records;
import io.millrace.storage.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Record batches that are still in a log, and that go to the socket without passing through memory of ours where that is cheaper. */
public final class LogRecords implements Records {
    /** Up to this size reading into memory costs less than a system call of its own for a region of the file. */
    private static final int READ_BYTES_MAX = 16 * 1024;

    private final LogSlice slice;
    private final int sizeInBytes;

    private LogRecords(LogSlice slice) {
        this.slice = slice;
        this.sizeInBytes = slice.sizeInBytes();
    }

    /** Takes the slice over. */
    public static Records consume(LogSlice slice) {
        if (slice.isEmpty()) {
            slice.close();
            return Records.EMPTY;
        }
        return new LogRecords(slice);
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public ByteBuf buffer() {
        throw new UnsupportedOperationException("records of a log are not in memory");
    }

    @Override
    public void release() {
        slice.close();
    }

    /** A copy of all bytes, which the caller releases. */
    public ByteBuf read(ByteBufAllocator allocator) {
        return slice.toByteBuf(allocator);
    }

    /** What Netty sends; takes over the slice. */
    Object toMessage(ByteBufAllocator allocator) {
        if (sizeInBytes > READ_BYTES_MAX && slice.channel().isPresent()) {
            return slice.toFileRegion();
        }
        try (slice) {
            return slice.toByteBuf(allocator);
        }
    }
}
