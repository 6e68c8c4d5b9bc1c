package io.millrace.server.queue;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.PartitionKey;
import io.millrace.server.configuration.DeadLetterRules;
import io.millrace.server.configuration.TopicRules;
import io.millrace.server.replica.BrokerConnections;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.TopicAdministration;
import io.millrace.server.request.TopicRulesCache;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The dead-letter queues of a cluster, whoever leads them. Thread-safe.
 *
 * <p>One that is missing is created, with one partition and with {@code max.deliveries=0}: its own messages never die.
 */
public final class DeadLetterQueues implements DeadLetterTarget {
    private static final int CREATION_TIMEOUT_MS = 10_000;
    private static final int APPEND_TIMEOUT_MS = 15_000;
    private static final short BY_DEFAULT = -1;
    private static final short ALL_REPLICAS = -1;

    /** What a dead letter has more than the message had: room for the headers. */
    private static final int HEADERS_BYTES = 16 * 1024;

    private final ClusterView cluster;
    private final TopicRulesCache rules;
    private final TopicAdministration administration;
    private final BrokerConnections connections;
    private final Supplier<CompletableFuture<Long>> producerIds;

    /**
     * Queues that are known when they are needed.
     *
     * @param connections to all brokers, this one too
     * @param producerIds gives one that was never used
     */
    public DeadLetterQueues(
            ClusterView cluster,
            TopicRulesCache rules,
            TopicAdministration administration,
            BrokerConnections connections,
            Supplier<CompletableFuture<Long>> producerIds) {
        this.cluster = cluster;
        this.rules = rules;
        this.administration = administration;
        this.connections = connections;
        this.producerIds = producerIds;
    }

    @Override
    public CompletableFuture<Address> find(PartitionKey source, @Nullable String subscription) {
        Optional<TopicImage> topic = cluster.image().topic(source.topicId());
        if (topic.isEmpty()) {
            return CompletableFuture.failedFuture(new IllegalStateException("the destination is deleted"));
        }
        String queue = rules.of(topic.get()).deadLetters().queueOf(topic.get().name());
        return ensure(queue, topic.get()).thenCompose(found -> producerIds
                .get()
                .thenApply(producerId -> new Address(
                        queue,
                        source.partition() % found.partitionCount(),
                        producerId,
                        rules.of(found).messageBytesMax())));
    }

    private CompletableFuture<TopicImage> ensure(String queue, TopicImage source) {
        Optional<TopicImage> known = cluster.image().topic(queue);
        if (known.isPresent()) {
            return CompletableFuture.completedFuture(known.get());
        }
        return administration.create(creation(queue, rules.of(source)), true).thenCompose(created -> cluster.await(
                        image -> image.topic(queue).isPresent(), CREATION_TIMEOUT_MS)
                .thenApply(isKnown -> cluster.image()
                        .topic(queue)
                        .orElseThrow(() -> new IllegalStateException(
                                "queue " + queue + " could not be created: " + reason(created)))));
    }

    private static CreateTopicsRequest creation(String queue, TopicRules source) {
        int bytesMax = source.messageBytesMax() + Math.min(HEADERS_BYTES, (1 << 30) - source.messageBytesMax());
        var configs = Map.of(
                        "destination.kind",
                        "queue",
                        DeadLetterRules.MAX_DELIVERIES,
                        "0",
                        "max.message.bytes",
                        Integer.toString(bytesMax))
                .entrySet()
                .stream()
                .map(entry -> new CreateTopicsRequest.Config(entry.getKey(), entry.getValue()))
                .toList();
        var topic = new CreateTopicsRequest.Topic(queue, 1, BY_DEFAULT, List.of(), configs);
        return new CreateTopicsRequest(List.of(topic), CREATION_TIMEOUT_MS, false);
    }

    private static String reason(CreateTopicsResponse created) {
        return created.topics().stream()
                .map(topic ->
                        topic.errorCode() + (topic.errorMessage() == null ? "" : " (" + topic.errorMessage() + ")"))
                .findFirst()
                .orElse("nothing was answered");
    }

    @Override
    public Origin origin(PartitionKey source, @Nullable String subscription) {
        Optional<TopicImage> topic = cluster.image().topic(source.topicId());
        String name =
                topic.map(TopicImage::name).orElseGet(() -> source.topicId().toString());
        if (subscription == null) {
            return new Origin(name, null);
        }
        return new Origin(
                name,
                topic.flatMap(known -> known.subscriptions().byNumber().values().stream()
                                .filter(each -> each.key().equals(subscription))
                                .findFirst())
                        .map(DeadLetterQueues::nameOf)
                        .orElse(subscription));
    }

    private static String nameOf(Subscription subscription) {
        Subscription.Identity identity = subscription.identity();
        return identity.clientId().isEmpty() ? identity.name() : identity.clientId() + ":" + identity.name();
    }

    /** UNKNOWN_TOPIC_OR_PARTITION only where there is no such queue any more, as far as this broker knows. */
    @Override
    public CompletableFuture<ErrorCode> append(String queue, int partition, ByteBuf batch) {
        ClusterImage image = cluster.image();
        Optional<TopicImage> topic = image.topic(queue);
        Optional<PartitionState> state = topic.flatMap(found -> found.partition(partition));
        if (topic.isEmpty() || state.isEmpty() || !state.get().hasLeader()) {
            batch.release();
            return CompletableFuture.completedFuture(
                    state.isEmpty() ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.LEADER_NOT_AVAILABLE);
        }
        var request = new ProduceRequest(
                null,
                ALL_REPLICAS,
                APPEND_TIMEOUT_MS,
                List.of(new ProduceRequest.Topic(
                        queue,
                        topic.get().topicId(),
                        List.of(new ProduceRequest.Partition(partition, Records.of(batch))))));
        return connections
                .to(state.get().leaderId())
                .whenComplete((connection, failure) -> {
                    if (connection == null) {
                        request.releaseRecords();
                    }
                })
                .thenCompose(connection -> connection.<ProduceResponse>send(request))
                .thenApply(DeadLetterQueues::outcome);
    }

    private static ErrorCode outcome(ProduceResponse response) {
        ErrorCode error = response.responses().stream()
                .flatMap(topic -> topic.partitionResponses().stream())
                .map(ProduceResponse.Partition::errorCode)
                .findFirst()
                .orElse(ErrorCode.UNKNOWN_SERVER_ERROR);
        boolean isBehind = error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || error == ErrorCode.UNKNOWN_TOPIC_ID;
        return isBehind ? ErrorCode.NOT_LEADER_OR_FOLLOWER : error;
    }
}
