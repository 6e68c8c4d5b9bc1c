package io.millrace.ra.inbound;

import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerConfiguration.Isolation;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How far an activation has read its topic. Outlives the consumers, so that an outage costs a subscription nothing.
 *
 * <p>Each partition's position is moved by the one session that reads it; {@link #begin} is called while none runs.
 */
final class TopicPositions {
    /** A bean gets no message of a transaction that was aborted, and none before its transaction is committed. */
    static final ConsumerConfiguration FETCHING =
            ConsumerConfiguration.defaults().withIsolation(Isolation.READ_COMMITTED);

    private final Map<Integer, Long> nextOffsets = new ConcurrentHashMap<>();
    private @Nullable UUID topicId;

    /**
     * Begins at the end of the topic, as a subscription that is not durable does. Keeps its positions where it has begun
     * before, unless the topic was deleted and made anew meanwhile: that one is read from its beginning.
     */
    void begin(ClusterClient client, DestinationDescription topic, StopSignal stop, Duration atMost)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (topic.topicId().equals(topicId)) {
            return;
        }
        boolean firstTime = topicId == null;
        nextOffsets.clear();
        if (firstTime) {
            List<TopicPartition> partitions = partitionsOf(topic);
            try (TopicConsumer consumer = client.newConsumer(FETCHING)) {
                stop.result(consumer.endOffsets(partitions), atMost)
                        .forEach((partition, offset) -> nextOffsets.put(partition.partition(), offset));
            }
        }
        topicId = topic.topicId();
    }

    private static List<TopicPartition> partitionsOf(DestinationDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                .toList();
    }

    /** A partition that was added since begins at its beginning. */
    long nextOffset(int partition) {
        return nextOffsets.getOrDefault(partition, 0L);
    }

    void advance(int partition, long nextOffset) {
        nextOffsets.put(partition, nextOffset);
    }
}
