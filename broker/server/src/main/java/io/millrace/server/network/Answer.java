package io.millrace.server.network;

import io.millrace.protocol.wire.OutgoingFrame;
import io.netty.buffer.ByteBufAllocator;

/** The answer to a request, not yet encoded. Exactly one of its methods is called, once. */
public interface Answer {
    /** Turns the answer into bytes, on the event loop that sends it. */
    OutgoingFrame encode(ByteBufAllocator allocator);

    /** Gives up what the answer holds, because its connection is gone. */
    void discard();
}
