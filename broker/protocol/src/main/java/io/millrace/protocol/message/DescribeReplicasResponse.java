package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** The replicas that a broker holds. */
public record DescribeReplicasResponse(int throttleTimeMs, ErrorCode errorCode, List<Replica> replicas)
        implements Response {
    /**
     * A replica.
     *
     * @param logEndOffset of its data log
     * @param sizeInBytes of all its logs
     */
    public record Replica(String topic, int partitionIndex, long logEndOffset, long sizeInBytes) {
        static final Schema<Replica> SCHEMA = Schema.of(Replica.class)
                .field("topic", STRING)
                .field("partitionIndex", INT32)
                .field("logEndOffset", INT64)
                .field("sizeInBytes", INT64)
                .build();
    }

    public static final Schema<DescribeReplicasResponse> SCHEMA = Schema.of(DescribeReplicasResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("replicas", listOf(Replica.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_REPLICAS;
    }
}
