package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.DeleteRecordsRequest;
import io.millrace.protocol.message.DeleteRecordsResponse;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Administration by requests to any broker, which hands on to the controller what is the controller's.
 *
 * <p>Safe for use by any thread. Each call ends within the request timeout; what may be tried again within it is, with
 * pauses, on the loop.
 */
final class NetworkAdmin implements Admin {
    static final String KIND = "destination.kind";

    private static final UUID BY_NAME = new UUID(0, 0);

    private final EventLoop loop;
    private final ClusterAccess access;
    private final ClusterMetadata metadata;
    private final ClientConfiguration configuration;
    private final Backoff backoff;
    private final PartitionAdmin partitionAdmin;
    private final GroupAdmin groupAdmin;
    private final TransactionAdmin transactionAdmin;
    private final ConfigurationAdmin configurationAdmin;
    private final BrokerAdmin brokerAdmin;
    private final SubscriptionAdmin subscriptionAdmin;

    NetworkAdmin(EventLoop loop, ClientContext context, AdminCalls calls) {
        this.loop = loop;
        this.access = context.access();
        this.metadata = context.metadata();
        this.configuration = context.configuration();
        this.backoff = context.backoff();
        this.partitionAdmin = new NetworkPartitionAdmin(loop, context, this::cluster);
        this.groupAdmin = new NetworkGroupAdmin(calls, this::cluster);
        this.transactionAdmin = new NetworkTransactionAdmin(calls, this::cluster);
        this.configurationAdmin = new NetworkConfigurationAdmin(calls, this::cluster);
        this.brokerAdmin = new NetworkBrokerAdmin(calls);
        this.subscriptionAdmin = new NetworkSubscriptionAdmin(loop, calls, configuration, this::cluster);
    }

    /** One call: what it is bounded by, and how often it was tried. */
    private final class Call {
        private final long deadlineNanos =
                System.nanoTime() + configuration.requestTimeout().toNanos();
        private int failures;

        Duration left() {
            return Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
        }

        /** Whether there is time for another try; it comes after a pause then. */
        boolean again(Runnable nextTry) {
            long pauseNanos = backoff.pauseNanos(++failures);
            if (deadlineNanos - System.nanoTime() <= pauseNanos) {
                return false;
            }
            loop.schedule(nextTry, pauseNanos, TimeUnit.NANOSECONDS);
            return true;
        }
    }

    @Override
    public SubscriptionAdmin subscriptions() {
        return subscriptionAdmin;
    }

    @Override
    public CompletableFuture<Void> create(
            String name, DestinationKind kind, int partitions, int replicationFactor, Map<String, String> settings) {
        var configs = Stream.concat(
                        settings.entrySet().stream()
                                .filter(entry -> !entry.getKey().equals(KIND)),
                        Stream.of(Map.entry(KIND, kind.name().toLowerCase(Locale.ROOT))))
                .map(entry -> new CreateTopicsRequest.Config(entry.getKey(), entry.getValue()))
                .toList();
        var topic = new CreateTopicsRequest.Topic(name, partitions, (short) replicationFactor, List.of(), configs);
        var call = new Call();
        var created = new CompletableFuture<Void>();
        tryToCreate(topic, call, created);
        return created.thenCompose(ignored -> whenLed(name, call)).thenApply(ignored -> null);
    }

    private void tryToCreate(CreateTopicsRequest.Topic topic, Call call, CompletableFuture<Void> created) {
        int timeoutMs = (int) configuration.requestTimeout().toMillis();
        var request = new CreateTopicsRequest(List.of(topic), timeoutMs, false);
        access.ask(connection -> connection.<CreateTopicsResponse>send(request), call.left())
                .thenApply(response -> response.topics().get(0))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        created.completeExceptionally(Failures.toClientException(failure));
                    } else if (!outcome.errorCode().isError()) {
                        created.complete(null);
                    } else if (!outcome.errorCode().isRetriable()
                            || !call.again(() -> tryToCreate(topic, call, created))) {
                        created.completeExceptionally(
                                refusal("create", topic.name(), outcome.errorCode(), outcome.errorMessage()));
                    }
                });
    }

    private static ClientException refusal(String what, String name, ErrorCode why, @Nullable String message) {
        return new ClientException(
                why,
                "The cluster did not " + what + " \"" + name + "\": " + why + (message == null ? "" : ", " + message));
    }

    private CompletableFuture<DestinationDescription> whenLed(String name, Call call) {
        var led = new CompletableFuture<DestinationDescription>();
        checkLed(name, call, led);
        return led;
    }

    private void checkLed(String name, Call call, CompletableFuture<DestinationDescription> led) {
        metadata.refresh(name).whenComplete((found, failure) -> {
            DestinationDescription destination = found == null ? null : found.orElse(null);
            if (destination != null && destination.partitions().stream().allMatch(NetworkAdmin::isLed)) {
                led.complete(destination);
            } else if (!call.again(() -> checkLed(name, call, led))) {
                String seen = failure != null
                        ? Failures.messageOf(failure)
                        : destination == null ? "it is not visible yet" : "a partition has no leader yet";
                led.completeExceptionally(new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "\"" + name + "\" was created but is not ready after "
                                + configuration.requestTimeout().toMillis() + " ms: " + seen));
            }
        });
    }

    private static boolean isLed(DestinationDescription.Partition partition) {
        return partition.leaderId() >= 0;
    }

    @Override
    public CompletableFuture<Void> delete(String name) {
        int timeoutMs = (int) configuration.requestTimeout().toMillis();
        var request = new DeleteTopicsRequest(
                List.of(new DeleteTopicsRequest.Topic(name, BY_NAME)), List.of(name), timeoutMs);
        var call = new Call();
        var deleted = new CompletableFuture<Void>();
        tryToDelete(name, request, call, deleted);
        return deleted;
    }

    private void tryToDelete(String name, DeleteTopicsRequest request, Call call, CompletableFuture<Void> deleted) {
        access.ask(connection -> connection.<DeleteTopicsResponse>send(request), call.left())
                .thenApply(response -> response.responses().get(0))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        deleted.completeExceptionally(Failures.toClientException(failure));
                    } else if (!outcome.errorCode().isError()) {
                        metadata.refresh(name);
                        deleted.complete(null);
                    } else if (outcome.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                            || !outcome.errorCode().isRetriable()
                            || !call.again(() -> tryToDelete(name, request, call, deleted))) {
                        deleted.completeExceptionally(
                                refusal("delete", name, outcome.errorCode(), outcome.errorMessage()));
                    }
                });
    }

    @Override
    public CompletableFuture<Long> deleteRecords(TopicPartition partition, long beforeOffset) {
        var deleted = new CompletableFuture<Long>();
        tryToDeleteRecords(partition, beforeOffset, new Call(), deleted);
        return deleted;
    }

    private void tryToDeleteRecords(
            TopicPartition partition, long beforeOffset, Call call, CompletableFuture<Long> deleted) {
        metadata.refresh(partition.topic())
                .thenCompose(found -> {
                    boolean exists = found.isPresent()
                            && partition.partition() < found.get().partitions().size();
                    return exists
                            ? askLeader(partition, beforeOffset, call)
                            : CompletableFuture.completedFuture(DeleteRecordsResponse.Partition.error(
                                    partition.partition(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
                })
                .whenComplete((outcome, failure) -> {
                    Runnable nextTry = () -> tryToDeleteRecords(partition, beforeOffset, call, deleted);
                    if (failure != null) {
                        deleted.completeExceptionally(Failures.toClientException(failure));
                    } else if (!outcome.errorCode().isError()) {
                        deleted.complete(outcome.lowWatermark());
                    } else if (outcome.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                            || !outcome.errorCode().isRetriable()
                            || !call.again(nextTry)) {
                        deleted.completeExceptionally(refusal(
                                "delete the records below offset " + beforeOffset + " of",
                                partition.toString(),
                                outcome.errorCode(),
                                null));
                    }
                });
    }

    /** By a connection of its own: deletions are rare, and wait for followers. */
    private CompletableFuture<DeleteRecordsResponse.Partition> askLeader(
            TopicPartition partition, long beforeOffset, Call call) {
        BrokerNode leader = metadata.leaderOf(partition);
        if (leader == null) {
            return CompletableFuture.completedFuture(
                    DeleteRecordsResponse.Partition.error(partition.partition(), ErrorCode.LEADER_NOT_AVAILABLE));
        }
        var asked = new DeleteRecordsRequest.Partition(partition.partition(), beforeOffset);
        var request = new DeleteRecordsRequest(
                List.of(new DeleteRecordsRequest.Topic(partition.topic(), List.of(asked))),
                (int) Math.max(1, call.left().toMillis()));
        return Connection.connect(loop, leader.host(), leader.port(), configuration.clientId(), call.left())
                .thenCompose(connection -> connection
                        .<DeleteRecordsResponse>send(request, call.left())
                        .whenComplete((answer, failure) -> connection.close()))
                .thenApply(response -> response.topics().get(0).partitions().get(0));
    }

    @Override
    public CompletableFuture<List<DestinationDescription>> list() {
        return view(null).thenApply(NetworkAdmin::existing);
    }

    @Override
    public CompletableFuture<Map<String, DestinationDescription>> describe(Collection<String> names) {
        return view(List.copyOf(names)).thenApply(view -> existing(view).stream()
                .collect(Collectors.toMap(DestinationDescription::name, destination -> destination)));
    }

    private static List<DestinationDescription> existing(ClusterView view) {
        return view.destinations().stream()
                .map(NetworkAdmin::described)
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable DestinationDescription described(ClusterView.Found found) {
        if (found.errorCode().isError() && found.errorCode() != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            throw refusal("describe", found.name(), found.errorCode(), null);
        }
        return found.destination();
    }

    private CompletableFuture<ClusterView> view(@Nullable Collection<String> names) {
        return access.ask(
                connection -> ClusterView.ask(connection, names, true, configuration.requestTimeout()),
                configuration.requestTimeout());
    }

    @Override
    public CompletableFuture<DestinationDescription> ensure(String name, DestinationKind kind) {
        return metadata.refresh(name)
                .thenCompose(found ->
                        found.map(CompletableFuture::completedFuture).orElseGet(() -> createUnlessThere(name, kind)))
                .thenApply(destination -> {
                    if (destination.kind() != kind) {
                        throw new ClientException(
                                ErrorCode.INVALID_REQUEST,
                                "\"" + name + "\" is a " + destination.kind() + ", not a " + kind
                                        + "; use another name or delete it first");
                    }
                    return destination;
                });
    }

    private CompletableFuture<DestinationDescription> createUnlessThere(String name, DestinationKind kind) {
        return create(name, kind, -1, -1, Map.of())
                .handle((ignored, failure) -> {
                    if (failure != null && Failures.errorCodeOf(failure) != ErrorCode.TOPIC_ALREADY_EXISTS) {
                        throw Failures.toClientException(failure);
                    }
                    return new Call();
                })
                .thenCompose(call -> whenLed(name, call));
    }

    @Override
    public CompletableFuture<ClusterDescription> cluster() {
        return view(List.of()).thenApply(ClusterView::cluster);
    }

    @Override
    public PartitionAdmin partitions() {
        return partitionAdmin;
    }

    @Override
    public GroupAdmin groups() {
        return groupAdmin;
    }

    @Override
    public TransactionAdmin transactions() {
        return transactionAdmin;
    }

    @Override
    public ConfigurationAdmin configurations() {
        return configurationAdmin;
    }

    @Override
    public BrokerAdmin brokers() {
        return brokerAdmin;
    }
}
