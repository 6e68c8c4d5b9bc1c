package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What is wished of subscriptions, as a controller in office decides it. Whether a subscription has consumers is known to the leaders only, and the
 * asker's to find out.
 *
 * <p>Owned by the controller's loop.
 */
final class SubscriptionDecisions {
    /** Bound on the subscriptions of one topic. */
    static final int SUBSCRIPTIONS_MAX = 10_000;
    /** Bound on what the subscriptions of one topic take in its znode, which also holds the topic's assignment and configuration. */
    static final int BYTES_MAX = 192 * 1024;

    private static final int OVERHEAD_BYTES = 32;
    private static final String INTERNAL_PREFIX = "__";

    private record Found(TopicImage topic, Subscription subscription) {}

    private final DecisionRounds rounds;
    private final PartitionViews views;

    SubscriptionDecisions(DecisionRounds rounds, PartitionViews views) {
        this.rounds = rounds;
        this.views = views;
    }

    CompletableFuture<SubscriptionResult> create(NewSubscription wanted) {
        return decide(draft -> {
            Optional<SubscriptionResult> refused = refusal(draft.image(), wanted);
            if (refused.isPresent()) {
                return refused.get();
            }
            Optional<Found> found = find(draft.image(), wanted.identity());
            return found.map(known -> resume(draft, known, wanted)).orElseGet(() -> begin(draft, wanted));
        });
    }

    private static Optional<SubscriptionResult> refusal(ClusterImage image, NewSubscription wanted) {
        Subscription.Identity identity = wanted.identity();
        boolean isTooLong = identity.name().length() > Subscription.TEXT_MAX
                || identity.clientId().length() > Subscription.TEXT_MAX
                || wanted.selector().length() > Subscription.TEXT_MAX;
        if (identity.name().isEmpty() || isTooLong) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "subscription " + identity
                            + " is not allowed: its name must not be empty, and neither that nor its client id and"
                            + " selector have more than " + Subscription.TEXT_MAX + " characters");
        }
        if (!wanted.isShared() && (!identity.isDurable() || identity.clientId().isEmpty())) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "subscription " + identity + " is not shared, so it must be durable and have a client id");
        }
        Optional<TopicImage> topic = image.topic(wanted.topicName());
        if (topic.isEmpty()) {
            return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + wanted.topicName() + "'");
        }
        boolean isForUsers = topic.get().kind() == DestinationKind.TOPIC
                && !wanted.topicName().startsWith(INTERNAL_PREFIX);
        return isForUsers
                ? Optional.empty()
                : refused(
                        ErrorCode.INVALID_REQUEST,
                        "'" + wanted.topicName() + "' is a queue or internal; only topics have subscriptions");
    }

    private static Optional<SubscriptionResult> refused(ErrorCode error, String message) {
        return Optional.of(SubscriptionResult.refused(error, message));
    }

    private static Optional<Found> find(ClusterImage image, Subscription.Identity identity) {
        for (TopicImage topic : image.topics()) {
            for (Subscription known : topic.subscriptions().byNumber().values()) {
                if (known.identity().equals(identity)) {
                    return Optional.of(new Found(topic, known));
                }
            }
        }
        return Optional.empty();
    }

    private SubscriptionResult resume(Draft draft, Found found, NewSubscription wanted) {
        Subscription known = found.subscription();
        if (known.isShared() != wanted.isShared()) {
            return SubscriptionResult.refused(
                    ErrorCode.DUPLICATE_RESOURCE,
                    "there is a subscription " + known.identity() + " that is " + (known.isShared() ? "" : "not ")
                            + "shared; one that is" + (known.isShared() ? " not" : "") + " needs another name");
        }
        boolean isOfTopic = found.topic().name().equals(wanted.topicName());
        boolean selectsSame = known.selector().equals(wanted.selector()) && known.noLocal() == wanted.noLocal();
        if (isOfTopic && selectsSame) {
            return SubscriptionResult.of(found.topic(), known);
        }
        if (!wanted.replaces()) {
            return SubscriptionResult.refused(
                    ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC,
                    "subscription " + known.identity() + " is one of topic '"
                            + found.topic().name() + "' with the selector '" + known.selector()
                            + "' and noLocal " + known.noLocal() + "; it can be changed while it has no consumer");
        }
        if (isOfTopic) {
            var changed = known.selecting(wanted.selector(), wanted.noLocal());
            return put(draft, found.topic(), changed);
        }
        SubscriptionResult begun = begin(draft, wanted);
        if (!begun.errorCode().isError()) {
            draft.subscribe(
                    found.topic().topicId(), found.topic().subscriptions().without(known.number()));
        }
        return begun;
    }

    private SubscriptionResult begin(Draft draft, NewSubscription wanted) {
        TopicImage topic = draft.image().topic(wanted.topicName()).orElseThrow();
        var subscription = new Subscription(
                topic.subscriptions().lastNumber() + 1,
                wanted.identity(),
                wanted.isShared(),
                wanted.selector(),
                wanted.noLocal(),
                topic.partitionCount());
        return put(draft, topic, subscription);
    }

    private SubscriptionResult put(Draft draft, TopicImage topic, Subscription subscription) {
        var after = topic.subscriptions().with(subscription);
        long bytes = after.byNumber().values().stream()
                .mapToLong(SubscriptionDecisions::sizeOf)
                .sum();
        if (after.byNumber().size() > SUBSCRIPTIONS_MAX || bytes > BYTES_MAX) {
            return SubscriptionResult.refused(
                    ErrorCode.POLICY_VIOLATION,
                    "topic '" + topic.name() + "' would have "
                            + after.byNumber().size() + " subscriptions of " + bytes
                            + " bytes; it may have " + SUBSCRIPTIONS_MAX + " of " + BYTES_MAX
                            + " bytes, names, client ids and selectors included");
        }
        if (!topic.hasCursors()) {
            // No leader may believe that replicas are in sync of which it does not know both logs.
            views.change(draft, topic, partition -> partition.election().moved(partition.state(), true));
        }
        draft.subscribe(topic.topicId(), after);
        return SubscriptionResult.of(draft.image().topic(topic.topicId()).orElseThrow(), subscription);
    }

    private static long sizeOf(Subscription subscription) {
        return OVERHEAD_BYTES
                + bytesOf(subscription.identity().name())
                + bytesOf(subscription.identity().clientId())
                + bytesOf(subscription.selector());
    }

    private static long bytesOf(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    CompletableFuture<SubscriptionResult> delete(UUID topicId, long number) {
        return decide(draft -> {
            Optional<TopicImage> topic = draft.image().topic(topicId);
            Subscription known = topic.map(TopicImage::subscriptions)
                    .map(subscriptions -> subscriptions.byNumber().get(number))
                    .orElse(null);
            if (known == null) {
                return SubscriptionResult.refused(
                        ErrorCode.RESOURCE_NOT_FOUND,
                        "topic " + topic.map(TopicImage::name).orElse(topicId.toString())
                                + " has no subscription with the number " + number);
            }
            draft.subscribe(topicId, topic.get().subscriptions().without(number));
            return SubscriptionResult.of(topic.get(), known);
        });
    }

    private CompletableFuture<SubscriptionResult> decide(Function<Draft, SubscriptionResult> decision) {
        var answer = new CompletableFuture<SubscriptionResult>();
        rounds.decide(
                draft -> {
                    SubscriptionResult decided = decision.apply(draft);
                    return () -> answer.complete(decided);
                },
                (errorCode, why) -> answer.complete(SubscriptionResult.refused(errorCode, why)));
        return answer;
    }
}
