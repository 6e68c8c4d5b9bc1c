package io.millrace.server.transaction;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.metadata.BrokerRegistration;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.AddPartitionsToTxnResponse;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.replica.BrokerConnections;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ProduceVerification;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the coordinator of a transaction, here or at another broker, whether a partition belongs to it, or adds it. Thread-safe.
 *
 * <p>What the producer can only try again later is NOT_ENOUGH_REPLICAS, which all clients understand so.
 */
final class TransactionVerification implements ProduceVerification {
    private static final System.Logger LOGGER = System.getLogger(TransactionVerification.class.getName());
    private static final short FIRST_PRODUCE_THAT_ADDS = 12;
    private static final short FIRST_PRODUCE_WITH_ABORTABLE = 11;

    private final int brokerId;
    private final ClusterView cluster;
    private final CoordinatorTopic transactionsTopic;
    private final TransactionCoordinators coordinators;
    private final BrokerConnections connections;

    TransactionVerification(
            int brokerId,
            ClusterView cluster,
            CoordinatorTopic transactionsTopic,
            TransactionCoordinators coordinators,
            BrokerConnections connections) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.transactionsTopic = transactionsTopic;
        this.coordinators = coordinators;
        this.connections = connections;
    }

    @Override
    public CompletableFuture<ErrorCode> verify(Claim claim, String topic, int partition, short apiVersion) {
        boolean adds = apiVersion >= FIRST_PRODUCE_THAT_ADDS;
        return ask(claim, new TransactionPartition(topic, partition), adds)
                .thenApply(error -> forProducer(error, apiVersion));
    }

    private static ErrorCode forProducer(ErrorCode error, short apiVersion) {
        return switch (error) {
            case CONCURRENT_TRANSACTIONS ->
                apiVersion >= FIRST_PRODUCE_THAT_ADDS ? error : ErrorCode.NOT_ENOUGH_REPLICAS;
            case COORDINATOR_LOAD_IN_PROGRESS,
                    COORDINATOR_NOT_AVAILABLE,
                    NOT_COORDINATOR,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    OPERATION_NOT_ATTEMPTED -> ErrorCode.NOT_ENOUGH_REPLICAS;
            case PRODUCER_FENCED -> ErrorCode.INVALID_PRODUCER_EPOCH;
            default -> FencedError.withoutAbortable(error, apiVersion, FIRST_PRODUCE_WITH_ABORTABLE);
        };
    }

    /** Asks as it is, in the words of coordinators. */
    CompletableFuture<ErrorCode> ask(Claim claim, TransactionPartition partition, boolean adds) {
        Optional<BrokerRegistration> coordinator =
                transactionsTopic.coordinatorOf(claim.transactionalId(), cluster.image());
        if (coordinator.isEmpty()) {
            return CompletableFuture.completedFuture(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
        return coordinator.get().brokerId() == brokerId
                ? askHere(claim, partition, adds)
                : askAt(coordinator.get().brokerId(), claim, partition, adds);
    }

    private CompletableFuture<ErrorCode> askHere(Claim claim, TransactionPartition partition, boolean adds) {
        var producer = new ProducerIdAndEpoch(claim.producerId(), claim.producerEpoch());
        return adds
                ? coordinators.add(claim.transactionalId(), producer, List.of(partition), Transaction.V2)
                : coordinators.<ErrorCode>decide(
                        claim.transactionalId(),
                        (transactions, nowMs) -> Outcome.answer(transactions
                                .verify(claim.transactionalId(), producer)
                                .apply(partition)),
                        error -> error);
    }

    private CompletableFuture<ErrorCode> askAt(
            int coordinatorId, Claim claim, TransactionPartition partition, boolean adds) {
        var transaction = new AddPartitionsToTxnRequest.Transaction(
                claim.transactionalId(),
                claim.producerId(),
                claim.producerEpoch(),
                !adds,
                List.of(new AddPartitionsToTxnRequest.Topic(partition.topic(), List.of(partition.partition()))));
        var request = new AddPartitionsToTxnRequest(List.of(transaction), "", 0, (short) 0, List.of());
        return connections
                .to(coordinatorId)
                .thenCompose(connection -> connection.<AddPartitionsToTxnResponse>send(request))
                .handle((response, failure) -> {
                    if (failure != null) {
                        LOGGER.log(
                                DEBUG,
                                () -> "Broker " + coordinatorId + " does not answer for " + claim + ": "
                                        + failure.getMessage());
                        return ErrorCode.COORDINATOR_NOT_AVAILABLE;
                    }
                    return errorIn(response);
                });
    }

    private static ErrorCode errorIn(AddPartitionsToTxnResponse response) {
        return response.resultsByTransaction().stream()
                .flatMap(transaction -> transaction.topicResults().stream())
                .flatMap(topic -> topic.resultsByPartition().stream())
                .map(AddPartitionsToTxnResponse.Partition::partitionErrorCode)
                .findFirst()
                .orElse(response.errorCode().isError() ? response.errorCode() : ErrorCode.UNKNOWN_SERVER_ERROR);
    }
}
