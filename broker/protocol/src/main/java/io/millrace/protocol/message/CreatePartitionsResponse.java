package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which topics have grown, or why not. */
public record CreatePartitionsResponse(int throttleTimeMs, List<Result> results) implements Response {
    public record Result(String name, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Result> SCHEMA = Schema.of(Result.class)
                .field("name", STRING)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .build();
    }

    public static final Schema<CreatePartitionsResponse> SCHEMA = Schema.of(CreatePartitionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("results", listOf(Result.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_PARTITIONS;
    }
}
