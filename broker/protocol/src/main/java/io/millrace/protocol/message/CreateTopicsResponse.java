package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The topics created, or why not. */
public record CreateTopicsResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    public record Config(
            String name, @Nullable String value, boolean readOnly, byte configSource, boolean isSensitive) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
                .field("value", NULLABLE_STRING)
                .field("readOnly", BOOL)
                .field("configSource", INT8)
                .field("isSensitive", BOOL)
                .build();
    }

    public record Topic(
            String name,
            UUID topicId,
            ErrorCode errorCode,
            @Nullable String errorMessage,
            int numPartitions,
            short replicationFactor,
            @Nullable List<Config> configs,
            ErrorCode topicConfigErrorCode) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("topicId", UUID.since(7))
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("numPartitions", INT32.since(5).orElse(-1))
                .field("replicationFactor", INT16.since(5).orElse((short) -1))
                .field("configs", nullableListOf(Config.SCHEMA).since(5))
                .field("topicConfigErrorCode", ERROR_CODE.since(5).tag(0))
                .build();

        public static Topic error(String name, ErrorCode error, @Nullable String message) {
            return new Topic(name, new UUID(0, 0), error, message, -1, (short) -1, List.of(), ErrorCode.NONE);
        }
    }

    public static final Schema<CreateTopicsResponse> SCHEMA = Schema.of(CreateTopicsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_TOPICS;
    }
}
