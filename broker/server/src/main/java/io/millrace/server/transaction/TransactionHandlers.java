package io.millrace.server.transaction;

import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AddOffsetsToTxnRequest;
import io.millrace.protocol.message.AddOffsetsToTxnResponse;
import io.millrace.protocol.message.AddPartitionsToTxnRequest;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import io.millrace.server.request.TopicAdministration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The requests of transactional producers, decided by the coordinator of the transactional id.
 *
 * <p>Errors of all: those of {@link TransactionCoordinators} and of {@link io.millrace.coordinator.transaction.Transactions}. Versions that do not know
 * PRODUCER_FENCED yet get INVALID_PRODUCER_EPOCH instead.
 */
final class TransactionHandlers {
    private static final short FIRST_END_V2 = 5;
    private static final short FIRST_END_WITH_FENCED = 2;
    private static final short FIRST_ADD_OFFSETS_WITH_FENCED = 2;

    private final TransactionCoordinators coordinators;
    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final CoordinatorTopic offsetsTopic;

    TransactionHandlers(
            TransactionCoordinators coordinators,
            ClusterView cluster,
            TopicAdministration administration,
            CoordinatorTopic offsetsTopic) {
        this.coordinators = coordinators;
        this.cluster = cluster;
        this.administration = administration;
        this.offsetsTopic = offsetsTopic;
    }

    void addTo(RequestHandlers table, ProducerIds ids, MarkerWriter writer) {
        table.add(ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest.class, new InitProducerIdHandler(ids, coordinators))
                .add(
                        ApiKey.ADD_PARTITIONS_TO_TXN,
                        AddPartitionsToTxnRequest.class,
                        new AddPartitionsToTxnHandler(coordinators, cluster))
                .add(ApiKey.ADD_OFFSETS_TO_TXN, AddOffsetsToTxnRequest.class, this::addOffsets)
                .add(ApiKey.END_TXN, EndTxnRequest.class, this::end)
                .add(ApiKey.WRITE_TXN_MARKERS, WriteTxnMarkersRequest.class, new WriteTxnMarkersHandler(writer));
    }

    private CompletableFuture<EndTxnResponse> end(RequestContext context, EndTxnRequest request) {
        short version = context.apiVersion() >= FIRST_END_V2 ? Transaction.V2 : Transaction.V1;
        return coordinators
                .<EndTxnResponse>decideWhenFree(
                        request.transactionalId(),
                        (transactions, nowMs) -> transactions.end(request, version, nowMs),
                        error -> (EndTxnResponse) request.errorResponse(error),
                        answer -> answer.errorCode() == ErrorCode.CONCURRENT_TRANSACTIONS)
                .thenApply(answer -> new EndTxnResponse(
                        0,
                        FencedError.forVersion(answer.errorCode(), context.apiVersion(), FIRST_END_WITH_FENCED),
                        version == Transaction.V2 ? answer.producerId() : -1,
                        version == Transaction.V2 ? answer.producerEpoch() : -1));
    }

    /** The offsets of a group lie in a partition of their own topic, which is added to the transaction. */
    private CompletableFuture<AddOffsetsToTxnResponse> addOffsets(
            RequestContext context, AddOffsetsToTxnRequest request) {
        var producer = new ProducerIdAndEpoch(request.producerId(), request.producerEpoch());
        return offsetsTopic.ensure(cluster, administration).thenCompose(found -> found.map(
                        topic -> new TransactionPartition(
                                offsetsTopic.name(), CoordinatorTopic.partitionOf(request.groupId(), topic)))
                .map(partition -> coordinators
                        .add(request.transactionalId(), producer, List.of(partition), Transaction.V1)
                        .thenApply(error -> answer(context, error)))
                .orElseGet(() -> CompletableFuture.completedFuture(
                        new AddOffsetsToTxnResponse(0, ErrorCode.COORDINATOR_NOT_AVAILABLE))));
    }

    private static AddOffsetsToTxnResponse answer(RequestContext context, ErrorCode error) {
        return new AddOffsetsToTxnResponse(
                0, FencedError.forVersion(error, context.apiVersion(), FIRST_ADD_OFFSETS_WITH_FENCED));
    }
}
