package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** The name of the temporary destination that was made; empty where none was. */
public record CreateTemporaryDestinationResponse(ErrorCode errorCode, @Nullable String errorMessage, String name)
        implements Response {
    public static final Schema<CreateTemporaryDestinationResponse> SCHEMA = Schema.of(
                    CreateTemporaryDestinationResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("name", STRING)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_TEMPORARY_DESTINATION;
    }
}
