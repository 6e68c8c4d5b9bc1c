package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Record batches of the partitions asked for. Owns its records until it is handed over to a frame. */
public record FetchResponse(
        int throttleTimeMs, ErrorCode errorCode, int sessionId, List<Topic> responses, List<NodeEndpoint> nodeEndpoints)
        implements Response {
    /** Where the log of the leader ended in an epoch that differs from the one of the fetcher (KIP-595). */
    public record EpochEndOffset(int epoch, long endOffset) {
        public static final EpochEndOffset NONE = new EpochEndOffset(-1, -1);

        static final Schema<EpochEndOffset> SCHEMA = Schema.of(EpochEndOffset.class)
                .field("epoch", INT32)
                .field("endOffset", INT64)
                .build();
    }

    /** A snapshot to fetch instead; only the metadata log of Kafka has them. */
    public record SnapshotId(long endOffset, int epoch) {
        public static final SnapshotId NONE = new SnapshotId(-1, -1);

        static final Schema<SnapshotId> SCHEMA = Schema.of(SnapshotId.class)
                .field("endOffset", INT64)
                .field("epoch", INT32)
                .build();
    }

    /** A transaction whose records from {@code firstOffset} on are to be skipped. */
    public record AbortedTransaction(long producerId, long firstOffset) {
        static final Schema<AbortedTransaction> SCHEMA = Schema.of(AbortedTransaction.class)
                .field("producerId", INT64)
                .field("firstOffset", INT64)
                .build();
    }

    public record Partition(
            int partitionIndex,
            ErrorCode errorCode,
            long highWatermark,
            long lastStableOffset,
            long logStartOffset,
            @Nullable List<AbortedTransaction> abortedTransactions,
            int preferredReadReplica,
            @Nullable Records records,
            EpochEndOffset divergingEpoch,
            LeaderIdAndEpoch currentLeader,
            SnapshotId snapshotId) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("highWatermark", INT64)
                .field("lastStableOffset", INT64)
                .field("logStartOffset", INT64.since(5).orElse(-1L))
                .field("abortedTransactions", nullableListOf(AbortedTransaction.SCHEMA))
                .field("preferredReadReplica", INT32.since(11).orElse(-1).required())
                .field("records", RECORDS)
                .field(
                        "divergingEpoch",
                        struct(EpochEndOffset.SCHEMA, EpochEndOffset.NONE)
                                .since(12)
                                .tag(0)
                                .required())
                .field(
                        "currentLeader",
                        struct(LeaderIdAndEpoch.SCHEMA, LeaderIdAndEpoch.UNKNOWN)
                                .since(12)
                                .tag(1))
                .field(
                        "snapshotId",
                        struct(SnapshotId.SCHEMA, SnapshotId.NONE)
                                .since(12)
                                .tag(2)
                                .required())
                .build();

        /** Records up to the ends of the log given here; none of the rarer fields. */
        public static Partition read(
                int partitionIndex, long highWatermark, long lastStableOffset, long logStartOffset, Records records) {
            return new Partition(
                    partitionIndex,
                    ErrorCode.NONE,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    List.of(),
                    -1,
                    records,
                    EpochEndOffset.NONE,
                    LeaderIdAndEpoch.UNKNOWN,
                    SnapshotId.NONE);
        }

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(
                    partitionIndex,
                    error,
                    -1,
                    -1,
                    -1,
                    List.of(),
                    -1,
                    Records.EMPTY,
                    EpochEndOffset.NONE,
                    LeaderIdAndEpoch.UNKNOWN,
                    SnapshotId.NONE);
        }

        public Partition withAbortedTransactions(List<AbortedTransaction> aborted) {
            return new Partition(
                    partitionIndex,
                    errorCode,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    aborted,
                    preferredReadReplica,
                    records,
                    divergingEpoch,
                    currentLeader,
                    snapshotId);
        }

        public Partition withDivergingEpoch(EpochEndOffset diverging) {
            return new Partition(
                    partitionIndex,
                    errorCode,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    abortedTransactions,
                    preferredReadReplica,
                    records,
                    diverging,
                    currentLeader,
                    snapshotId);
        }

        /** Tells the client whom to ask instead, so that it need not ask for metadata first (KIP-951). */
        public Partition withCurrentLeader(LeaderIdAndEpoch leader) {
            return new Partition(
                    partitionIndex,
                    errorCode,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    abortedTransactions,
                    preferredReadReplica,
                    records,
                    divergingEpoch,
                    leader,
                    snapshotId);
        }
    }

    public record Topic(String topic, UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING.until(12))
                .field("topicId", UUID.since(13))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<FetchResponse> SCHEMA = Schema.of(FetchResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE.since(7))
            .field("sessionId", INT32.since(7).required())
            .field("responses", listOf(Topic.SCHEMA))
            .field("nodeEndpoints", listOf(NodeEndpoint.SCHEMA).since(16).tag(0))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FETCH;
    }

    @Override
    public void releaseRecords() {
        for (Topic topic : responses) {
            for (Partition partition : topic.partitions()) {
                if (partition.records() != null) {
                    partition.records().release();
                }
            }
        }
    }
}
