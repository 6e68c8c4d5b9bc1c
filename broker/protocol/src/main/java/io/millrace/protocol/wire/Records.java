package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;

/**
 * Record batches inside a message, as they came or as they will be sent: never parsed, never copied by the codec.
 *
 * <p>What is read from a frame is always a {@link ByteBufRecords} over a slice of that frame and lives as long as the
 * frame does. What is written may be any implementation: it becomes a part of the {@link OutgoingFrame}, and the network
 * layer, which knows the implementations, turns it into what the transport takes (a buffer, a region of a file).
 */
public interface Records {
    Records EMPTY = new ByteBufRecords(io.netty.buffer.Unpooled.EMPTY_BUFFER);

    /** The bytes from the buffer's reader index to its writer index. */
    static Records of(ByteBuf buffer) {
        return new ByteBufRecords(buffer);
    }

    int sizeInBytes();

    /**
     * The bytes in memory, without a transfer of ownership. Records read from a frame always have it.
     *
     * @throws UnsupportedOperationException where the bytes are not in memory
     */
    ByteBuf buffer();

    /**
     * Gives up what holds the bytes. Call it for records made here that were not handed over to a frame, never for
     * records read from one.
     */
    void release();
}
