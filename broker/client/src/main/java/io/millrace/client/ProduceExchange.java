package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The batches that travel in one request, at most one of each partition. */
final class ProduceExchange {
    /** A batch and where it came from. */
    record Part(PartitionQueue queue, ProducerBatch batch, UUID topicId) {}

    /** What became of one batch. */
    record Outcome(ErrorCode errorCode, long baseOffset, long logAppendTimeMs, String message) {}

    private final List<Part> parts = new ArrayList<>();
    private int sizeInBytes;
    private long sentNanos;

    void onSent(long nowNanos) {
        sentNanos = nowNanos;
    }

    long sentNanos() {
        return sentNanos;
    }

    void add(Part part) {
        parts.add(part);
        sizeInBytes += part.batch().sizeInBytes();
    }

    List<Part> parts() {
        return parts;
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    int sizeInBytes() {
        return sizeInBytes;
    }

    ProduceRequest request(short acks, int timeoutMs) {
        Map<String, List<Part>> byTopic = new LinkedHashMap<>();
        parts.forEach(part -> byTopic.computeIfAbsent(part.batch().partition().topic(), ignored -> new ArrayList<>())
                .add(part));
        var topics = new ArrayList<ProduceRequest.Topic>(byTopic.size());
        byTopic.forEach((name, ofTopic) -> topics.add(new ProduceRequest.Topic(
                name,
                ofTopic.get(0).topicId(),
                ofTopic.stream()
                        .map(part -> new ProduceRequest.Partition(
                                part.batch().partition().partition(),
                                part.batch().records()))
                        .toList())));
        return new ProduceRequest(null, acks, timeoutMs, topics);
    }

    /** What the response says of a batch; null where it does not mention it. */
    @Nullable
    Outcome outcomeOf(Part part, ProduceResponse response) {
        TopicPartition partition = part.batch().partition();
        for (ProduceResponse.Topic topic : response.responses()) {
            boolean isMeant = topic.name().isEmpty()
                    ? topic.topicId().equals(part.topicId())
                    : topic.name().equals(partition.topic());
            if (isMeant) {
                for (ProduceResponse.Partition answered : topic.partitionResponses()) {
                    if (answered.index() == partition.partition()) {
                        return outcome(answered);
                    }
                }
            }
        }
        return null;
    }

    private static Outcome outcome(ProduceResponse.Partition answered) {
        String message = answered.errorMessage() == null ? "" : ": " + answered.errorMessage();
        return new Outcome(
                answered.errorCode(),
                answered.baseOffset(),
                answered.logAppendTimeMs(),
                answered.errorCode() + message);
    }
}
