package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Isolation;
import io.millrace.replication.LogKind;
import io.millrace.replication.OffsetLookup;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.ReadResult;
import io.millrace.server.network.LogRecords;
import io.millrace.storage.LogSlice;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch.
 *
 * @param topic as the client named it; empty where it named the topic by its id
 * @param key null where the topic is unknown
 * @param replica null where this broker has none
 * @param refusal what the client is told where there is no replica
 * @param isolation which records the client wants
 */
record FetchTarget(
        String topic,
        UUID topicId,
        FetchRequest.Partition asked,
        @Nullable PartitionKey key,
        @Nullable Partition replica,
        ErrorCode refusal,
        Isolation isolation) {

    boolean isOfTopic(FetchTarget other) {
        return topicId.equals(other.topicId) && topic.equals(other.topic);
    }

    /** Reads what is there; the receiver owns the records of the answer. */
    FetchResponse.Partition read(int bytesMax, boolean minOneBatch) {
        if (replica == null) {
            return FetchResponse.Partition.error(asked.partition(), refusal);
        }
        int limit = Math.max(0, Math.min(bytesMax, asked.partitionMaxBytes()));
        ReadResult found = replica.read(
                LogKind.DATA, asked.currentLeaderEpoch(), asked.fetchOffset(), limit, minOneBatch, isolation);
        if (found.errorCode().isError()) {
            return FetchResponse.Partition.error(asked.partition(), found.errorCode());
        }
        FetchResponse.EpochEndOffset diverging = divergence(replica);
        if (!diverging.equals(FetchResponse.EpochEndOffset.NONE)) {
            found.slice().ifPresent(slice -> slice.close());
            return answer(found, Records.EMPTY).withDivergingEpoch(diverging);
        }
        if (isolation == Isolation.READ_UNCOMMITTED) {
            return answer(found, records(found));
        }
        List<FetchResponse.AbortedTransaction> aborted = aborted(replica, found);
        return answer(found, records(found)).withAbortedTransactions(aborted);
    }

    private static Records records(ReadResult found) {
        return found.slice().map(LogRecords::consume).orElse(Records.EMPTY);
    }

    /** Which batches of the answer the client is to skip. */
    private List<FetchResponse.AbortedTransaction> aborted(Partition from, ReadResult found) {
        long upperOffset = Math.min(
                found.lastStableOffset(),
                found.slice().map(LogSlice::offsetBound).orElse(0L));
        return from.transactions().abortedIn(asked.fetchOffset(), upperOffset).stream()
                .map(aborted -> new FetchResponse.AbortedTransaction(aborted.producerId(), aborted.firstOffset()))
                .toList();
    }

    private FetchResponse.Partition answer(ReadResult found, Records records) {
        return FetchResponse.Partition.read(
                asked.partition(), found.highWatermark(), found.lastStableOffset(), found.logStartOffset(), records);
    }

    /** Where the client's log parts from ours, if it told what it last read (KIP-595). */
    private FetchResponse.EpochEndOffset divergence(Partition from) {
        if (asked.lastFetchedEpoch() < 0) {
            return FetchResponse.EpochEndOffset.NONE;
        }
        OffsetLookup end = from.endOffsetForEpoch(LogKind.DATA, asked.currentLeaderEpoch(), asked.lastFetchedEpoch());
        boolean agrees = end.leaderEpoch() == asked.lastFetchedEpoch() && end.offset() >= asked.fetchOffset();
        return agrees || end.errorCode().isError()
                ? FetchResponse.EpochEndOffset.NONE
                : new FetchResponse.EpochEndOffset(end.leaderEpoch(), end.offset());
    }

    /** Calls back once when a record at or above the offset is committed, or the partition is no longer led here. */
    Cancellable onCommitted(long offset, Runnable callback) {
        return replica == null ? () -> {} : replica.onCommitted(LogKind.DATA, offset, callback);
    }
}
