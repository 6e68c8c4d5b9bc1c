package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which groups are forgotten; each stands in it once. */
public record DeleteGroupsResponse(int throttleTimeMs, List<Result> results) implements Response {
    public record Result(String groupId, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Result> SCHEMA = Schema.of(Result.class)
                .field("groupId", STRING)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING.since(3))
                .build();
    }

    public static final Schema<DeleteGroupsResponse> SCHEMA = Schema.of(DeleteGroupsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("results", listOf(Result.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_GROUPS;
    }
}
