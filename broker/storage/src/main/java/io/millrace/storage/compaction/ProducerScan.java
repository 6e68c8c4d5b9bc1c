package io.millrace.storage.compaction;

import io.millrace.record.RecordBatch;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds the last that a range of a log tells of each producer: what is behind the range may be truncated again, and must not
 * be the reason that a batch of the range goes.
 *
 * <p>Not safe for threads. Batches come in the order of their offsets.
 */
public final class ProducerScan {

    private final Set<Long> known;
    private final Map<Long, ProducerEnd> ends = new HashMap<>();

    /** @param known ids of the producers that the log still remembers; nothing is kept of others */
    public ProducerScan(Set<Long> known) {
        this.known = known;
    }

    public void onBatch(RecordBatch batch) {
        if (!batch.hasProducerId() || !known.contains(batch.producerId())) {
            return;
        }
        ProducerEnd end = ends.get(batch.producerId());
        boolean isNewEpoch = end == null || end.producerEpoch() != batch.producerEpoch();
        if (!batch.isControl() || isNewEpoch) {
            long lastOffset = batch.isControl() ? ProducerEnd.NO_DATA : batch.lastOffset();
            ends.put(batch.producerId(), new ProducerEnd(lastOffset, batch.producerEpoch()));
        }
    }

    /** By the ids of the producers that have a batch in the range. */
    public Map<Long, ProducerEnd> ends() {
        return Map.copyOf(ends);
    }
}
