package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the elections. */
public record ElectLeadersResponse(int throttleTimeMs, ErrorCode errorCode, List<Topic> replicaElectionResults)
        implements Response {
    public record Partition(int partitionId, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionId", INT32)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .build();
    }

    public record Topic(String topic, List<Partition> partitionResult) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitionResult", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ElectLeadersResponse> SCHEMA = Schema.of(ElectLeadersResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE.since(1))
            .field("replicaElectionResults", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ELECT_LEADERS;
    }
}
