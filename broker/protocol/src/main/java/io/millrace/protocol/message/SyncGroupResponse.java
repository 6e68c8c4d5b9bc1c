package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** What the member is to consume, in the words of its protocol. */
public record SyncGroupResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        @Nullable String protocolType,
        @Nullable String protocolName,
        Bytes assignment)
        implements Response {

    public static final Schema<SyncGroupResponse> SCHEMA = Schema.of(SyncGroupResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("errorCode", ERROR_CODE)
            .field("protocolType", NULLABLE_STRING.since(5))
            .field("protocolName", NULLABLE_STRING.since(5))
            .field("assignment", BYTES)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.SYNC_GROUP;
    }

    public static SyncGroupResponse error(ErrorCode error) {
        return new SyncGroupResponse(0, error, null, null, Bytes.EMPTY);
    }
}
