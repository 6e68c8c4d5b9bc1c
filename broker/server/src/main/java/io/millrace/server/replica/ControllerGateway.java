package io.millrace.server.replica;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.client.network.Connection;
import io.millrace.metadata.MetadataStore;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsRequest;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.millrace.protocol.message.ElectLeadersRequest;
import io.millrace.protocol.message.ElectLeadersResponse;
import io.millrace.protocol.message.MovePartitionsRequest;
import io.millrace.protocol.message.MovePartitionsResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.server.request.ControllerCall;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.PartitionAdministration;
import io.millrace.server.request.PartitionChanges;
import io.millrace.server.request.TopicAdministration;
import io.millrace.server.request.TopicChanges;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes of topics and partitions to the controller: to the one here when it is in office, else over a connection to the broker where it is.
 *
 * <p>Thread-safe. While there is no controller, or it has just changed, a request is tried again until its own timeout has passed.
 */
public final class ControllerGateway implements TopicAdministration, PartitionAdministration, ControllerRoute {
    private static final System.Logger LOGGER = System.getLogger(ControllerGateway.class.getName());
    private static final long RETRY_PAUSE_MS = 50;
    private static final long TIMEOUT_MAX_MS = 60_000;

    private final int brokerId;
    private final MetadataStore store;
    private final TopicChanges local;
    private final PartitionChanges localPartitions;
    private final BrokerConnections connections;

    public ControllerGateway(
            int brokerId,
            MetadataStore store,
            TopicChanges local,
            PartitionChanges localPartitions,
            BrokerConnections connections) {
        this.brokerId = brokerId;
        this.store = store;
        this.local = local;
        this.localPartitions = localPartitions;
        this.connections = connections;
    }

    @Override
    public <R extends Response> CompletableFuture<R> call(ControllerCall<R> wanted, boolean mayForward) {
        return mayForward ? new Call<>(wanted).start() : wanted.here().get();
    }

    @Override
    public CompletableFuture<CreateTopicsResponse> create(CreateTopicsRequest request, boolean mayForward) {
        return call(
                new ControllerCall<CreateTopicsResponse>(
                        request, () -> local.create(request), TopicChanges::isElsewhere, request.timeoutMs()),
                mayForward);
    }

    @Override
    public CompletableFuture<DeleteTopicsResponse> delete(DeleteTopicsRequest request, boolean mayForward) {
        return call(
                new ControllerCall<DeleteTopicsResponse>(
                        request, () -> local.delete(request), TopicChanges::isElsewhere, request.timeoutMs()),
                mayForward);
    }

    @Override
    public CompletableFuture<AlterPartitionReassignmentsResponse> reassign(
            AlterPartitionReassignmentsRequest request, boolean mayForward) {
        return call(
                new ControllerCall<>(
                        request,
                        () -> localPartitions.reassign(request),
                        response -> response.errorCode() == ErrorCode.NOT_CONTROLLER,
                        request.timeoutMs()),
                mayForward);
    }

    @Override
    public CompletableFuture<MovePartitionsResponse> move(MovePartitionsRequest request, boolean mayForward) {
        return call(
                new ControllerCall<>(
                        request,
                        () -> localPartitions.move(request),
                        response -> response.errorCode() == ErrorCode.NOT_CONTROLLER,
                        request.timeoutMs()),
                mayForward);
    }

    @Override
    public CompletableFuture<ElectLeadersResponse> elect(ElectLeadersRequest request, boolean mayForward) {
        return call(
                new ControllerCall<>(
                        request,
                        () -> localPartitions.elect(request),
                        response -> response.errorCode() == ErrorCode.NOT_CONTROLLER,
                        request.timeoutMs()),
                mayForward);
    }

    /** One request, until the controller has answered it. */
    private final class Call<R extends Response> {
        private final Request request;
        private final Supplier<CompletableFuture<R>> localCall;
        private final Predicate<R> isElsewhere;
        private final long deadlineNanos;

        Call(ControllerCall<R> wanted) {
            this.request = wanted.request();
            this.localCall = wanted.here();
            this.isElsewhere = wanted.isElsewhere();
            long bounded = Math.max(RETRY_PAUSE_MS, Math.min(wanted.timeoutMs(), TIMEOUT_MAX_MS));
            this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(bounded);
        }

        CompletableFuture<R> start() {
            return once().handle(this::answerOrRetry).thenCompose(Function.identity());
        }

        private CompletableFuture<R> once() {
            int controllerId = store.image().controllerId();
            return controllerId == brokerId
                    ? localCall.get()
                    : connections.to(controllerId).thenCompose(this::forward);
        }

        private CompletableFuture<R> forward(Connection connection) {
            return connection.send(request, Duration.ofMillis(Math.max(1, leftMs())));
        }

        private long leftMs() {
            return TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        }

        private CompletableFuture<R> answerOrRetry(@Nullable R response, @Nullable Throwable failure) {
            if (response != null && !isElsewhere.test(response)) {
                return CompletableFuture.completedFuture(response);
            }
            if (leftMs() <= RETRY_PAUSE_MS) {
                return CompletableFuture.completedFuture(response != null ? response : timedOut(failure));
            }
            var retry = new CompletableFuture<R>();
            CompletableFuture.delayedExecutor(RETRY_PAUSE_MS, TimeUnit.MILLISECONDS)
                    .execute(() -> start().whenComplete((answer, cause) -> {
                        if (answer != null) {
                            retry.complete(answer);
                        } else {
                            retry.completeExceptionally(
                                    cause != null ? cause : new IllegalStateException("no answer came"));
                        }
                    }));
            return retry;
        }

        @SuppressWarnings("unchecked") // a request's error response is of the type of its responses
        private R timedOut(@Nullable Throwable failure) {
            LOGGER.log(DEBUG, () -> request.apiKey() + " did not reach a controller in time: " + failure);
            return (R) request.errorResponse(ErrorCode.REQUEST_TIMED_OUT);
        }
    }
}
