package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeProducersRequest;
import io.millrace.protocol.message.DescribeProducersResponse;
import io.millrace.protocol.message.DescribeTransactionsRequest;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.protocol.message.WriteTxnMarkersResponse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks the coordinators of transactions, and the leaders of partitions. Safe for use by any thread. Each call ends within the request timeout.
 */
final class NetworkTransactionAdmin implements TransactionAdmin {
    private static final int NO_PRODUCER_ID = -1;
    private static final short NO_PRODUCER_EPOCH = -1;

    /** Of transactions whose markers have the epoch that the records have. */
    private static final byte FIRST_TRANSACTION_VERSION = 0;

    private final AdminCalls calls;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;

    NetworkTransactionAdmin(AdminCalls calls, Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.calls = calls;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<List<Listing>> list(Filter filter) {
        var request = new ListTransactionsRequest(
                filter.states(),
                filter.producerIds(),
                filter.olderThanMs(),
                filter.idPattern().isEmpty() ? null : filter.idPattern());
        return cluster.get().thenCompose(description -> {
            var answers = description.brokers().stream()
                    .map(broker -> list(broker, request))
                    .toList();
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done -> answers.stream()
                            .flatMap(answer -> answer.join().stream())
                            .toList());
        });
    }

    private CompletableFuture<List<Listing>> list(ClusterDescription.Broker broker, ListTransactionsRequest request) {
        Question<ListTransactionsResponse> question = Question.of(
                "list the transactions of broker " + broker.id(),
                new Target.Broker(new BrokerNode(broker.id(), broker.host(), broker.port())),
                request,
                ListTransactionsResponse::errorCode);
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), response.errorCode(), null);
            if (!response.unknownStateFilters().isEmpty()) {
                throw new ClientException(
                        ErrorCode.INVALID_REQUEST,
                        "There are no states of transactions named " + response.unknownStateFilters()
                                + "; there are Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort");
            }
            return response.transactionStates().stream()
                    .map(each -> new Listing(
                            each.transactionalId(), each.producerId(), each.transactionState(), broker.id()))
                    .toList();
        });
    }

    private static void refuse(String what, ErrorCode error, @Nullable String message) {
        if (error.isError()) {
            throw new ClientException(
                    error, "The cluster did not " + what + ": " + error + (message == null ? "" : ", " + message));
        }
    }

    @Override
    public CompletableFuture<Description> describe(String transactionalId) {
        Question<DescribeTransactionsResponse> question = Question.of(
                "describe the transaction of \"" + transactionalId + "\"",
                Target.transaction(transactionalId),
                new DescribeTransactionsRequest(List.of(transactionalId)),
                response -> response.transactionStates().get(0).errorCode());
        return calls.ask(question).thenCompose(response -> {
            DescribeTransactionsResponse.TransactionState state =
                    response.transactionStates().get(0);
            refuse(question.what(), state.errorCode(), null);
            return calls.coordinator(Target.transaction(transactionalId))
                    .thenApply(coordinator -> described(state, coordinator.id()));
        });
    }

    private static Description described(DescribeTransactionsResponse.TransactionState state, int coordinatorId) {
        var partitions = state.topics().stream()
                .flatMap(topic ->
                        topic.partitions().stream().map(partition -> new TopicPartition(topic.topic(), partition)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Description(
                state.transactionalId(),
                coordinatorId,
                state.transactionState(),
                state.producerId(),
                state.producerEpoch(),
                state.transactionTimeoutMs(),
                state.transactionStartTimeMs(),
                partitions);
    }

    @Override
    public CompletableFuture<List<ActiveProducer>> producers(TopicPartition partition) {
        var asked = new DescribeProducersRequest.Topic(partition.topic(), List.of(partition.partition()));
        Question<DescribeProducersResponse> question = Question.of(
                "describe the producers of " + partition,
                new Target.Leader(partition),
                new DescribeProducersRequest(List.of(asked)),
                response -> only(response).errorCode());
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), only(response).errorCode(), only(response).errorMessage());
            return only(response).activeProducers().stream()
                    .map(producer -> new ActiveProducer(
                            partition,
                            producer.producerId(),
                            producer.producerEpoch(),
                            producer.lastSequence(),
                            producer.lastTimestamp(),
                            producer.coordinatorEpoch(),
                            producer.currentTxnStartOffset()))
                    .toList();
        });
    }

    private static DescribeProducersResponse.Partition only(DescribeProducersResponse response) {
        return response.topics().get(0).partitions().get(0);
    }

    @Override
    public CompletableFuture<Void> abort(ActiveProducer producer) {
        TopicPartition partition = producer.partition();
        var marker = new WriteTxnMarkersRequest.Marker(
                producer.producerId(),
                (short) producer.producerEpoch(),
                false,
                List.of(new WriteTxnMarkersRequest.Topic(partition.topic(), List.of(partition.partition()))),
                Math.max(0, producer.coordinatorEpoch()),
                FIRST_TRANSACTION_VERSION);
        Question<WriteTxnMarkersResponse> question = Question.of(
                "abort the transaction of producer " + producer.producerId() + " in " + partition,
                new Target.Leader(partition),
                new WriteTxnMarkersRequest(List.of(marker)),
                NetworkTransactionAdmin::errorOf);
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), errorOf(response), null);
            return null;
        });
    }

    private static ErrorCode errorOf(WriteTxnMarkersResponse response) {
        return response.markers().get(0).topics().get(0).partitions().get(0).errorCode();
    }

    @Override
    public CompletableFuture<Void> terminate(String transactionalId) {
        return describe(transactionalId)
                .thenCompose(known -> calls.ask(termination(known)))
                .thenApply(response -> {
                    refuse("abort the transaction of \"" + transactionalId + "\"", response.errorCode(), null);
                    return null;
                });
    }

    /** As a new producer with the same id begins; it keeps the timeout of the one before. */
    private static Question<InitProducerIdResponse> termination(Description known) {
        var request = new InitProducerIdRequest(
                known.transactionalId(), (int) known.timeoutMs(), NO_PRODUCER_ID, NO_PRODUCER_EPOCH);
        return Question.of(
                "abort the transaction of \"" + known.transactionalId() + "\"",
                Target.transaction(known.transactionalId()),
                request,
                InitProducerIdResponse::errorCode);
    }
}
