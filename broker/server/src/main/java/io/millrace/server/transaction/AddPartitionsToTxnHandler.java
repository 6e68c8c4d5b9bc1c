package io.millrace.server.transaction;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.protocol.message.AddPartitionsToTxnResponse.Partition;
import io.millrace.protocol.message.AddPartitionsToTxnResponse.Topic;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Adds partitions to transactions: for a producer before it writes to them, up to version 3; from version 4 on for the leaders of partitions that were written to, or
 * that only want to know whether they belong to a transaction (KIP-890).
 *
 * <p>All partitions of a transaction or none: where one is unknown (UNKNOWN_TOPIC_OR_PARTITION), the others get OPERATION_NOT_ATTEMPTED.
 */
final class AddPartitionsToTxnHandler implements RequestHandler<AddPartitionsToTxnRequest> {
    private static final short FIRST_BATCHED = 4;
    private static final short FIRST_WITH_FENCED = 2;
    private static final short FIRST_WITH_ABORTABLE = 5;

    private final TransactionCoordinators coordinators;
    private final ClusterView cluster;

    AddPartitionsToTxnHandler(TransactionCoordinators coordinators, ClusterView cluster) {
        this.coordinators = coordinators;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<AddPartitionsToTxnResponse> handle(
            RequestContext context, AddPartitionsToTxnRequest request) {
        if (context.apiVersion() < FIRST_BATCHED) {
            var single = new AddPartitionsToTxnRequest.Transaction(
                    request.v3AndBelowTransactionalId(),
                    request.v3AndBelowProducerId(),
                    request.v3AndBelowProducerEpoch(),
                    false,
                    request.v3AndBelowTopics());
            return handle(single, context.apiVersion())
                    .thenApply(topics -> new AddPartitionsToTxnResponse(0, ErrorCode.NONE, List.of(), topics));
        }
        var answers = request.transactions().stream()
                .map(transaction -> handle(transaction, context.apiVersion())
                        .thenApply(topics ->
                                new AddPartitionsToTxnResponse.Transaction(transaction.transactionalId(), topics)))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> new AddPartitionsToTxnResponse(
                        0,
                        ErrorCode.NONE,
                        answers.stream().map(CompletableFuture::join).toList(),
                        List.of()));
    }

    private CompletableFuture<List<Topic>> handle(AddPartitionsToTxnRequest.Transaction asked, short apiVersion) {
        var producer = new ProducerIdAndEpoch(asked.producerId(), asked.producerEpoch());
        if (asked.verifyOnly()) {
            return coordinators.decide(
                    asked.transactionalId(),
                    (transactions, nowMs) -> {
                        var verified = transactions.verify(asked.transactionalId(), producer);
                        return Outcome.answer(each(asked, partition -> fitted(verified.apply(partition), apiVersion)));
                    },
                    error -> each(asked, partition -> error));
        }
        List<TransactionPartition> partitions = partitions(asked);
        ClusterImage image = cluster.image();
        if (!partitions.stream().allMatch(partition -> exists(image, partition))) {
            return CompletableFuture.completedFuture(each(
                    asked,
                    partition -> exists(image, partition)
                            ? ErrorCode.OPERATION_NOT_ATTEMPTED
                            : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        }
        short version = apiVersion >= FIRST_BATCHED ? Transaction.V2 : Transaction.V1;
        return coordinators
                .add(asked.transactionalId(), producer, partitions, version)
                .thenApply(error -> each(asked, partition -> fitted(error, apiVersion)));
    }

    private static ErrorCode fitted(ErrorCode error, short apiVersion) {
        return FencedError.withoutAbortable(
                FencedError.forVersion(error, apiVersion, FIRST_WITH_FENCED), apiVersion, FIRST_WITH_ABORTABLE);
    }

    private static List<TransactionPartition> partitions(AddPartitionsToTxnRequest.Transaction asked) {
        return asked.topics().stream()
                .flatMap(topic ->
                        topic.partitions().stream().map(partition -> new TransactionPartition(topic.name(), partition)))
                .toList();
    }

    private static boolean exists(ClusterImage image, TransactionPartition partition) {
        return image.topic(partition.topic())
                .flatMap(topic -> topic.partition(partition.partition()))
                .isPresent();
    }

    private static List<Topic> each(
            AddPartitionsToTxnRequest.Transaction asked, Function<TransactionPartition, ErrorCode> result) {
        return asked.topics().stream()
                .map(topic -> new Topic(
                        topic.name(),
                        topic.partitions().stream()
                                .map(index -> new Partition(
                                        index, result.apply(new TransactionPartition(topic.name(), index))))
                                .toList()))
                .toList();
    }
}
