package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateSubscriptionRequest;
import io.millrace.protocol.message.CreateSubscriptionResponse;
import io.millrace.protocol.message.DeleteSubscriptionRequest;
import io.millrace.protocol.message.DeleteSubscriptionResponse;
import io.millrace.protocol.message.DescribeSubscriptionsRequest;
import io.millrace.protocol.message.DescribeSubscriptionsResponse;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Administration of subscriptions: the controller has them begin and end, and the leaders of the topic's partitions tell how they stand. */
final class NetworkSubscriptionAdmin implements SubscriptionAdmin {
    private static final long LOOK_AGAIN_MS = 20;
    /** A broker that is just being lost is not waited for. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(3);

    private final EventLoop loop;
    private final AdminCalls calls;
    private final ClientConfiguration configuration;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;

    NetworkSubscriptionAdmin(
            EventLoop loop,
            AdminCalls calls,
            ClientConfiguration configuration,
            Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.loop = loop;
        this.calls = calls;
        this.configuration = configuration;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<SubscriptionDescription> create(SubscriptionWish wanted) {
        long deadlineNanos = System.nanoTime() + configuration.requestTimeout().toNanos();
        return create(wanted, false)
                .thenCompose(response -> response.errorCode() == ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
                        ? changeUnlessConsumed(wanted)
                        : CompletableFuture.completedFuture(response))
                .thenCompose(response -> {
                    refuse("create " + wanted, response.errorCode(), response.errorMessage());
                    return begun(wanted, response, deadlineNanos);
                });
    }

    private CompletableFuture<CreateSubscriptionResponse> create(SubscriptionWish wanted, boolean replaces) {
        var request = new CreateSubscriptionRequest(
                wanted.topic(),
                wanted.clientId(),
                wanted.name(),
                wanted.isDurable(),
                wanted.isShared(),
                wanted.selector(),
                wanted.noLocal(),
                replaces,
                (int) configuration.requestTimeout().toMillis());
        return calls.ask(
                Question.of("create " + wanted, new Target.Any(), request, CreateSubscriptionResponse::errorCode));
    }

    private CompletableFuture<CreateSubscriptionResponse> changeUnlessConsumed(SubscriptionWish wanted) {
        return find(wanted.clientId(), wanted.name(), wanted.isDurable()).thenCompose(found -> {
            found.ifPresent(known -> refuseWhileConsumed("change", known));
            return create(wanted, true);
        });
    }

    private static void refuseWhileConsumed(String what, SubscriptionDescription known) {
        if (!known.hasBegun()) {
            throw new ClientException(
                    ErrorCode.LEADER_NOT_AVAILABLE,
                    "The cluster does not " + what + " " + known + " while only "
                            + known.partitions().size() + " of " + known.partitionCount()
                            + " partitions have a leader that tells of its consumers");
        }
        if (known.consumerCount() > 0) {
            throw new ClientException(
                    ErrorCode.NON_EMPTY_GROUP,
                    "The cluster does not " + what + " " + known + " while it has " + known.consumerCount()
                            + " consumer(s); close them first");
        }
    }

    private static void refuse(String what, ErrorCode error, @Nullable String message) {
        if (error.isError()) {
            throw new ClientException(
                    error, "The cluster did not " + what + ": " + error + (message == null ? "" : ", " + message));
        }
    }

    /** Once all leaders have it begin. */
    private CompletableFuture<SubscriptionDescription> begun(
            SubscriptionWish wanted, CreateSubscriptionResponse created, long deadlineNanos) {
        return list(wanted.topic(), wanted.name()).thenCompose(all -> {
            Optional<SubscriptionDescription> known = all.stream()
                    .filter(each -> each.topicId().equals(created.topicId()) && each.number() == created.number())
                    .findAny();
            if (known.isPresent() && known.get().hasBegun()) {
                return CompletableFuture.completedFuture(known.get());
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        wanted + " has begun in "
                                + known.map(each -> each.partitions().size()).orElse(0)
                                + " partitions of topic \"" + wanted.topic()
                                + "\" only; those that lack a leader must get one first");
            }
            var later = new CompletableFuture<SubscriptionDescription>();
            loop.schedule(
                    () -> begun(wanted, created, deadlineNanos).whenComplete((found, failure) -> {
                        if (failure == null) {
                            later.complete(found);
                        } else {
                            later.completeExceptionally(failure);
                        }
                    }),
                    LOOK_AGAIN_MS,
                    TimeUnit.MILLISECONDS);
            return later;
        });
    }

    @Override
    public CompletableFuture<Void> delete(SubscriptionDescription subscription) {
        return list(subscription.topic(), subscription.name()).thenCompose(all -> {
            all.stream().filter(subscription::isSame).forEach(known -> refuseWhileConsumed("delete", known));
            var request = new DeleteSubscriptionRequest(subscription.topicId(), subscription.number(), (int)
                    configuration.requestTimeout().toMillis());
            Question<DeleteSubscriptionResponse> question = Question.of(
                    "delete " + subscription, new Target.Any(), request, DeleteSubscriptionResponse::errorCode);
            return calls.ask(question)
                    .thenAccept(response ->
                            refuse("delete " + subscription, response.errorCode(), response.errorMessage()));
        });
    }

    @Override
    public CompletableFuture<Optional<SubscriptionDescription>> find(String clientId, String name, boolean isDurable) {
        var wanted = new SubscriptionWish("", clientId, name, isDurable, false, "", false);
        return list(null, name)
                .thenApply(all -> all.stream().filter(wanted::isMetBy).findAny());
    }

    @Override
    public CompletableFuture<List<SubscriptionDescription>> list(@Nullable String topic, @Nullable String name) {
        var request = new DescribeSubscriptionsRequest(topic, name, true);
        return cluster.get().thenCompose(described -> {
            List<CompletableFuture<Optional<DescribeSubscriptionsResponse>>> answers = described.brokers().stream()
                    .map(broker -> ask(new BrokerNode(broker.id(), broker.host(), broker.port()), request))
                    .toList();
            return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                    .thenApply(done -> merged(answers.stream()
                            .map(CompletableFuture::join)
                            .flatMap(Optional::stream)
                            .toList()));
        });
    }

    /** Empty where it does not answer soon: what it leads is not among the partitions then. */
    private CompletableFuture<Optional<DescribeSubscriptionsResponse>> ask(
            BrokerNode broker, DescribeSubscriptionsRequest request) {
        Question<DescribeSubscriptionsResponse> question = Question.of(
                "describe subscriptions", new Target.Broker(broker), request, DescribeSubscriptionsResponse::errorCode);
        Duration bound =
                configuration.requestTimeout().compareTo(ANSWER_MAX) < 0 ? configuration.requestTimeout() : ANSWER_MAX;
        return calls.ask(question, bound).handle((answer, failure) -> Optional.ofNullable(answer));
    }

    private record Key(UUID topicId, long number) {}

    private static List<SubscriptionDescription> merged(List<DescribeSubscriptionsResponse> answers) {
        if (answers.isEmpty()) {
            throw new ClientException(
                    ErrorCode.BROKER_NOT_AVAILABLE, "No broker has told of subscriptions within " + ANSWER_MAX);
        }
        Map<Key, SubscriptionDescription> all = new LinkedHashMap<>();
        answers.forEach(answer -> {
            refuse("describe subscriptions", answer.errorCode(), null);
            answer.subscriptions()
                    .forEach(told -> all.merge(
                            new Key(told.topicId(), told.number()), description(told), NetworkSubscriptionAdmin::both));
        });
        return List.copyOf(all.values());
    }

    private static SubscriptionDescription description(DescribeSubscriptionsResponse.Subscription told) {
        return new SubscriptionDescription(
                told.topicId(),
                told.topicName(),
                told.number(),
                told.clientId(),
                told.name(),
                told.isDurable(),
                told.isShared(),
                told.selector(),
                told.noLocal(),
                told.partitionCount(),
                told.partitions().stream()
                        .filter(DescribeSubscriptionsResponse.Partition::isOpen)
                        .map(partition -> new SubscriptionDescription.Partition(
                                partition.partitionIndex(),
                                partition.acknowledgedBelow(),
                                partition.unacknowledged(),
                                partition.acquired(),
                                partition.consumers()))
                        .toList());
    }

    /** Two brokers can both believe that they lead, for a moment: the later one of them has more. */
    private static SubscriptionDescription both(SubscriptionDescription one, SubscriptionDescription other) {
        Map<Integer, SubscriptionDescription.Partition> partitions = new LinkedHashMap<>();
        Stream.concat(one.partitions().stream(), other.partitions().stream())
                .sorted(Comparator.comparingInt(SubscriptionDescription.Partition::partition))
                .forEach(partition -> partitions.merge(
                        partition.partition(),
                        partition,
                        (first, second) -> first.acknowledgedBelow() >= second.acknowledgedBelow() ? first : second));
        return new SubscriptionDescription(
                one.topicId(),
                one.topic(),
                one.number(),
                one.clientId(),
                one.name(),
                one.isDurable(),
                one.isShared(),
                one.selector(),
                one.noLocal(),
                Math.max(one.partitionCount(), other.partitionCount()),
                new ArrayList<>(partitions.values()));
    }
}
