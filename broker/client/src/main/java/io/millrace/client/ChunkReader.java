package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordIterator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes one chunk apart, record by record. Batches of transaction markers are skipped, and those of aborted transactions.
 *
 * <p>Owned by the polling thread. Owns the chunk's memory until {@link #release}.
 */
final class ChunkReader {
    private final FetchBuffer.Chunk chunk;
    private final int sizeInBytes;
    private final RecordBatches batches;
    private final AbortedTransactions aborted;
    private @Nullable RecordBatch batch;
    private @Nullable RecordIterator records;
    private @Nullable ClientException corruption;
    private boolean released;

    ChunkReader(FetchBuffer.Chunk chunk) {
        this.chunk = chunk;
        this.sizeInBytes = chunk.records().readableBytes();
        this.batches = RecordBatches.in(chunk.records());
        this.aborted = new AbortedTransactions(chunk.aborted());
    }

    FetchBuffer.Chunk chunk() {
        return chunk;
    }

    int sizeInBytes() {
        return sizeInBytes;
    }

    /**
     * The next records from an offset on, none when the chunk has ended.
     *
     * @throws ClientException where a batch is corrupt, once what is before it was delivered, and from then on
     */
    List<ConsumerRecord> next(long fromOffset, int countMax) {
        var next = new ArrayList<ConsumerRecord>();
        if (corruption != null) {
            throw corruption;
        }
        try {
            while (next.size() < countMax && hasNext()) {
                Record record = open().next();
                if (record.offset() >= fromOffset) {
                    next.add(consumerRecord(record));
                }
            }
        } catch (InvalidRecordException e) {
            corruption = new ClientException(
                    ErrorCode.CORRUPT_MESSAGE,
                    "A record batch of " + chunk.partition() + " from offset " + fromOffset + " on cannot be read: "
                            + e.getMessage() + "; seek behind it to go on",
                    e);
            if (next.isEmpty()) {
                throw corruption;
            }
        }
        return next;
    }

    private RecordIterator open() {
        if (records == null) {
            throw new IllegalStateException("No batch is open");
        }
        return records;
    }

    private boolean hasNext() throws InvalidRecordException {
        while (records == null || !records.hasNext()) {
            if (!batches.hasNext()) {
                return false;
            }
            batch = batches.next();
            if (batch.lastOffset() >= chunk.nextOffset()) {
                return false; // the tail that was cut off and does not count
            }
            if (!batch.hasValidChecksum()) {
                throw new InvalidRecordException(
                        InvalidRecordException.Reason.CORRUPT,
                        "the checksum of the batch at offset " + batch.baseOffset() + " does not match its bytes");
            }
            records = aborted.isPartOfOne(batch) || batch.isControl()
                    ? null
                    : batch.records(QueueRecords.BATCH_BYTES_MAX);
        }
        return true;
    }

    private ConsumerRecord consumerRecord(Record record) {
        return new ConsumerRecord(
                chunk.partition(),
                record.offset(),
                batch == null ? -1 : batch.leaderEpoch(),
                record.timestamp(),
                record.keyBytes(),
                record.valueBytes(),
                record.headers());
    }

    void release() {
        if (!released) {
            released = true;
            chunk.records().release();
        }
    }
}
