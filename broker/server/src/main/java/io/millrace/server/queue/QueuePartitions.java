package io.millrace.server.queue;

import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.replication.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the handlers of queues need to know of the partitions that requests name. Immutable, for one request. */
final class QueuePartitions {
    private static final int ERROR_CHARS_MAX = 2_000;
    private static final PartitionState UNKNOWN =
            new PartitionState(PartitionState.NO_LEADER, -1, -1, List.of(), List.of());

    private final QueueDispatchers dispatchers;
    private final ClusterImage image;

    QueuePartitions(QueueDispatchers dispatchers, ClusterImage image) {
        this.dispatchers = dispatchers;
        this.image = image;
    }

    /**
     * A partition that a request names.
     *
     * @param dispatcher empty where the error says why there is none
     */
    record Target(PartitionKey key, Optional<QueueDispatcher> dispatcher, ErrorCode errorCode) {}

    /** @param subscription null for queues, which have but their own; else one of a topic */
    Target target(PartitionKey key, @Nullable String subscription) {
        Optional<TopicImage> topic = image.topic(key.topicId());
        Optional<QueueDispatcher> dispatcher = dispatchers.dispatcher(key);
        boolean isOfTopic = subscription != null;
        if (topic.filter(found -> (found.kind() == DestinationKind.TOPIC) != isOfTopic)
                .isPresent()) {
            return new Target(key, Optional.empty(), ErrorCode.INVALID_REQUEST);
        }
        if (dispatcher.isPresent()) {
            return new Target(key, dispatcher, ErrorCode.NONE);
        }
        if (topic.isEmpty()) {
            return new Target(key, Optional.empty(), ErrorCode.UNKNOWN_TOPIC_ID);
        }
        boolean exists = topic.get().partition(key.partition()).isPresent();
        return new Target(
                key,
                Optional.empty(),
                exists ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    /** Who leads the partition, as far as this broker knows. */
    PartitionState state(PartitionKey key) {
        return image.topic(key.topicId())
                .flatMap(topic -> topic.partition(key.partition()))
                .orElse(UNKNOWN);
    }

    /** What a request says; empty where it is not understood. */
    static Optional<List<Settlement>> settlements(List<AcknowledgementBatch> batches) {
        var settlements = new ArrayList<Settlement>(batches.size());
        for (AcknowledgementBatch batch : batches) {
            Verdict verdict =
                    switch (batch.type()) {
                        case AcknowledgementBatch.ACCEPT -> Verdict.ACCEPT;
                        case AcknowledgementBatch.RELEASE -> Verdict.RELEASE;
                        case AcknowledgementBatch.REJECT -> Verdict.REJECT;
                        case AcknowledgementBatch.RETURN -> Verdict.RETURN;
                        default -> null;
                    };
            if (verdict == null || batch.deliveries() < 1) {
                return Optional.empty();
            }
            settlements.add(new Settlement(
                    batch.firstOffset(), batch.lastOffset(), verdict, batch.deliveries(), shortened(batch.error())));
        }
        return Optional.of(settlements);
    }

    private static @Nullable String shortened(@Nullable String error) {
        return error == null || error.length() <= ERROR_CHARS_MAX ? error : error.substring(0, ERROR_CHARS_MAX);
    }
}
