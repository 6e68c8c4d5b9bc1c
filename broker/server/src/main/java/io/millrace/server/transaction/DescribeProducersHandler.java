package io.millrace.server.transaction;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.protocol.message.DescribeProducersResponse;
import io.millrace.protocol.message.DescribeProducersResponse.Partition;
import io.millrace.protocol.message.DescribeProducersResponse.ProducerState;
import io.millrace.replication.Replicas;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import io.millrace.storage.LogTransactions.ActiveProducer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Tells which producers the partitions of this broker remember, those that it follows, too, so that an administrator finds a transaction that nobody ends
 * (KIP-664): it is looked for broker by broker.
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER.
 */
final class DescribeProducersHandler implements RequestHandler<DescribeProducersRequest> {
    private final ClusterView cluster;
    private final Replicas replicas;

    DescribeProducersHandler(ClusterView cluster, Replicas replicas) {
        this.cluster = cluster;
        this.replicas = replicas;
    }

    @Override
    public CompletableFuture<DescribeProducersResponse> handle(
            RequestContext context, DescribeProducersRequest request) {
        var topics = request.topics().stream().map(this::describe).toList();
        return joined(topics).thenApply(done -> new DescribeProducersResponse(0, done));
    }

    private CompletableFuture<DescribeProducersResponse.Topic> describe(DescribeProducersRequest.Topic asked) {
        var partitions = asked.partitionIndexes().stream()
                .map(index -> describe(asked.name(), index))
                .toList();
        return joined(partitions).thenApply(done -> new DescribeProducersResponse.Topic(asked.name(), done));
    }

    private static <T> CompletableFuture<List<T>> joined(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }

    private CompletableFuture<Partition> describe(String topic, int index) {
        return replicas.partition(topic, index)
                .map(replica -> replica.transactions().producers().thenApply(known -> known.map(
                                producers -> described(index, producers))
                        .orElseGet(() -> Partition.error(index, ErrorCode.NOT_LEADER_OR_FOLLOWER))))
                .orElseGet(() -> CompletableFuture.completedFuture(Partition.error(index, whyNot(topic, index))));
    }

    private ErrorCode whyNot(String topic, int index) {
        ClusterImage image = cluster.image();
        boolean exists =
                image.topic(topic).flatMap(found -> found.partition(index)).isPresent();
        return exists ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static Partition described(int index, List<ActiveProducer> producers) {
        var states = producers.stream()
                .map(producer -> new ProducerState(
                        producer.producerId(),
                        producer.producerEpoch(),
                        producer.lastSequence(),
                        producer.lastTimestamp(),
                        producer.coordinatorEpoch(),
                        producer.transactionStart()))
                .toList();
        return new Partition(index, ErrorCode.NONE, null, states);
    }
}
