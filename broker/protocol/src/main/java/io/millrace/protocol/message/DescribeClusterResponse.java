package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The brokers of the cluster. */
public record DescribeClusterResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        @Nullable String errorMessage,
        byte endpointType,
        String clusterId,
        int controllerId,
        List<Broker> brokers,
        int clusterAuthorizedOperations)
        implements Response {
    /** Instead of the operations that the client may do: nobody asks who it is. */
    public static final int OPERATIONS_UNKNOWN = Integer.MIN_VALUE;

    public record Broker(int brokerId, String host, int port, @Nullable String rack, boolean isFenced) {
        static final Schema<Broker> SCHEMA = Schema.of(Broker.class)
                .field("brokerId", INT32)
                .field("host", STRING)
                .field("port", INT32)
                .field("rack", NULLABLE_STRING)
                .field("isFenced", BOOL.since(2))
                .build();
    }

    public static final Schema<DescribeClusterResponse> SCHEMA = Schema.of(DescribeClusterResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("endpointType", INT8.since(1).orElse((byte) 1))
            .field("clusterId", STRING)
            .field("controllerId", INT32.orElse(-1))
            .field("brokers", listOf(Broker.SCHEMA))
            .field("clusterAuthorizedOperations", INT32.orElse(OPERATIONS_UNKNOWN))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CLUSTER;
    }
}
