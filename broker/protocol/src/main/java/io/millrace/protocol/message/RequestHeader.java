package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Reader;
import io.millrace.protocol.wire.Schema;
import io.millrace.protocol.wire.Writer;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What precedes a request: which API in which version, and the number that its response repeats.
 *
 * <p>Version 1 precedes the plain encoding, version 2 the flexible one, by which it adds tagged fields; the client id
 * stays a plain string in both (KIP-482). Version 0 was that of an API nobody serves.
 */
public record RequestHeader(short apiKeyId, short apiVersion, int correlationId, @Nullable String clientId) {
    private record Tail() {
        static final Schema<Tail> SCHEMA = Schema.of(Tail.class).build();
    }

    private static final Schema<RequestHeader> SCHEMA = Schema.of(RequestHeader.class)
            .field("apiKeyId", INT16)
            .field("apiVersion", INT16)
            .field("correlationId", INT32)
            .field("clientId", NULLABLE_STRING)
            .build();

    public static RequestHeader of(ApiKey api, int version, int correlationId, @Nullable String clientId) {
        return new RequestHeader(api.id(), (short) version, correlationId, clientId);
    }

    /**
     * Reads the header and leaves the frame at the first byte of the request. The API and its version may be unknown
     * here; then only the header's version is a guess, and the body must not be read.
     *
     * @throws MalformedMessageException if the bytes are no header
     */
    public static RequestHeader read(ByteBuf frame) {
        RequestHeader header = SCHEMA.read(new Reader(frame, 1, false));
        if (header.isFlexible()) {
            Tail.SCHEMA.read(new Reader(frame, 2, true));
        }
        return header;
    }

    /** The API asked for, unless it is none of ours. */
    public Optional<ApiKey> apiKey() {
        return ApiKey.of(apiKeyId);
    }

    void write(ByteBuf out) {
        SCHEMA.write(new Writer(out, 1, false), this);
        if (isFlexible()) {
            Tail.SCHEMA.write(new Writer(out, 2, true), new Tail());
        }
    }

    private boolean isFlexible() {
        return apiKey().map(api -> api.isFlexible(apiVersion)).orElse(false);
    }
}
