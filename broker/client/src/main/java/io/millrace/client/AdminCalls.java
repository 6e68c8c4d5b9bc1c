package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests of administration, each taken to the broker that can answer it, and taken there again while that makes sense.
 *
 * <p>Owned by its loop; {@link #ask} may be called by any thread. Every call ends within the request timeout. Where a coordinator or
 * leader has moved, the next try looks for it anew.
 */
final class AdminCalls {
    /** So many coordinators are remembered. */
    private static final int COORDINATORS_MAX = 1000;

    /** What versions before 4 put in place of the list of keys; brokers that know only those are not asked. */
    private static final String NOT_ALONE = "";

    /** Who can answer. */
    sealed interface Target {
        /** Every broker. */
        record Any() implements Target {}

        record Broker(BrokerNode node) implements Target {}

        /** @param type of {@link FindCoordinatorRequest} */
        record Coordinator(byte type, String key) implements Target {}

        record Leader(TopicPartition partition) implements Target {}

        static Coordinator group(String groupId) {
            return new Coordinator(FindCoordinatorRequest.GROUP, groupId);
        }

        static Coordinator transaction(String transactionalId) {
            return new Coordinator(FindCoordinatorRequest.TRANSACTION, transactionalId);
        }
    }

    /**
     * What is asked.
     *
     * @param what in words that follow "did not", for the message of a failure
     * @param versionMax the highest version that says what is meant
     * @param errorOf what a retry is decided by; the answer itself is the caller's to judge
     */
    record Question<R extends Response>(
            String what, Target target, Request request, int versionMax, Function<R, ErrorCode> errorOf) {

        static <R extends Response> Question<R> of(
                String what, Target target, Request request, Function<R, ErrorCode> errorOf) {
            return new Question<>(what, target, request, Integer.MAX_VALUE, errorOf);
        }
    }

    private final EventLoop loop;
    private final ClientContext context;
    private final BrokerAccess brokers;
    private final Map<Target.Coordinator, BrokerNode> coordinators = new ConcurrentHashMap<>();
    private boolean closed;

    AdminCalls(EventLoop loop, ClientContext context) {
        this.loop = loop;
        this.context = context;
        this.brokers = new BrokerAccess(loop, context.configuration());
    }

    /** Completes on the loop, with an answer whose error cannot be helped by asking again, or fails with a {@link ClientException}. */
    <R extends Response> CompletableFuture<R> ask(Question<R> question) {
        return ask(question, context.configuration().requestTimeout());
    }

    <R extends Response> CompletableFuture<R> ask(Question<R> question, Duration bound) {
        var call = new Call<>(question, System.nanoTime() + bound.toNanos());
        if (!Loops.run(loop, call::attempt)) {
            call.answer.completeExceptionally(new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed"));
        }
        return call.answer;
    }

    /** The broker that has a group or transactional id. */
    CompletableFuture<BrokerNode> coordinator(Target.Coordinator target) {
        return find(target, context.configuration().requestTimeout());
    }

    private CompletableFuture<BrokerNode> find(Target.Coordinator target, Duration bound) {
        BrokerNode known = coordinators.get(target);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        var request = new FindCoordinatorRequest(NOT_ALONE, target.type(), List.of(target.key()));
        Question<FindCoordinatorResponse> question = Question.of(
                "name the coordinator of \"" + target.key() + "\"", new Target.Any(), request, response -> found(
                                response, target)
                        .errorCode());
        return ask(question, bound).thenApply(response -> {
            FindCoordinatorResponse.Coordinator found = found(response, target);
            if (found.errorCode().isError()) {
                throw new ClientException(
                        found.errorCode(), "The cluster did not " + question.what() + ": " + found.errorCode());
            }
            var node = new BrokerNode(found.nodeId(), found.host(), found.port());
            remember(target, node);
            return node;
        });
    }

    private void remember(Target.Coordinator target, BrokerNode node) {
        if (coordinators.size() >= COORDINATORS_MAX) {
            coordinators.clear();
        }
        coordinators.put(target, node);
    }

    private static FindCoordinatorResponse.Coordinator found(
            FindCoordinatorResponse response, Target.Coordinator target) {
        return response.found(target.key()).get(0);
    }

    /** Ends the connections, and all trying. On the loop. */
    void close() {
        closed = true;
        brokers.close();
    }

    /** One call with all its tries. Owned by the loop. */
    private final class Call<R extends Response> {
        private final Question<R> question;
        private final long deadlineNanos;
        private final CompletableFuture<R> answer = new CompletableFuture<>();
        private int failures;

        Call(Question<R> question, long deadlineNanos) {
            this.question = question;
            this.deadlineNanos = deadlineNanos;
        }

        private Duration left() {
            return Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
        }

        void attempt() {
            send().whenComplete((response, failure) -> Loops.run(loop, () -> onAnswer(response, failure)));
        }

        private CompletableFuture<R> send() {
            if (question.target() instanceof Target.Broker named) {
                return brokers.ask(named.node(), this::send);
            }
            if (question.target() instanceof Target.Coordinator coordinator) {
                return find(coordinator, left()).thenCompose(node -> brokers.ask(node, this::send));
            }
            if (question.target() instanceof Target.Leader leader) {
                return leaderOf(leader.partition()).thenCompose(node -> brokers.ask(node, this::send));
            }
            return context.access().ask(this::send, left());
        }

        private CompletableFuture<R> send(Connection connection) {
            return connection.send(question.request(), question.versionMax(), left());
        }

        /** Who is known to lead; once that has failed, who the cluster says does. */
        private CompletableFuture<BrokerNode> leaderOf(TopicPartition partition) {
            BrokerNode known = failures == 0 ? context.metadata().leaderOf(partition) : null;
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
            return context.metadata().refresh(partition.topic()).thenApply(found -> {
                BrokerNode leader = context.metadata().leaderOf(partition);
                if (leader != null) {
                    return leader;
                }
                boolean exists = context.metadata().partitionOf(partition) != null;
                throw exists
                        ? new ClientException(ErrorCode.LEADER_NOT_AVAILABLE, partition + " has no leader now")
                        : new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition + " does not exist");
            });
        }

        private void onAnswer(@Nullable R response, @Nullable Throwable failure) {
            ErrorCode error = response == null
                    ? Failures.errorCodeOf(failure == null ? new IllegalStateException() : failure)
                    : question.errorOf().apply(response);
            boolean isWorthAnotherTry = error.isRetriable() && error != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            if (isWorthAnotherTry) {
                forgetCoordinator();
                if (response != null) {
                    response.releaseRecords(); // nobody gets it
                }
            }
            if (isWorthAnotherTry && again()) {
                return;
            }
            if (response != null && !isWorthAnotherTry) {
                answer.complete(response);
            } else if (failure != null) {
                answer.completeExceptionally(explained(failure));
            } else {
                answer.completeExceptionally(
                        new ClientException(error, "The cluster did not " + question.what() + " in time: " + error));
            }
        }

        private void forgetCoordinator() {
            if (question.target() instanceof Target.Coordinator coordinator) {
                coordinators.remove(coordinator);
            }
        }

        private ClientException explained(Throwable failure) {
            ClientException cause = Failures.toClientException(failure);
            return new ClientException(
                    cause.errorCode(), "The cluster did not " + question.what() + ": " + cause.getMessage(), cause);
        }

        /** Whether there is time for another try; it comes after a pause then. */
        private boolean again() {
            long pauseNanos = context.backoff().pauseNanos(++failures);
            if (closed || deadlineNanos - System.nanoTime() <= pauseNanos) {
                return false;
            }
            loop.schedule(this::attempt, pauseNanos, TimeUnit.NANOSECONDS);
            return true;
        }
    }
}
