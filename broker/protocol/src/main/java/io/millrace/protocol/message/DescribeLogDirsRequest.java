package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks what lies in the log directories of a broker (KIP-113).
 *
 * @param topics null for all
 */
public record DescribeLogDirsRequest(@Nullable List<Topic> topics) implements Request {
    public record Topic(String topic, List<Integer> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    public static final Schema<DescribeLogDirsRequest> SCHEMA = Schema.of(DescribeLogDirsRequest.class)
            .field("topics", nullableListOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_LOG_DIRS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        // The first versions have no place for an error but a directory.
        var unknown = new DescribeLogDirsResponse.Result(error, "", List.of(), -1, -1, false);
        return new DescribeLogDirsResponse(0, error, List.of(unknown));
    }
}
