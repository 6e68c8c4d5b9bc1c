package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks for the brokers of the cluster (KIP-700). */
public record DescribeClusterRequest(
        boolean includeClusterAuthorizedOperations, byte endpointType, boolean includeFencedBrokers)
        implements Request {
    public static final Schema<DescribeClusterRequest> SCHEMA = Schema.of(DescribeClusterRequest.class)
            .field("includeClusterAuthorizedOperations", BOOL)
            .field("endpointType", INT8.since(1).orElse((byte) 1))
            .field("includeFencedBrokers", BOOL.since(2))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CLUSTER;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeClusterResponse(
                0, error, null, endpointType, "", -1, List.of(), DescribeClusterResponse.OPERATIONS_UNKNOWN);
    }
}
