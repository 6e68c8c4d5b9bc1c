package io.millrace.server.network;

import io.millrace.protocol.wire.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into frames, each of which follows its length in four bytes.
 *
 * <p>Owned by the connection's event loop. Frames that arrive whole are slices of what was read. A longer one is gathered in a
 * buffer of its own, into which {@link FrameReceiver} lets the socket be read, so that its bytes are not copied; the buffer grows as
 * the bytes arrive, whatever length the frame claims. Memory is counted in {@link RequestMemory}; what leaves here is counted as
 * its {@link ByteBuf#readableBytes()} and given back by the receiver of the frame.
 */
final class FrameDecoder {
    private static final int FIRST_CAPACITY = 16 * 1024;
    private static final int GROWTH = 4;

    private final int frameBytesMax;
    private final RequestMemory memory;
    private final ByteBufAllocator allocator;

    private int lengthBytesRead;
    private int length;
    private @Nullable ByteBuf gathering;
    private int largestFrame =
            FIRST_CAPACITY; // this peer has sent so much before, so it may be expected to do so again
    private long frameBeganNanos;

    FrameDecoder(int frameBytesMax, RequestMemory memory, ByteBufAllocator allocator) {
        this.frameBytesMax = frameBytesMax;
        this.memory = memory;
        this.allocator = allocator;
    }

    /**
     * Takes bytes up to the end of the next frame.
     *
     * @param in what was read; perhaps the very buffer that {@link #roomInFrame} lent
     * @return the frame, now the caller's, or null where all bytes were taken and none is whole
     * @throws MalformedMessageException where a length is out of bounds
     */
    @Nullable
    ByteBuf decode(ByteBuf in) {
        if (isGatheredIn(in)) {
            return gatheredIfWhole();
        }
        if (gathering == null) {
            if (!readLength(in)) {
                return null;
            }
            if (in.readableBytes() >= length) {
                return slice(in);
            }
            if (!in.isReadable()) {
                return null;
            }
            startGathering(in.readableBytes());
        }
        ByteBuf room = roomInFrame();
        in.readBytes(room, Math.min(in.readableBytes(), room.writableBytes()));
        return in.isReadable() && room.writerIndex() < length ? decode(in) : gatheredIfWhole();
    }

    /** Whether the whole length is known. */
    private boolean readLength(ByteBuf in) {
        if (lengthBytesRead == 0 && in.isReadable()) {
            frameBeganNanos = System.nanoTime();
        }
        while (lengthBytesRead < Integer.BYTES && in.isReadable()) {
            length = length << Byte.SIZE | in.readUnsignedByte();
            lengthBytesRead++;
        }
        if (lengthBytesRead == Integer.BYTES && (length < 0 || length > frameBytesMax)) {
            throw new MalformedMessageException("a frame claims " + length
                    + " bytes; from 0 to socket.request.max.bytes=" + frameBytesMax + " are allowed");
        }
        return lengthBytesRead == Integer.BYTES;
    }

    private ByteBuf slice(ByteBuf in) {
        memory.take(length);
        ByteBuf frame = in.readRetainedSlice(length);
        endFrame();
        return frame;
    }

    private void startGathering(int available) {
        int capacity = Math.min(length, Math.max(available, largestFrame));
        memory.take(capacity);
        gathering = allocator.directBuffer(capacity, length);
    }

    private @Nullable ByteBuf gatheredIfWhole() {
        ByteBuf frame = gathering;
        if (frame == null || frame.writerIndex() < length) {
            return null;
        }
        gathering = null;
        largestFrame = Math.max(largestFrame, length);
        endFrame();
        return frame;
    }

    private void endFrame() {
        lengthBytesRead = 0;
        length = 0;
    }

    /** The buffer of the frame that is being gathered, with room for at least one more byte and for none after its end. */
    ByteBuf roomInFrame() {
        ByteBuf frame = gathering;
        if (frame == null) {
            throw new IllegalStateException("no frame is being gathered");
        }
        if (!frame.isWritable()) {
            int grown = (int) Math.min(length, (long) frame.capacity() * GROWTH);
            memory.take(grown - frame.capacity());
            frame.capacity(grown);
        }
        return frame;
    }

    boolean isGathering() {
        return gathering != null;
    }

    /** Whether this is the buffer that {@link #roomInFrame} lends. */
    @SuppressWarnings("ReferenceEquality") // another buffer with equal bytes is another buffer
    boolean isGatheredIn(ByteBuf in) {
        return in == gathering;
    }

    /** Whether a frame has begun and not ended. */
    boolean isWithinFrame() {
        return lengthBytesRead > 0;
    }

    /** When the frame began within which the connection is. */
    long frameBeganNanos() {
        return frameBeganNanos;
    }

    /** Counts the time of the current frame anew, because it was us who did not read. */
    void restartFrameTime() {
        frameBeganNanos = System.nanoTime();
    }

    /** Drops what has arrived in part. */
    void close() {
        ByteBuf dropped = gathering;
        if (dropped != null) {
            gathering = null;
            memory.giveBack(dropped.capacity());
            dropped.release();
        }
        endFrame();
    }
}
