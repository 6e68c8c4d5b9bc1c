package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.storage.LogSlice;
import java.util.List;
import java.util.Optional;

/**
 * A leader's answer to a {@link ReplicaFetch}, to be sent; it arrives as a {@link ReplicaFetchResult}.
 *
 * @param errorCode of the request as a whole
 * @param logs owned by the receiver, which closes every slice
 */
public record ReplicaFetchAnswer(ErrorCode errorCode, int sessionId, List<LogAnswer> logs) {
    public ReplicaFetchAnswer {
        logs = List.copyOf(logs);
    }

    public static ReplicaFetchAnswer refused(ErrorCode errorCode) {
        return new ReplicaFetchAnswer(errorCode, ReplicaFetch.NO_SESSION, List.of());
    }

    public void close() {
        logs.forEach(log -> log.slice().ifPresent(LogSlice::close));
    }

    /** @param slice whole batches from the fetch offset to the end of the log; empty when there are none */
    public record LogAnswer(
            PartitionKey partition,
            LogKind kind,
            ErrorCode errorCode,
            long highWatermark,
            long logStartOffset,
            Divergence divergence,
            Optional<LogSlice> slice) {

        static LogAnswer refused(PartitionKey partition, LogKind kind, ErrorCode errorCode) {
            return new LogAnswer(partition, kind, errorCode, -1, -1, Divergence.NONE, Optional.empty());
        }

        int sizeInBytes() {
            return slice.map(LogSlice::sizeInBytes).orElse(0);
        }
    }
}
