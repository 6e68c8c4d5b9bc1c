package io.millrace.coordinator.transaction;

import io.millrace.record.RecordBatch;

/** Who a producer is. */
public record ProducerIdAndEpoch(long producerId, short epoch) {
    public static final ProducerIdAndEpoch NONE =
            new ProducerIdAndEpoch(RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH);

    /** Fences the last producer of an id. No producer has it: there is none after it. */
    static final short FENCING_EPOCH = Short.MAX_VALUE;

    /** Epochs go up to the second highest number: the highest is left for fencing the last producer. */
    static boolean isExhausted(short epoch) {
        return epoch >= FENCING_EPOCH - 1;
    }
}
