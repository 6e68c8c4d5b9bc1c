package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the cluster: its brokers, and the destinations that somebody uses.
 *
 * <p>Reads are for any thread. Refreshing is owned by the loop: one question is under way at a time, for all names that
 * were wanted meanwhile, and the next leaves no sooner than a short pause after it, so that a thousand partitions
 * that lose their leader ask once.
 *
 * <p>Invariant: while a destination keeps its id, the leader epoch of a partition never falls, whichever broker answers.
 */
final class ClusterMetadata {
    /** How long one broker may take before another is asked: it may be frozen. */
    private static final Duration ONE_TRY_MAX = Duration.ofSeconds(3);

    private static final UUID NO_ID = new UUID(0, 0);

    /** As many names that do not exist are remembered. */
    private static final int MISSING_MAX = 10_000;

    private record Known(DestinationDescription destination, long atNanos) {}

    private final EventLoop loop;
    private final ClusterAccess access;
    private final ClientConfiguration configuration;
    private final Map<String, Known> destinations = new ConcurrentHashMap<>();
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private final Set<String> requested = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> listeners = new CopyOnWriteArraySet<>();
    private volatile Map<Integer, BrokerNode> brokers = Map.of();
    private Map<String, CompletableFuture<Optional<DestinationDescription>>> wanted = new HashMap<>();
    private boolean busy;

    ClusterMetadata(EventLoop loop, ClusterAccess access, ClientConfiguration configuration) {
        this.loop = loop;
        this.access = access;
        this.configuration = configuration;
    }

    /** What is known, however old; a refresh starts where it is too old. */
    @Nullable
    DestinationDescription known(String name) {
        return known(name, configuration.metadataMaxAge());
    }

    /** {@link #known(String)} for those who must learn of changes sooner. */
    @Nullable
    DestinationDescription known(String name, Duration ageMax) {
        Known entry = destinations.get(name);
        if (entry == null) {
            return null;
        }
        long ageNanos = System.nanoTime() - entry.atNanos();
        if (ageNanos > Math.min(ageMax.toNanos(), configuration.metadataMaxAge().toNanos())) {
            want(name);
        }
        return entry.destination();
    }

    /** The broker that leads a partition; null where none does or it is not known. */
    @Nullable
    BrokerNode leaderOf(TopicPartition partition) {
        var known = partitionOf(partition);
        return known == null ? null : brokers.get(known.leaderId());
    }

    /** What is known of a partition; null where nothing is. */
    DestinationDescription.@Nullable Partition partitionOf(TopicPartition partition) {
        Known entry = destinations.get(partition.topic());
        if (entry == null
                || partition.partition() >= entry.destination().partitions().size()) {
            return null;
        }
        return entry.destination().partitions().get(partition.partition());
    }

    /** The id of a destination, zero where it is not known. */
    UUID topicIdOf(String name) {
        Known entry = destinations.get(name);
        return entry == null ? NO_ID : entry.destination().topicId();
    }

    /** The name of a destination that is known; empty where it is not. */
    String nameOf(UUID topicId) {
        return destinations.values().stream()
                .map(Known::destination)
                .filter(destination -> destination.topicId().equals(topicId))
                .map(DestinationDescription::name)
                .findFirst()
                .orElse("");
    }

    /** Whether the cluster has said, and not taken back since, that there is no such destination. */
    boolean isMissing(String name) {
        return missing.contains(name);
    }

    /** Called on the loop of this class after each refresh, whatever its outcome. */
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    void unlisten(Runnable listener) {
        listeners.remove(listener);
    }

    /** Has a destination refreshed soon; listeners hear of it. Cheap to call again and again meanwhile. */
    void want(String name) {
        if (requested.add(name)) {
            Loops.run(loop, () -> {
                wanted.computeIfAbsent(name, ignored -> new CompletableFuture<>());
                startIfIdle();
            });
        }
    }

    /** What is known, or the outcome of a refresh. */
    CompletableFuture<Optional<DestinationDescription>> destination(String name) {
        DestinationDescription known = known(name);
        return known != null ? CompletableFuture.completedFuture(Optional.of(known)) : refresh(name);
    }

    /**
     * Asks the cluster, at most for the request timeout.
     *
     * @return on the loop of this class: empty where there is no such destination
     */
    CompletableFuture<Optional<DestinationDescription>> refresh(String name) {
        var result = new CompletableFuture<Optional<DestinationDescription>>();
        boolean accepted = Loops.run(loop, () -> {
            wanted.computeIfAbsent(name, ignored -> new CompletableFuture<>()).whenComplete((found, failure) -> {
                if (failure == null) {
                    result.complete(found);
                } else {
                    result.completeExceptionally(failure);
                }
            });
            startIfIdle();
        });
        if (!accepted) {
            result.completeExceptionally(new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed"));
        }
        return result;
    }

    private void startIfIdle() {
        if (busy || wanted.isEmpty()) {
            return;
        }
        busy = true;
        var asked = wanted;
        wanted = new HashMap<>();
        requested.removeAll(asked.keySet());
        Set<String> names = Set.copyOf(asked.keySet());
        Duration bound = configuration.requestTimeout();
        Duration oneTry = bound.compareTo(ONE_TRY_MAX) < 0 ? bound : ONE_TRY_MAX;
        access.ask(connection -> ClusterView.ask(connection, names, false, oneTry), bound)
                .whenComplete((view, failure) -> onAnswer(asked, view, failure));
    }

    private void onAnswer(
            Map<String, CompletableFuture<Optional<DestinationDescription>>> asked,
            @Nullable ClusterView view,
            @Nullable Throwable failure) {
        if (view != null) {
            learn(view.cluster());
            view.destinations().forEach(this::learn);
        }
        listeners.forEach(Runnable::run); // before those who asked, so that all parts of the client know by then
        if (view != null) {
            view.destinations().forEach(found -> answer(asked.get(found.name()), found));
        }
        Throwable why = failure != null
                ? failure
                : new ClientException(ErrorCode.UNKNOWN_SERVER_ERROR, "The broker did not mention the destination");
        asked.values().forEach(future -> future.completeExceptionally(why)); // those that are not completed yet
        loop.schedule(
                () -> {
                    busy = false;
                    startIfIdle();
                },
                configuration.reconnectBackoff().toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void answer(@Nullable CompletableFuture<Optional<DestinationDescription>> future, ClusterView.Found found) {
        if (future == null) {
            return;
        }
        if (!found.errorCode().isError() || found.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            future.complete(Optional.ofNullable(destinations.get(found.name())).map(Known::destination));
        } else {
            future.completeExceptionally(new ClientException(
                    found.errorCode(), "Destination " + found.name() + " cannot be described: " + found.errorCode()));
        }
    }

    /** Takes over who is alive. A view without brokers tells nothing. */
    void learn(ClusterDescription cluster) {
        if (cluster.brokers().isEmpty()) {
            return;
        }
        var alive = new HashMap<Integer, BrokerNode>();
        cluster.brokers()
                .forEach(broker -> alive.put(broker.id(), new BrokerNode(broker.id(), broker.host(), broker.port())));
        brokers = Map.copyOf(alive);
        access.learn(alive.values());
    }

    private void learn(ClusterView.Found found) {
        DestinationDescription described = found.destination();
        if (described != null) {
            Known before = destinations.get(found.name());
            DestinationDescription merged =
                    before == null ? described : withoutFallingEpochs(described, before.destination());
            destinations.put(found.name(), new Known(merged, System.nanoTime()));
            missing.remove(found.name());
        } else if (found.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            destinations.remove(found.name());
            if (missing.size() < MISSING_MAX) {
                missing.add(found.name());
            }
        }
    }

    /** A broker that lags behind may not bring back a leader of the past. */
    static DestinationDescription withoutFallingEpochs(
            DestinationDescription described, DestinationDescription before) {
        if (!described.topicId().equals(before.topicId())) {
            return described;
        }
        var partitions = new ArrayList<DestinationDescription.Partition>();
        for (DestinationDescription.Partition partition : described.partitions()) {
            List<DestinationDescription.Partition> old = before.partitions();
            boolean isOlder = partition.partition() < old.size()
                    && old.get(partition.partition()).leaderEpoch() > partition.leaderEpoch();
            partitions.add(isOlder ? old.get(partition.partition()) : partition);
        }
        return new DestinationDescription(
                described.name(),
                described.topicId(),
                described.kind(),
                described.isInternal(),
                described.configuration(),
                partitions);
    }
}
