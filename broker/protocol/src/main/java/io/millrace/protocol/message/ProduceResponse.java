package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where the batches were appended, or why not.
 *
 * <p>Version 8 names the records at fault, version 10 the leader that the client should have asked.
 */
public record ProduceResponse(List<Topic> responses, int throttleTimeMs, List<NodeEndpoint> nodeEndpoints)
        implements Response {
    /** A record of the batch that was at fault, and why. */
    public record RecordError(int batchIndex, @Nullable String batchIndexErrorMessage) {
        static final Schema<RecordError> SCHEMA = Schema.of(RecordError.class)
                .field("batchIndex", INT32)
                .field("batchIndexErrorMessage", NULLABLE_STRING)
                .build();
    }

    public record Partition(
            int index,
            ErrorCode errorCode,
            long baseOffset,
            long logAppendTimeMs,
            long logStartOffset,
            List<RecordError> recordErrors,
            @Nullable String errorMessage,
            LeaderIdAndEpoch currentLeader) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("index", INT32)
                .field("errorCode", ERROR_CODE)
                .field("baseOffset", INT64)
                .field("logAppendTimeMs", INT64)
                .field("logStartOffset", INT64.since(5).orElse(-1L))
                .field("recordErrors", listOf(RecordError.SCHEMA).since(8))
                .field("errorMessage", NULLABLE_STRING.since(8))
                .field(
                        "currentLeader",
                        struct(LeaderIdAndEpoch.SCHEMA, LeaderIdAndEpoch.UNKNOWN)
                                .since(10)
                                .tag(0))
                .build();

        public static Partition appended(int index, long baseOffset, long logAppendTimeMs, long logStartOffset) {
            return new Partition(
                    index,
                    ErrorCode.NONE,
                    baseOffset,
                    logAppendTimeMs,
                    logStartOffset,
                    List.of(),
                    null,
                    LeaderIdAndEpoch.UNKNOWN);
        }

        public static Partition error(int index, ErrorCode error) {
            return error(index, error, null);
        }

        public static Partition error(int index, ErrorCode error, @Nullable String message) {
            return new Partition(index, error, -1, -1, -1, List.of(), message, LeaderIdAndEpoch.UNKNOWN);
        }

        /** Tells the client whom to ask instead, so that it need not ask for metadata first (KIP-951). */
        public Partition withCurrentLeader(LeaderIdAndEpoch leader) {
            return new Partition(
                    index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, leader);
        }
    }

    public record Topic(String name, UUID topicId, List<Partition> partitionResponses) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING.until(12))
                .field("topicId", UUID.since(13))
                .field("partitionResponses", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ProduceResponse> SCHEMA = Schema.of(ProduceResponse.class)
            .field("responses", listOf(Topic.SCHEMA))
            .field("throttleTimeMs", INT32)
            .field("nodeEndpoints", listOf(NodeEndpoint.SCHEMA).since(10).tag(0))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.PRODUCE;
    }
}
