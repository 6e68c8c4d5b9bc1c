package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** What lies in the log directories of a broker. */
public record DescribeLogDirsResponse(int throttleTimeMs, ErrorCode errorCode, List<Result> results)
        implements Response {
    public record Partition(int partitionIndex, long partitionSize, long offsetLag, boolean isFutureKey) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("partitionSize", INT64)
                .field("offsetLag", INT64)
                .field("isFutureKey", BOOL)
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public record Result(
            ErrorCode errorCode,
            String logDir,
            List<Topic> topics,
            long totalBytes,
            long usableBytes,
            boolean isCordoned) {
        static final Schema<Result> SCHEMA = Schema.of(Result.class)
                .field("errorCode", ERROR_CODE)
                .field("logDir", STRING)
                .field("topics", listOf(Topic.SCHEMA))
                .field("totalBytes", INT64.since(4).orElse(-1L))
                .field("usableBytes", INT64.since(4).orElse(-1L))
                .field("isCordoned", BOOL.since(5))
                .build();
    }

    public static final Schema<DescribeLogDirsResponse> SCHEMA = Schema.of(DescribeLogDirsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE.since(3))
            .field("results", listOf(Result.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_LOG_DIRS;
    }
}
