package io.millrace.storage.compaction;

import io.millrace.record.RecordBatch;

/**
 * What a log must not lose of a producer: the batch that tells its last sequence, or its epoch.
 *
 * @param lastOffset of its last batch with data; {@link #NO_DATA} when only markers of its epoch are known
 */
public record ProducerEnd(long lastOffset, short producerEpoch) {

    public static final long NO_DATA = -1;

    boolean isIn(RecordBatch batch) {
        return lastOffset == NO_DATA
                ? batch.isControl() && batch.producerEpoch() == producerEpoch
                : batch.lastOffset() == lastOffset;
    }
}
