package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/** Leaders ask the controller to change the in-sync replicas of their partitions. */
public record AlterPartitionRequest(int brokerId, long brokerEpoch, List<Topic> topics) implements Request {
    /** A replica in one of its broker's lives. */
    public record BrokerState(int brokerId, long brokerEpoch) {
        static final Schema<BrokerState> SCHEMA = Schema.of(BrokerState.class)
                .field("brokerId", INT32)
                .field("brokerEpoch", INT64)
                .build();
    }

    public record Partition(
            int partitionIndex, int leaderEpoch, int partitionEpoch, List<BrokerState> newInSyncReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("leaderEpoch", INT32)
                .field("partitionEpoch", INT32)
                .field("newInSyncReplicas", listOf(BrokerState.SCHEMA))
                .build();
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<AlterPartitionRequest> SCHEMA = Schema.of(AlterPartitionRequest.class)
            .field("brokerId", INT32)
            .field("brokerEpoch", INT64)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_PARTITION;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new AlterPartitionResponse(error, List.of());
    }
}
