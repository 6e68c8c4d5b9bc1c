package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The brokers of the cluster and the leaders of the topics asked for. */
public record MetadataResponse(
        int throttleTimeMs,
        List<Broker> brokers,
        @Nullable String clusterId,
        int controllerId,
        List<Topic> topics,
        int clusterAuthorizedOperations,
        ErrorCode errorCode)
        implements Response {
    public record Broker(int nodeId, String host, int port, @Nullable String rack) {
        static final Schema<Broker> SCHEMA = Schema.of(Broker.class)
                .field("nodeId", INT32)
                .field("host", STRING)
                .field("port", INT32)
                .field("rack", NULLABLE_STRING.since(1))
                .build();
    }

    public record Partition(
            ErrorCode errorCode,
            int partitionIndex,
            int leaderId,
            int leaderEpoch,
            List<Integer> replicaNodes,
            List<Integer> isrNodes,
            List<Integer> offlineReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("errorCode", ERROR_CODE)
                .field("partitionIndex", INT32)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32.since(7).orElse(-1))
                .field("replicaNodes", listOf(INT32))
                .field("isrNodes", listOf(INT32))
                .field("offlineReplicas", listOf(INT32).since(5))
                .build();
    }

    public record Topic(
            ErrorCode errorCode,
            @Nullable String name,
            UUID topicId,
            boolean isInternal,
            List<Partition> partitions,
            int topicAuthorizedOperations) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("errorCode", ERROR_CODE)
                .field("name", NULLABLE_STRING.nullableSince(12, ""))
                .field("topicId", UUID.since(10))
                .field("isInternal", BOOL.since(1))
                .field("partitions", listOf(Partition.SCHEMA))
                .field("topicAuthorizedOperations", INT32.since(8).orElse(Integer.MIN_VALUE))
                .build();

        public static Topic error(@Nullable String name, UUID topicId, ErrorCode error) {
            return new Topic(error, name, topicId, false, List.of(), Integer.MIN_VALUE);
        }
    }

    public static final Schema<MetadataResponse> SCHEMA = Schema.of(MetadataResponse.class)
            .field("throttleTimeMs", INT32.since(3))
            .field("brokers", listOf(Broker.SCHEMA))
            .field("clusterId", NULLABLE_STRING.since(2))
            .field("controllerId", INT32.since(1).orElse(-1))
            .field("topics", listOf(Topic.SCHEMA))
            .field("clusterAuthorizedOperations", INT32.since(8).until(10).orElse(Integer.MIN_VALUE))
            .field("errorCode", ERROR_CODE.since(13))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.METADATA;
    }
}
