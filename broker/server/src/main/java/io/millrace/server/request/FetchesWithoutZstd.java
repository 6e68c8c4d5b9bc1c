package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.FetchResponse.Partition;
import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatches;
import io.millrace.server.network.LogRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * What clients are told that fetch in a version from before zstd (KIP-110): UNSUPPORTED_COMPRESSION_TYPE for a partition whose next records
 * are compressed by it. Nobody fetches so any more but to try it, so the records are simply read into memory to be looked at.
 */
final class FetchesWithoutZstd {
    private static final int FIRST_VERSION_WITH_ZSTD = 10;

    private FetchesWithoutZstd() {}

    static boolean concern(int version) {
        return version < FIRST_VERSION_WITH_ZSTD;
    }

    /** Takes over the records of the response. */
    static FetchResponse checked(FetchResponse response) {
        var topics = response.responses().stream()
                .map(topic -> new FetchResponse.Topic(
                        topic.topic(),
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(FetchesWithoutZstd::checked)
                                .toList()))
                .toList();
        return new FetchResponse(
                response.throttleTimeMs(),
                response.errorCode(),
                response.sessionId(),
                topics,
                response.nodeEndpoints());
    }

    private static Partition checked(Partition partition) {
        if (partition.records() instanceof LogRecords inLog) {
            ByteBuf bytes = inLog.read(PooledByteBufAllocator.DEFAULT);
            boolean isRefused = holdsZstd(bytes);
            bytes.release();
            if (isRefused) {
                inLog.release();
                return Partition.error(partition.partitionIndex(), ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
            }
        }
        return partition;
    }

    private static boolean holdsZstd(ByteBuf bytes) {
        try {
            var batches = RecordBatches.in(bytes);
            while (batches.hasNext()) {
                if (batches.next().compression() == Compression.ZSTD) {
                    return true;
                }
            }
            return false;
        } catch (InvalidRecordException e) {
            return false; // the client finds out itself, as it would of any other damage
        }
    }
}
