package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The brokers of the cluster, and its topics and queues. */
public record DescribeDestinationsResponse(
        int throttleTimeMs, ErrorCode errorCode, int controllerId, List<Broker> brokers, List<Destination> destinations)
        implements Response {
    public record Broker(int brokerId, String host, int port, @Nullable String rack) {
        static final Schema<Broker> SCHEMA = Schema.of(Broker.class)
                .field("brokerId", INT32)
                .field("host", STRING)
                .field("port", INT32)
                .field("rack", NULLABLE_STRING)
                .build();
    }

    public record Config(String name, String value) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
                .field("value", STRING)
                .build();
    }

    public record Partition(
            int partitionIndex,
            ErrorCode errorCode,
            int leaderId,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> inSyncReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32)
                .field("partitionEpoch", INT32)
                .field("replicas", listOf(INT32))
                .field("inSyncReplicas", listOf(INT32))
                .build();
    }

    /**
     * A topic or a queue.
     *
     * @param kind {@link #TOPIC} or {@link #QUEUE}
     */
    public record Destination(
            ErrorCode errorCode,
            String name,
            UUID topicId,
            byte kind,
            boolean isInternal,
            List<Config> configs,
            List<Partition> partitions) {
        public static final byte TOPIC = 0;
        public static final byte QUEUE = 1;

        static final Schema<Destination> SCHEMA = Schema.of(Destination.class)
                .field("errorCode", ERROR_CODE)
                .field("name", STRING)
                .field("topicId", UUID)
                .field("kind", INT8)
                .field("isInternal", BOOL)
                .field("configs", listOf(Config.SCHEMA))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();

        public static Destination error(String name, ErrorCode error) {
            return new Destination(error, name, new UUID(0, 0), TOPIC, false, List.of(), List.of());
        }
    }

    public static final Schema<DescribeDestinationsResponse> SCHEMA = Schema.of(DescribeDestinationsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("controllerId", INT32)
            .field("brokers", listOf(Broker.SCHEMA))
            .field("destinations", listOf(Destination.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_DESTINATIONS;
    }
}
