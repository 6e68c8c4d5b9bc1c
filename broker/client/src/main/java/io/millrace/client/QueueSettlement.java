package io.millrace.client;

import io.millrace.protocol.message.AcknowledgementBatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one partition that are settled together, and who waits for it.
 *
 * @param topicId of the queue they came from, which may have been deleted since and made anew under the same name
 * @param type one of those of {@link AcknowledgementBatch}
 * @param deliveries how often they were delivered, where they are released
 * @param error why they are released or rejected, or null
 * @param offsets in ascending order, at least one
 */
record QueueSettlement(
        UUID topicId,
        TopicPartition partition,
        List<Long> offsets,
        byte type,
        short deliveries,
        @Nullable String error,
        long deadlineNanos,
        CompletableFuture<Void> done) {

    /** What can share a settlement. */
    record Part(QueueSession session, UUID topicId, TopicPartition partition, int deliveries) {
        /** Only where they are released it matters how often messages were delivered. */
        private static Part of(QueueBuffer.Acquired acquired, AcknowledgeType type) {
            return new Part(
                    acquired.origin().session(),
                    acquired.origin().topicId(),
                    acquired.message().partition(),
                    type == AcknowledgeType.RELEASE ? acquired.deliveries() : 1);
        }
    }

    /** The settlements of messages of any origin. */
    static Map<Part, QueueSettlement> parts(
            Collection<QueueBuffer.Acquired> messages,
            AcknowledgeType type,
            @Nullable String error,
            long deadlineNanos) {
        var offsets = new LinkedHashMap<Part, List<Long>>();
        for (QueueBuffer.Acquired each : messages) {
            offsets.computeIfAbsent(Part.of(each, type), ignored -> new ArrayList<>())
                    .add(each.message().offset());
        }
        var settlements = new LinkedHashMap<Part, QueueSettlement>();
        offsets.forEach((part, ofPart) -> settlements.put(
                part,
                new QueueSettlement(
                        part.topicId(),
                        part.partition(),
                        ofPart.stream().sorted().toList(),
                        part.deliveries() > 0 ? wireTypeOf(type) : AcknowledgementBatch.RETURN,
                        (short) Math.max(1, Math.min(part.deliveries(), Short.MAX_VALUE)),
                        error,
                        deadlineNanos,
                        new CompletableFuture<>())));
        return settlements;
    }

    void complete() {
        done.complete(null);
    }

    void fail(ClientException why) {
        done.completeExceptionally(why);
    }

    /** Whether it gives the messages back. */
    boolean isRelease() {
        return type == AcknowledgementBatch.RELEASE || type == AcknowledgementBatch.RETURN;
    }

    /** The same messages given back, which nobody waits for. */
    QueueSettlement asRelease() {
        return new QueueSettlement(
                topicId,
                partition,
                offsets,
                AcknowledgementBatch.RELEASE,
                (short) 1,
                error,
                deadlineNanos,
                new CompletableFuture<>());
    }

    /** The offsets as ranges without gaps. */
    List<AcknowledgementBatch> ranges() {
        var ranges = new ArrayList<AcknowledgementBatch>();
        long first = offsets.get(0);
        long last = first - 1;
        for (long offset : offsets) {
            if (offset != last + 1) {
                ranges.add(new AcknowledgementBatch(first, last, type, deliveries, error));
                first = offset;
            }
            last = offset;
        }
        ranges.add(new AcknowledgementBatch(first, last, type, deliveries, error));
        return ranges;
    }

    /** What travels for what the user says. */
    private static byte wireTypeOf(AcknowledgeType type) {
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
