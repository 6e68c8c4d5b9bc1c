package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;

/** Record batches in memory. */
public record ByteBufRecords(ByteBuf buffer) implements Records {
    @Override
    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    @Override
    public void release() {
        buffer.release();
    }
}
