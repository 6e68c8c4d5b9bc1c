package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Record batches for a follower. Owns its records until it is handed over to a frame. */
public record ReplicaFetchResponse(int throttleTimeMs, ErrorCode errorCode, int sessionId, List<Topic> topics)
        implements Response {
    /**
     * One of a partition's logs.
     *
     * @param divergingEpoch the last epoch that both sides have, after which the follower must truncate to {@code
     *     divergingEndOffset}; -1 where they agree
     */
    public record Log(
            byte kind,
            ErrorCode errorCode,
            long highWatermark,
            long logStartOffset,
            int divergingEpoch,
            long divergingEndOffset,
            @Nullable Records records) {
        public static final int NOT_DIVERGING = -1;

        static final Schema<Log> SCHEMA = Schema.of(Log.class)
                .field("kind", INT8)
                .field("errorCode", ERROR_CODE)
                .field("highWatermark", INT64)
                .field("logStartOffset", INT64)
                .field("divergingEpoch", INT32)
                .field("divergingEndOffset", INT64)
                .field("records", RECORDS)
                .build();

        public static Log read(byte kind, long highWatermark, long logStartOffset, Records records) {
            return new Log(kind, ErrorCode.NONE, highWatermark, logStartOffset, NOT_DIVERGING, -1, records);
        }

        public static Log diverging(byte kind, long highWatermark, long logStartOffset, int epoch, long endOffset) {
            return new Log(kind, ErrorCode.NONE, highWatermark, logStartOffset, epoch, endOffset, Records.EMPTY);
        }

        public static Log error(byte kind, ErrorCode error) {
            return new Log(kind, error, -1, -1, NOT_DIVERGING, -1, Records.EMPTY);
        }

        public boolean isDiverging() {
            return divergingEpoch != NOT_DIVERGING;
        }
    }

    public record Partition(int partitionIndex, ErrorCode errorCode, int leaderId, int leaderEpoch, List<Log> logs) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32)
                .field("logs", listOf(Log.SCHEMA))
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, -1, -1, List.of());
        }
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ReplicaFetchResponse> SCHEMA = Schema.of(ReplicaFetchResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("sessionId", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.REPLICA_FETCH;
    }

    @Override
    public void releaseRecords() {
        for (Topic topic : topics) {
            for (Partition partition : topic.partitions()) {
                for (Log log : partition.logs()) {
                    if (log.records() != null) {
                        log.records().release();
                    }
                }
            }
        }
    }
}
