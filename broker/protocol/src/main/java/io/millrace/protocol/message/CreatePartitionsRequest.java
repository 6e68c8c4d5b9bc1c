package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds partitions to topics (KIP-195). */
public record CreatePartitionsRequest(List<Topic> topics, int timeoutMs, boolean validateOnly) implements Request {
    public record Assignment(List<Integer> brokerIds) {
        static final Schema<Assignment> SCHEMA =
                Schema.of(Assignment.class).field("brokerIds", listOf(INT32)).build();
    }

    /**
     * @param count of all partitions afterwards
     * @param assignments of the new partitions; null where the controller is to place them
     */
    public record Topic(String name, int count, @Nullable List<Assignment> assignments) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("count", INT32)
                .field("assignments", nullableListOf(Assignment.SCHEMA))
                .build();
    }

    public static final Schema<CreatePartitionsRequest> SCHEMA = Schema.of(CreatePartitionsRequest.class)
            .field("topics", listOf(Topic.SCHEMA))
            .field("timeoutMs", INT32)
            .field("validateOnly", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_PARTITIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var results = topics.stream()
                .map(topic -> new CreatePartitionsResponse.Result(topic.name(), error, null))
                .toList();
        return new CreatePartitionsResponse(0, results);
    }
}
