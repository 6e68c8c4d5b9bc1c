package io.millrace.server.transaction;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeTransactionsRequest;
import io.millrace.protocol.message.DescribeTransactionsResponse;
import io.millrace.protocol.message.ListTransactionsRequest;
import io.millrace.protocol.message.ListTransactionsResponse;
import io.millrace.server.request.RequestHandlers;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What administrators see of transactions (KIP-664, KIP-994, KIP-1152).
 *
 * <p>Errors of a transactional id: TRANSACTIONAL_ID_NOT_FOUND and those of {@link TransactionCoordinators}; of a list: INVALID_REGULAR_EXPRESSION, and
 * COORDINATOR_LOAD_IN_PROGRESS while one of the coordinators replays its log.
 */
final class TransactionAdministrationHandlers {
    private static final int PATTERN_CHARACTERS_MAX = 1_000;

    private final TransactionCoordinators coordinators;
    private final InstantSource clock;

    TransactionAdministrationHandlers(TransactionCoordinators coordinators, InstantSource clock) {
        this.coordinators = coordinators;
        this.clock = clock;
    }

    void addTo(RequestHandlers table) {
        table.add(
                        ApiKey.DESCRIBE_TRANSACTIONS,
                        DescribeTransactionsRequest.class,
                        (context, request) -> describe(request))
                .add(ApiKey.LIST_TRANSACTIONS, ListTransactionsRequest.class, (context, request) -> list(request));
    }

    private CompletableFuture<DescribeTransactionsResponse> describe(DescribeTransactionsRequest request) {
        var answers = request.transactionalIds().stream()
                .distinct()
                .map(this::describe)
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> new DescribeTransactionsResponse(
                        0, answers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<DescribeTransactionsResponse.TransactionState> describe(String id) {
        return coordinators.decide(
                id,
                (transactions, nowMs) -> Outcome.answer(transactions
                        .describe(id)
                        .map(found -> described(id, found))
                        .orElseGet(() -> DescribeTransactionsResponse.TransactionState.error(
                                id, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND))),
                error -> DescribeTransactionsResponse.TransactionState.error(id, error));
    }

    private static DescribeTransactionsResponse.TransactionState described(String id, Transaction found) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        found.partitions().forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        return new DescribeTransactionsResponse.TransactionState(
                ErrorCode.NONE,
                id,
                found.state().kafkaName(),
                found.timeoutMs(),
                found.startMs(),
                found.producerId(),
                found.producerEpoch(),
                byTopic.entrySet().stream()
                        .map(topic -> new DescribeTransactionsResponse.Topic(topic.getKey(), topic.getValue()))
                        .toList());
    }

    private CompletableFuture<ListTransactionsResponse> list(ListTransactionsRequest request) {
        Predicate<String> isWanted;
        try {
            isWanted = idFilter(request);
        } catch (PatternSyntaxException e) {
            return CompletableFuture.completedFuture(
                    (ListTransactionsResponse) request.errorResponse(ErrorCode.INVALID_REGULAR_EXPRESSION));
        }
        List<String> unknown = request.stateFilters().stream()
                .filter(name -> TransactionState.ofName(name).isEmpty())
                .toList();
        if (!unknown.isEmpty() && unknown.size() == request.stateFilters().size()) {
            return CompletableFuture.completedFuture(
                    new ListTransactionsResponse(0, ErrorCode.NONE, unknown, List.of()));
        }
        Predicate<Transaction> matches = found -> matches(request, found);
        return coordinators
                .<ListTransactionsResponse>askAll(
                        transactions -> listed(transactions.list(), isWanted, matches),
                        error -> new ListTransactionsResponse(
                                0,
                                error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? error : ErrorCode.NONE,
                                List.of(),
                                List.of()))
                .thenApply(parts -> joined(parts, unknown));
    }

    private static Predicate<String> idFilter(ListTransactionsRequest request) {
        String pattern = request.transactionalIdPattern();
        if (pattern == null || pattern.isEmpty()) {
            return id -> true;
        }
        if (pattern.length() > PATTERN_CHARACTERS_MAX) {
            throw new PatternSyntaxException("longer than " + PATTERN_CHARACTERS_MAX + " characters", pattern, -1);
        }
        return Pattern.compile(pattern).asMatchPredicate();
    }

    private boolean matches(ListTransactionsRequest request, Transaction found) {
        boolean isOfState = request.stateFilters().isEmpty()
                || request.stateFilters().contains(found.state().kafkaName());
        boolean isOfProducer = request.producerIdFilters().isEmpty()
                || request.producerIdFilters().contains(found.producerId());
        boolean isOpen =
                found.state() == TransactionState.ONGOING || found.state().isEnding();
        boolean isOldEnough =
                request.durationFilter() < 0 || (isOpen && clock.millis() - found.startMs() > request.durationFilter());
        return isOfState && isOfProducer && isOldEnough;
    }

    private static ListTransactionsResponse listed(
            Map<String, Transaction> known, Predicate<String> isWanted, Predicate<Transaction> matches) {
        var states = new ArrayList<ListTransactionsResponse.TransactionState>();
        known.forEach((id, found) -> {
            if (isWanted.test(id) && matches.test(found)) {
                states.add(new ListTransactionsResponse.TransactionState(
                        id, found.producerId(), found.state().kafkaName()));
            }
        });
        return new ListTransactionsResponse(0, ErrorCode.NONE, List.of(), states);
    }

    private static ListTransactionsResponse joined(List<ListTransactionsResponse> parts, List<String> unknown) {
        var states = new ArrayList<ListTransactionsResponse.TransactionState>();
        for (ListTransactionsResponse part : parts) {
            if (part.errorCode().isError()) {
                return part;
            }
            states.addAll(part.transactionStates());
        }
        return new ListTransactionsResponse(0, ErrorCode.NONE, unknown, states);
    }
}
