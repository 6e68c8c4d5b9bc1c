package io.millrace.replication;

import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches from one leader all that this broker follows there, in a session.
 *
 * <p>Owned by its loop. One fetch waits at the leader most of the time; when a position must be named meanwhile, a second one follows it
 * at once, which makes the leader answer the first. After a failure everything starts over, after a pause that grows up to a bound.
 *
 * <pre>
 * CLOSED --fetch, epoch 0--> OPENING --answered--> OPEN (one or two fetches under way)
 *   ^ pause                     | failed              | failed, or the leader knows no such session
 *   +---------------------------+---------------------+
 * </pre>
 */
final class ReplicaFetcher {
    private static final System.Logger LOGGER = System.getLogger(ReplicaFetcher.class.getName());
    private static final int FETCHES_MAX = 2;
    private static final int DOUBLINGS_MAX = 10;
    /** A generation that never is. */
    private static final int UNWANTED = -1;

    private record Log(Partition partition, LogKind kind) {}

    private final int leaderId;
    private final ReplicasConfiguration configuration;
    private final Loop loop;
    private final ReplicaTransport transport;
    private final LongSupplier brokerEpoch;

    /** What is followed here, with the leader epoch to name. */
    private final Map<Partition, Integer> followed = new LinkedHashMap<>();

    private final Map<PartitionKey, Partition> byKey = new HashMap<>();
    /** All that this session has followed, also what it follows no more. */
    private final Set<PartitionKey> followedInSession = new HashSet<>();
    /** How often in a row the leader had nothing for a log that it should lead, or something that cannot be used. */
    private final Map<Log, Integer> refusals = new HashMap<>();
    /** Logs whose positions the next fetch names. */
    private final Set<Log> toName = new LinkedHashSet<>();

    /** Logs of replicas that are being moved here, which wait until more may be fetched. */
    private final ThrottledNames<Log> throttled;

    private final Set<PartitionKey> toForget = new LinkedHashSet<>();

    private int sessionId = ReplicaFetch.NO_SESSION;
    private int sessionEpoch;
    private int underWay;
    private int generation;
    private int failures;
    private boolean resting;
    private boolean throttlePauses;
    private boolean closed;

    ReplicaFetcher(
            int leaderId,
            ReplicasConfiguration configuration,
            Loop loop,
            ReplicaTransport transport,
            LongSupplier brokerEpoch,
            FetchThrottle throttle) {
        this.leaderId = leaderId;
        this.configuration = configuration;
        this.loop = loop;
        this.transport = transport;
        this.brokerEpoch = brokerEpoch;
        this.throttled = new ThrottledNames<>(throttle, configuration.fetchMaxBytes());
    }

    void follow(Partition partition, int leaderEpoch) {
        if (!followedInSession.add(partition.key())) {
            // An answer on its way may speak of the log as it was in an earlier epoch; only a new session leaves it
            // behind.
            reopen();
            followedInSession.add(partition.key());
        }
        followed.put(partition, leaderEpoch);
        byKey.put(partition.key(), partition);
        toForget.remove(partition.key());
        nameSoon(partition);
    }

    void unfollow(Partition partition) {
        if (followed.remove(partition) != null) {
            byKey.remove(partition.key(), partition);
            for (LogKind kind : partition.logKinds()) {
                toName.remove(new Log(partition, kind));
                throttled.remove(new Log(partition, kind));
                refusals.remove(new Log(partition, kind));
            }
            toForget.add(partition.key());
        }
    }

    /** Opens another session at once: this broker or the leader has registered anew, so what was named or refused before is stale. */
    void reopen() {
        forgetSession();
        resting = false;
        failures = 0;
        fetchAtEndOfRound();
    }

    private void forgetSession() {
        generation++;
        followedInSession.clear();
        followedInSession.addAll(byKey.keySet());
        underWay = 0;
        sessionId = ReplicaFetch.NO_SESSION;
        sessionEpoch = 0;
    }

    private void nameSoon(Partition partition) {
        partition.logKinds().forEach(kind -> name(new Log(partition, kind)));
        fetchAtEndOfRound();
    }

    /** Has the next fetch name a log's position, or a later one if this replica may not be filled faster. */
    private void name(Log log) {
        if (log.partition.fetchBytesPerSecond() == FetchThrottle.UNTHROTTLED) {
            toName.add(log);
        } else {
            throttled.add(log);
        }
    }

    private void nameThrottled() {
        long pauseMs = throttled.drain(loop.nowMs(), log -> log.partition.fetchBytesPerSecond(), toName::add);
        if (pauseMs > 0 && !throttlePauses) {
            throttlePauses = true;
            loop.schedule(pauseMs, () -> {
                throttlePauses = false;
                fetchIfUseful();
            });
        }
    }

    private void fetchAtEndOfRound() {
        loop.atEndOfRound(this::fetchIfUseful);
    }

    private void fetchIfUseful() {
        if (closed || resting || followed.isEmpty() || !isRegistered()) {
            return;
        }
        boolean isOpening = sessionId == ReplicaFetch.NO_SESSION;
        if (isOpening && underWay == 0) {
            toForget.clear();
            followed.keySet()
                    .forEach(partition -> partition.logKinds().forEach(kind -> nameAgain(new Log(partition, kind))));
        }
        nameThrottled();
        boolean hasRoom = underWay == 0 || (underWay < FETCHES_MAX && !isOpening && !toName.isEmpty());
        if (hasRoom) {
            var named = List.copyOf(toName);
            toName.clear();
            collectPositions(named, this::send);
        }
    }

    private void nameAgain(Log log) {
        if (!toName.contains(log)) {
            name(log);
        }
    }

    private boolean isRegistered() {
        return brokerEpoch.getAsLong() != PartitionEnvironment.BrokerEpochs.UNREGISTERED;
    }

    /**
     * Asks each partition on its own loop; in the common case that is this one. A position is named once all before it is durable: the leader
     * counts on it.
     */
    private void collectPositions(List<Log> named, Consumer<List<Position>> then) {
        underWay++;
        int startedIn = generation;
        var parts = new ArrayList<CompletableFuture<Optional<Position>>>(named.size());
        for (Log log : named) {
            Integer leaderEpoch = followed.get(log.partition);
            if (leaderEpoch != null) {
                var position = new CompletableFuture<Optional<Position>>();
                log.partition
                        .loop()
                        .runOrExecute(() -> log.partition.durablePosition(log.kind, leaderEpoch, position::complete));
                parts.add(position);
            }
        }
        CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> loop.runOrExecute(() -> {
                    if (startedIn == generation) {
                        then.accept(parts.stream()
                                .flatMap(part -> part.join().stream())
                                .toList());
                    }
                }));
    }

    private void send(List<Position> positions) {
        var fetch = new ReplicaFetch(
                configuration.brokerId(),
                brokerEpoch.getAsLong(),
                sessionId,
                sessionEpoch,
                configuration.fetchWaitMaxMs(),
                configuration.fetchResponseMaxBytes(),
                positions,
                List.copyOf(toForget));
        toForget.clear();
        sessionEpoch++;
        int startedIn = generation;
        transport.fetch(leaderId, fetch).whenComplete((result, failure) -> {
            try {
                loop.runOrExecute(() -> onAnswer(startedIn, result, failure));
            } catch (RejectedExecutionException closed) {
                onAnswer(UNWANTED, result, failure);
            }
        });
    }

    private void onAnswer(int startedIn, @Nullable ReplicaFetchResult result, @Nullable Throwable failure) {
        if (startedIn != generation) {
            if (result != null) {
                result.release();
            }
        } else if (result == null) {
            startOver(failure == null ? "no answer" : failure.toString());
        } else {
            onResult(result);
        }
    }

    private void onResult(ReplicaFetchResult result) {
        if (result.errorCode().isError()) {
            result.release();
            startOver(result.errorCode().toString());
            return;
        }
        failures = 0;
        sessionId = result.sessionId();
        int startedIn = generation;
        var parts = new ArrayList<CompletableFuture<Void>>(result.logs().size());
        for (FetchedLog fetched : result.logs()) {
            parts.add(handOver(fetched));
        }
        CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> loop.runOrExecute(() -> {
                    if (startedIn == generation) {
                        underWay--;
                        fetchIfUseful();
                    }
                }));
        // Those that are durable at once need not wait for the others.
        fetchAtEndOfRound();
    }

    /** Lets the partition take over what was fetched, on its loop, and notes that its position is to be named again. */
    private CompletableFuture<Void> handOver(FetchedLog fetched) {
        var done = new CompletableFuture<Void>();
        Partition partition = byKey.get(fetched.partition());
        Integer leaderEpoch = partition == null ? null : followed.get(partition);
        if (partition == null || leaderEpoch == null) {
            fetched.records().release();
            done.complete(null);
            return done;
        }
        throttled.onFetched(
                new Log(partition, fetched.kind()),
                fetched.records().readableBytes(),
                partition.fetchBytesPerSecond() != FetchThrottle.UNTHROTTLED);
        try {
            partition.loop().runOrExecute(() -> takeOver(partition, fetched, leaderEpoch, done));
        } catch (RejectedExecutionException closed) {
            fetched.records().release();
            done.complete(null);
        }
        return done;
    }

    private void takeOver(Partition partition, FetchedLog fetched, int leaderEpoch, CompletableFuture<Void> done) {
        boolean isReady = takeOver(partition, fetched, leaderEpoch);
        partition.onceDurable(
                fetched.kind(),
                durable -> loop.runOrExecute(() -> {
                    onTakenOver(new Log(partition, fetched.kind()), leaderEpoch, isReady);
                    done.complete(null);
                }));
    }

    @SuppressWarnings(
            "checkstyle:IllegalCatch") // a defect in one partition must not end the fetching of all from this leader
    private static boolean takeOver(Partition partition, FetchedLog fetched, int leaderEpoch) {
        try {
            return partition.onFetched(fetched, leaderEpoch);
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, () -> "Partition " + partition + " could not take over what it fetched", e);
            return false;
        } finally {
            fetched.records().release();
        }
    }

    private void onTakenOver(Log log, int leaderEpoch, boolean goOn) {
        if (!Integer.valueOf(leaderEpoch).equals(followed.get(log.partition))) {
            return;
        }
        if (goOn) {
            refusals.remove(log);
            name(log);
            return;
        }
        loop.schedule(pauseMs(refusals.merge(log, 1, Integer::sum)), () -> {
            if (Integer.valueOf(leaderEpoch).equals(followed.get(log.partition))) {
                name(log);
                fetchIfUseful();
            }
        });
    }

    private void startOver(String why) {
        forgetSession();
        resting = true;
        long pauseMs = pauseMs(++failures);
        LOGGER.log(
                Level.DEBUG, () -> "Fetching from broker " + leaderId + " starts over in " + pauseMs + " ms: " + why);
        int startedIn = generation;
        loop.schedule(pauseMs, () -> {
            if (startedIn == generation && resting) {
                resting = false;
                fetchIfUseful();
            }
        });
    }

    private long pauseMs(int failuresInARow) {
        return Math.min(
                configuration.fetchBackoffMaxMs(),
                configuration.fetchBackoffMs() << Math.min(failuresInARow - 1, DOUBLINGS_MAX));
    }

    void close() {
        closed = true;
        generation++;
        followed.clear();
        byKey.clear();
        toName.clear();
        throttled.clear();
    }
}
