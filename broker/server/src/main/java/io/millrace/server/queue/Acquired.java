package io.millrace.server.queue;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.PartitionKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch has got.
 *
 * @param partition where it is from; null when it got nothing
 * @param records the batches that hold the ranges, owned by the receiver
 */
record Acquired(@Nullable PartitionKey partition, ErrorCode errorCode, List<AcquiredRange> ranges, Records records) {
    static final Acquired NOTHING = new Acquired(null, ErrorCode.NONE, List.of(), Records.EMPTY);

    static Acquired refused(PartitionKey partition, ErrorCode errorCode) {
        return new Acquired(partition, errorCode, List.of(), Records.EMPTY);
    }
}
