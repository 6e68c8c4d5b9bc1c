package io.millrace.protocol.message;

import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.protocol.wire.Writer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Makes whole frames: length, header, message.
 *
 * <p>A frame owns the records of its message from the moment it exists. If writing fails, they still belong to the
 * message, and the caller decides what becomes of them.
 */
public final class Frames {
    private static final int INITIAL_BYTES = 512;
    private static final int LENGTH_BYTES = Integer.BYTES;

    private Frames() {}

    /**
     * @throws IllegalArgumentException if the version is not served
     * @throws IllegalStateException if the version cannot carry what the request says
     */
    public static OutgoingFrame request(
            ByteBufAllocator allocator, int version, int correlationId, String clientId, Request request) {
        ApiKey api = request.apiKey();
        ByteBuf out = allocator.ioBuffer(INITIAL_BYTES);
        boolean done = false;
        try {
            out.writeZero(LENGTH_BYTES);
            RequestHeader.of(api, version, correlationId, clientId).write(out);
            Writer body = api.writeRequest(out, version, request);
            OutgoingFrame frame = body.toFrame();
            done = true;
            return frame;
        } finally {
            if (!done) {
                out.release();
            }
        }
    }

    /**
     * @throws IllegalArgumentException if the version is not served
     * @throws IllegalStateException if the version cannot carry what the response says
     */
    public static OutgoingFrame response(
            ByteBufAllocator allocator, int version, int correlationId, Response response) {
        ApiKey api = response.apiKey();
        ByteBuf out = allocator.ioBuffer(INITIAL_BYTES);
        boolean done = false;
        try {
            out.writeZero(LENGTH_BYTES);
            new ResponseHeader(correlationId).write(out, api, version);
            Writer body = api.writeResponse(out, version, response);
            OutgoingFrame frame = body.toFrame();
            done = true;
            return frame;
        } finally {
            if (!done) {
                out.release();
            }
        }
    }
}
