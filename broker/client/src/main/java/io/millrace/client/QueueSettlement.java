package io.millrace.client;

import io.millrace.protocol.message.AcknowledgementBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Messages of one partition that are settled together, and who waits for it.
 *
 * @param type one of those of {@link AcknowledgementBatch}
 * @param offsets in ascending order, at least one
 */
record QueueSettlement(
        TopicPartition partition, List<Long> offsets, byte type, long deadlineNanos, CompletableFuture<Void> done) {

    void complete() {
        done.complete(null);
    }

    void fail(ClientException why) {
        done.completeExceptionally(why);
    }

    /** The offsets as ranges without gaps. */
    List<AcknowledgementBatch> ranges() {
        var ranges = new ArrayList<AcknowledgementBatch>();
        long first = offsets.get(0);
        long last = first - 1;
        for (long offset : offsets) {
            if (offset != last + 1) {
                ranges.add(new AcknowledgementBatch(first, last, type));
                first = offset;
            }
            last = offset;
        }
        ranges.add(new AcknowledgementBatch(first, last, type));
        return ranges;
    }

    /** What travels for what the user says. */
    static byte wireTypeOf(AcknowledgeType type) {
        return switch (type) {
            case ACCEPT -> AcknowledgementBatch.ACCEPT;
            case RELEASE -> AcknowledgementBatch.RELEASE;
            case REJECT -> AcknowledgementBatch.REJECT;
        };
    }

    @Override
    public String toString() {
        return "The settlement of " + offsets.size() + " message(s) of " + partition + ", the first at offset "
                + offsets.get(0);
    }
}
