package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How topics and brokers are configured. */
public record DescribeConfigsResponse(int throttleTimeMs, List<Result> results) implements Response {
    public record Synonym(String name, @Nullable String value, byte source) {
        static final Schema<Synonym> SCHEMA = Schema.of(Synonym.class)
                .field("name", STRING)
                .field("value", NULLABLE_STRING)
                .field("source", INT8)
                .build();
    }

    /**
     * @param value null where it is a secret
     */
    public record Config(
            String name,
            @Nullable String value,
            boolean readOnly,
            byte configSource,
            boolean isSensitive,
            List<Synonym> synonyms,
            byte configType,
            @Nullable String documentation) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
                .field("value", NULLABLE_STRING)
                .field("readOnly", BOOL)
                .field("configSource", INT8.since(1).orElse((byte) -1))
                .field("isSensitive", BOOL)
                .field("synonyms", listOf(Synonym.SCHEMA).since(1))
                .field("configType", INT8.since(3))
                .field("documentation", NULLABLE_STRING.since(3))
                .build();
    }

    /** What is known of one topic or broker. */
    public record Result(
            ErrorCode errorCode,
            @Nullable String errorMessage,
            byte resourceType,
            String resourceName,
            List<Config> configs) {
        static final Schema<Result> SCHEMA = Schema.of(Result.class)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("resourceType", INT8)
                .field("resourceName", STRING)
                .field("configs", listOf(Config.SCHEMA))
                .build();

        public static Result error(byte resourceType, String resourceName, ErrorCode error, @Nullable String message) {
            return new Result(error, message, resourceType, resourceName, List.of());
        }
    }

    public static final Schema<DescribeConfigsResponse> SCHEMA = Schema.of(DescribeConfigsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("results", listOf(Result.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CONFIGS;
    }
}
