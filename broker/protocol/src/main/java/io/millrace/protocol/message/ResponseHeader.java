package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Reader;
import io.millrace.protocol.wire.Schema;
import io.millrace.protocol.wire.Writer;
import io.netty.buffer.ByteBuf;

/**
 * What precedes a response: the number of its request.
 *
 * <p>Version 0 precedes the plain encoding, version 1 the flexible one, by which it adds tagged fields. The response to
 * ApiVersions always has version 0, because its reader does not know yet what the broker speaks (KIP-511).
 */
public record ResponseHeader(int correlationId) {
    private static final Schema<ResponseHeader> SCHEMA =
            Schema.of(ResponseHeader.class).field("correlationId", INT32).build();

    /**
     * Reads the header and leaves the frame at the first byte of the response.
     *
     * @throws MalformedMessageException if the bytes are no header
     */
    public static ResponseHeader read(ByteBuf frame, ApiKey api, int apiVersion) {
        return SCHEMA.read(new Reader(frame, 0, isFlexible(api, apiVersion)));
    }

    void write(ByteBuf out, ApiKey api, int apiVersion) {
        SCHEMA.write(new Writer(out, 0, isFlexible(api, apiVersion)), this);
    }

    private static boolean isFlexible(ApiKey api, int apiVersion) {
        return api != ApiKey.API_VERSIONS && api.isFlexible(apiVersion);
    }
}
