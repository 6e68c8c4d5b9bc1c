package io.millrace.client;

import io.millrace.protocol.message.ProduceRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The batches that travel in one request, at most one of each partition. */
final class ProduceExchange {
    /** A batch and where it came from. */
    record Part(PartitionQueue queue, ProducerBatch batch, UUID topicId) {}

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
}
