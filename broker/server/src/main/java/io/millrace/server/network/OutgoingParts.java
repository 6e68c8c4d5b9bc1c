package io.millrace.server.network;

import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBufAllocator;

/** Turns the parts of a frame into what Netty's transports send. */
final class OutgoingParts {
    private OutgoingParts() {}

    /** Takes over the part. */
    static Object message(Records part, ByteBufAllocator allocator) {
        return part instanceof LogRecords inLog ? inLog.toMessage(allocator) : part.buffer();
    }
}
