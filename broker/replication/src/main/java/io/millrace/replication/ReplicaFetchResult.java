package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A leader's answer as it arrives at the follower.
 *
 * @param errorCode of the request as a whole; {@code FETCH_SESSION_ID_NOT_FOUND} and {@code INVALID_FETCH_SESSION_EPOCH} ask for a
 *     new session
 * @param logs owned by the receiver: it releases every buffer
 */
public record ReplicaFetchResult(ErrorCode errorCode, int sessionId, List<FetchedLog> logs) {
    public ReplicaFetchResult {
        logs = List.copyOf(logs);
    }

    public void release() {
        logs.forEach(log -> log.records().release());
    }

    /**
     * @param divergence where the logs part; {@link Divergence#NONE} when they agree
     * @param records whole batches from the fetch offset on; may be empty
     */
    public record FetchedLog(
            PartitionKey partition,
            LogKind kind,
            ErrorCode errorCode,
            long highWatermark,
            long logStartOffset,
            Divergence divergence,
            ByteBuf records) {}
}
