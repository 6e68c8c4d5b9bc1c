package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The topics deleted, or why not. */
public record DeleteTopicsResponse(int throttleTimeMs, List<Topic> responses) implements Response {
    public record Topic(@Nullable String name, UUID topicId, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", NULLABLE_STRING.nullableSince(6, ""))
                .field("topicId", UUID.since(6))
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING.since(5))
                .build();
    }

    public static final Schema<DeleteTopicsResponse> SCHEMA = Schema.of(DeleteTopicsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("responses", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_TOPICS;
    }
}
