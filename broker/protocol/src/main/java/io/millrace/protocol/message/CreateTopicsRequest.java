package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates topics, or with {@code validateOnly} says whether it would. */
public record CreateTopicsRequest(List<Topic> topics, int timeoutMs, boolean validateOnly) implements Request {
    public record ReplicaAssignment(int partitionIndex, List<Integer> brokerIds) {
        static final Schema<ReplicaAssignment> SCHEMA = Schema.of(ReplicaAssignment.class)
                .field("partitionIndex", INT32)
                .field("brokerIds", listOf(INT32))
                .build();
    }

    public record Config(String name, @Nullable String value) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
                .field("value", NULLABLE_STRING)
                .build();
    }

    public record Topic(
            String name,
            int numPartitions,
            short replicationFactor,
            List<ReplicaAssignment> assignments,
            List<Config> configs) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("numPartitions", INT32)
                .field("replicationFactor", INT16)
                .field("assignments", listOf(ReplicaAssignment.SCHEMA))
                .field("configs", listOf(Config.SCHEMA))
                .build();
    }

    public static final Schema<CreateTopicsRequest> SCHEMA = Schema.of(CreateTopicsRequest.class)
            .field("topics", listOf(Topic.SCHEMA))
            .field("timeoutMs", INT32)
            .field("validateOnly", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_TOPICS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new CreateTopicsResponse(
                0,
                topics.stream()
                        .map(topic -> CreateTopicsResponse.Topic.error(topic.name(), error, null))
                        .toList());
    }
}
