package io.millrace.client;

import io.millrace.protocol.message.AcknowledgementBatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Messages of one partition that are settled together, and who waits for it.
 *
 * @param topicId of the queue they came from, which may have been deleted since and made anew under the same name
 * @param type one of those of {@link AcknowledgementBatch}
 * @param offsets in ascending order, at least one
 */
record QueueSettlement(
        UUID topicId,
        TopicPartition partition,
        List<Long> offsets,
        byte type,
        long deadlineNanos,
        CompletableFuture<Void> done) {

    /** What can share a settlement. */
    record Part(QueueSession session, UUID topicId, TopicPartition partition) {
        static Part of(QueueBuffer.Acquired acquired) {
            return new Part(
                    acquired.origin().session(),
                    acquired.origin().topicId(),
                    acquired.message().partition());
        }
    }

    /** The settlements of messages of any origin. */
    static Map<Part, QueueSettlement> byOrigin(
            Collection<QueueBuffer.Acquired> messages, byte type, long deadlineNanos) {
        var settlements = new HashMap<Part, QueueSettlement>();
        messages.stream().collect(Collectors.groupingBy(Part::of)).forEach((part, ofPart) -> {
            List<Long> offsets = ofPart.stream()
                    .map(each -> each.message().offset())
                    .sorted()
                    .toList();
            settlements.put(
                    part,
                    new QueueSettlement(
                            part.topicId(), part.partition(), offsets, type, deadlineNanos, new CompletableFuture<>()));
        });
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
                topicId, partition, offsets, AcknowledgementBatch.RELEASE, deadlineNanos, new CompletableFuture<>());
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
