package io.millrace.server.queue;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Cancellable;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.ReplicatedLog;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one partition while it is led here: has their cursors begin and end as the metadata say, and knows who consumes them.
 *
 * <p>Owned by the partition's loop. A queue's partition has one too, which has nothing to do.
 *
 * <p>A cursor begins where everything that was acknowledged to producers before ends, in a partition that was added to the topic later at its beginning. It
 * ends only when the metadata have known its number: a leader whose metadata are behind leaves cursors of which it has not heard yet alone.
 */
final class PartitionSubscriptions {
    private static final System.Logger LOGGER = System.getLogger(PartitionSubscriptions.class.getName());

    private static final long RETRY_MS = 100;
    private static final long ABANDONED_CHECK_MS = 10_000;
    /** Consumers come back within this time after they have lost a leader. */
    private static final long ABANDONED_AFTER_MS = 60_000;

    /** What it works with. */
    record Parts(
            PartitionKey key,
            ReplicatedLog data,
            CoordinatorLog<CursorRecord> cursorLog,
            PartitionCursors cursors,
            SubscriptionSource source) {}

    /** How one subscription stands. */
    record Standing(long acknowledgedBelow, long unacknowledged, long acquired, List<UUID> consumers) {}

    private final Parts parts;
    private final Runnable onChanged;
    private final Set<String> changing = new HashSet<>(); // as many as there are cursors
    private final Map<String, Set<ConsumerId>> consumers = new HashMap<>();
    private final Map<String, Long> abandonedSince = new HashMap<>();
    private boolean serving;
    private @Nullable Cancellable caughtUp;
    private @Nullable Cancellable check;

    /** @param onChanged runs when a cursor has begun or ended */
    PartitionSubscriptions(Parts parts, Runnable onChanged) {
        this.parts = parts;
        this.onChanged = onChanged;
    }

    /** All cursors that earlier leaders had are there. */
    void start() {
        serving = true;
        reconcile();
        if (parts.source() != SubscriptionSource.NONE) {
            check = parts.data().loop().schedule(ABANDONED_CHECK_MS, this::findAbandoned);
        }
    }

    void stop() {
        serving = false;
        if (caughtUp != null) {
            caughtUp.cancel();
        }
        if (check != null) {
            check.cancel();
        }
    }

    /** Has cursors begin and end as the metadata say now. */
    void reconcile() {
        Optional<TopicSubscriptions> wanted = parts.source().of(parts.key());
        if (!serving || wanted.isEmpty()) {
            return;
        }
        if (!parts.data().isCaughtUp()) {
            awaitCatchingUp();
            return;
        }
        Map<String, Subscription> byKey = wanted.get().byNumber().values().stream()
                .collect(Collectors.toMap(Subscription::key, subscription -> subscription));
        byKey.forEach((key, subscription) -> {
            if (parts.cursors().cursor(key).isEmpty() && changing.add(key)) {
                append(key, parts.cursors().openSubscription(key, startOf(subscription)));
            }
        });
        for (QueueCursor cursor : List.copyOf(parts.cursors().cursors())) {
            String key = cursor.subscription();
            if (key != null && hasEnded(wanted.get(), key) && changing.add(key)) {
                append(key, parts.cursors().closeSubscription(key));
            }
        }
    }

    private void awaitCatchingUp() {
        if (caughtUp == null) {
            ReplicatedLog data = parts.data();
            caughtUp = data.onCommitted(
                    data.firstOwnOffset() - 1, () -> data.loop().schedule(RETRY_MS / 10, () -> {
                        caughtUp = null;
                        reconcile();
                    }));
        }
    }

    private long startOf(Subscription subscription) {
        boolean isAddedLater = parts.key().partition() >= subscription.firstPartitions();
        return isAddedLater ? parts.data().logStartOffset() : parts.data().highWatermark();
    }

    private static boolean hasEnded(TopicSubscriptions known, String key) {
        long number = numberOf(key);
        return number <= known.lastNumber() && !known.byNumber().containsKey(number);
    }

    private static long numberOf(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private void append(String key, Outcome<CursorRecord, ErrorCode> outcome) {
        if (outcome.answer().isError()) {
            LOGGER.log(
                    WARNING, () -> parts.data() + " takes no cursor of subscription " + key + ": " + outcome.answer());
            changing.remove(key);
            return;
        }
        parts.cursorLog().append(outcome.records(), new AppendListener() {
            @Override
            public void onCommitted() {
                outcome.records().forEach(parts.cursors()::commit);
                changing.remove(key);
                onChanged.run();
            }

            @Override
            public void onRefused(ErrorCode error) {
                parts.cursors().onAppendFailed(outcome.records());
                changing.remove(key);
                parts.data().loop().schedule(RETRY_MS, PartitionSubscriptions.this::reconcile);
            }

            @Override
            public void onUncertain(ErrorCode error) {
                // It is told again once it is committed.
            }
        });
    }

    /**
     * A consumer asks for a subscription's records, and has it until it is gone.
     *
     * @return NONE; RESOURCE_NOT_FOUND where there is no such subscription, or none any more; NON_EMPTY_GROUP where it is not shared and another
     *     consumer has it
     */
    ErrorCode attach(@Nullable String key, ConsumerId consumer) {
        Optional<TopicSubscriptions> known = parts.source().of(parts.key());
        if (key == null || known.isEmpty()) {
            return key == null ? ErrorCode.NONE : ErrorCode.RESOURCE_NOT_FOUND;
        }
        Subscription subscription = known.get().byNumber().get(numberOf(key));
        if (subscription == null) {
            return hasEnded(known.get(), key) ? ErrorCode.RESOURCE_NOT_FOUND : ErrorCode.NONE;
        }
        Set<ConsumerId> attached = consumers.computeIfAbsent(key, any -> new HashSet<>());
        boolean isTaken =
                attached.stream().anyMatch(other -> !other.consumerId().equals(consumer.consumerId()));
        if (isTaken && !subscription.isShared()) {
            return ErrorCode.NON_EMPTY_GROUP;
        }
        attached.add(consumer);
        return ErrorCode.NONE;
    }

    /** Whether whoever waits for its records waits in vain. */
    boolean hasEnded(@Nullable String key) {
        return key != null
                && parts.source()
                        .of(parts.key())
                        .map(known -> hasEnded(known, key))
                        .orElse(true);
    }

    void onConsumerGone(ConsumerId consumer) {
        consumers.values().forEach(attached -> attached.remove(consumer));
        consumers.values().removeIf(Set::isEmpty);
    }

    void onConnectionClosed(long connectionId) {
        consumers.values().forEach(attached -> attached.removeIf(consumer -> consumer.connectionId() == connectionId));
        consumers.values().removeIf(Set::isEmpty);
    }

    /** How a subscription stands; empty while it has not begun here. */
    Optional<Standing> standing(String key) {
        List<UUID> attached = consumers.getOrDefault(key, Set.of()).stream()
                .map(ConsumerId::consumerId)
                .distinct()
                .toList();
        long end = parts.data().highWatermark();
        return serving
                ? parts.cursors()
                        .cursor(key)
                        .map(cursor -> new Standing(
                                cursor.prefixEnd(), cursor.unacknowledgedBelow(end), cursor.heldRecords(), attached))
                : Optional.empty();
    }

    /** From where on records are needed. */
    long neededFrom() {
        boolean isKnown = serving && changing.isEmpty() && !parts.cursors().isChanging();
        return isKnown && parts.data().isCaughtUp() ? parts.cursors().prefixEnd() : 0;
    }

    /** The first partition stands for all: consumers ask the leaders of all. */
    private void findAbandoned() {
        check = parts.data().loop().schedule(ABANDONED_CHECK_MS, this::findAbandoned);
        long nowMs = parts.data().loop().nowMs();
        Map<String, Subscription> idle = parts.source().of(parts.key()).stream()
                .filter(known -> parts.key().partition() == 0)
                .flatMap(known -> known.byNumber().values().stream())
                .filter(subscription -> !subscription.identity().isDurable())
                .filter(subscription -> !consumers.containsKey(subscription.key()))
                .collect(Collectors.toMap(Subscription::key, subscription -> subscription));
        abandonedSince.keySet().retainAll(idle.keySet());
        idle.forEach((key, subscription) -> {
            if (nowMs - abandonedSince.computeIfAbsent(key, any -> nowMs) >= ABANDONED_AFTER_MS) {
                parts.source().onAbandoned(parts.key(), subscription);
            }
        });
    }
}
