package io.millrace.client;

import io.millrace.record.RecordBatch;

/** What the cluster knows an idempotent producer by (KIP-98). */
record ProducerIdentity(long producerId, short producerEpoch) {
    /** Of a producer that numbers nothing. */
    static final ProducerIdentity NONE =
            new ProducerIdentity(RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH);

    boolean isPresent() {
        return producerId != RecordBatch.NO_PRODUCER_ID;
    }
}
