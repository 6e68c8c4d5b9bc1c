package io.millrace.server.request;

import io.millrace.protocol.message.Frames;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.server.network.Answer;
import io.netty.buffer.ByteBufAllocator;

/** A response on its way to the client. */
record ResponseAnswer(int apiVersion, int correlationId, Response response) implements Answer {
    @Override
    public OutgoingFrame encode(ByteBufAllocator allocator) {
        boolean isEncoded = false;
        try {
            OutgoingFrame frame = Frames.response(allocator, apiVersion, correlationId, response);
            isEncoded = true;
            return frame;
        } finally {
            if (!isEncoded) {
                response.releaseRecords();
            }
        }
    }

    @Override
    public void discard() {
        response.releaseRecords();
    }
}
