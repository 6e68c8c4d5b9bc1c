package io.millrace.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.queue.DeliveryCount;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.ReplicatedLog;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches, and acquires the records in them, no more than were read.
 *
 * <p>Owned by the partition's loop. Reading about as much as the consumer can take keeps that cheap, for which the size of the records
 * read so far is kept. What was read last can be used again until {@link #forget}.
 */
final class DataReader {
    private static final System.Logger LOGGER = System.getLogger(DataReader.class.getName());

    /** The least that is read at once. */
    static final int READ_BYTES_MIN = 16 * 1024;

    private static final int FIRST_RECORD_BYTES = 1_024;

    private final ReplicatedLog data;
    private double recordBytes = FIRST_RECORD_BYTES; // moving average
    private @Nullable ReadBatches latest;
    private ErrorCode error = ErrorCode.NONE;

    DataReader(ReplicatedLog data) {
        this.data = data;
    }

    /** Why {@link #read} has brought nothing; NONE where there is nothing, or not yet. */
    ErrorCode error() {
        return error;
    }

    /** How large the records are that were read lately. */
    double recordBytes() {
        return recordBytes;
    }

    /**
     * Committed batches from the one that holds the offset on, at least one and about so many bytes of them. They belong to this
     * reader: who needs them for longer than the loop's turn retains them. Null where there are none.
     */
    @Nullable
    ReadBatches read(long offset, int bytes) {
        if (latest != null && latest.holds(offset)) {
            error = ErrorCode.NONE;
            return latest;
        }
        ReplicatedLog.Batches found = data.read(offset, bytes);
        error = found.errorCode();
        if (error.isError() || !found.batches().isReadable()) {
            found.batches().release();
            return null;
        }
        forget();
        try {
            latest = new ReadBatches(found.batches());
        } catch (InvalidRecordException e) {
            LOGGER.log(ERROR, () -> "The " + data + " is damaged at offset " + offset, e);
            found.batches().release();
            error = ErrorCode.CORRUPT_MESSAGE;
            return null;
        }
        noteSize(latest.sizeInBytes(), latest.recordCount());
        return latest;
    }

    private void noteSize(int bytes, int records) {
        if (records > 0) {
            recordBytes += ((double) bytes / records - recordBytes) / 8;
        }
    }

    /** Gives up what was read last. */
    void forget() {
        if (latest != null) {
            latest.release();
            latest = null;
        }
    }

    /** Acquires what the consumer wants, in the order of delivery. */
    Acquired acquire(PartitionKey key, QueueCursor cursor, PendingAcquire pending) {
        var acquired = new AcquiredBatches(pending.maxBytes());
        boolean complete = false;
        try {
            ErrorCode failure = acquire(cursor, pending, acquired);
            cursor.onAcquired(acquired.ranges());
            complete = true;
            return failure.isError() && acquired.ranges().isEmpty()
                    ? Acquired.refused(key, failure)
                    : acquired.complete(key);
        } finally {
            if (!complete || acquired.ranges().isEmpty()) {
                acquired.release();
            }
        }
    }

    private ErrorCode acquire(QueueCursor cursor, PendingAcquire pending, AcquiredBatches acquired) {
        long wanted = pending.maxRecords();
        while (wanted > 0) {
            OptionalLong first = cursor.firstAvailable(pending.consumer());
            if (first.isEmpty()) {
                break;
            }
            ReadBatches batches = acquired.readWith(first.getAsLong());
            if (batches == null) {
                if (acquired.isFull()) {
                    break;
                }
                batches = read(first.getAsLong(), bytesFor(wanted, acquired.bytesLeft()));
                if (batches == null || !batches.holds(first.getAsLong())) {
                    return batches == null ? error : ErrorCode.KAFKA_STORAGE_ERROR;
                }
                acquired.add(batches.retain());
            }
            long last = acquired.lastFitting(batches, first.getAsLong(), wanted);
            Optional<DeliveryCount> range = cursor.acquireNext(pending.consumer(), wanted, last + 1);
            if (range.isEmpty()) {
                break;
            }
            acquired.add(batches, range.get());
            wanted -= range.get().count();
        }
        return ErrorCode.NONE;
    }

    private int bytesFor(long records, int bytesMax) {
        double wanted = Math.max(READ_BYTES_MIN, 1.25 * recordBytes * records);
        return (int) Math.max(1, Math.min(bytesMax, wanted));
    }
}
