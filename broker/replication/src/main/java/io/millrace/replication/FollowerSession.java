package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchAnswer.LogAnswer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a leader keeps of one follower between fetches: where it stands in each log, and which logs have something to tell. A fetch names
 * only positions that are new; an answer names only logs that have something. So an idle partition costs nothing.
 *
 * <p>Owned by its loop; partitions on other loops send it messages. Invariant: a log is <i>armed</i> from the moment its position is named
 * until it is answered; a follower names every log again that was answered.
 */
final class FollowerSession implements FollowerWaiter {
    private record Log(PartitionKey partition, LogKind kind) {}

    private record Pending(CompletableFuture<ReplicaFetchAnswer> answer, Cancellable deadline, int maxBytes) {}

    private final int sessionId;
    private final int followerId;
    private final Loop loop;
    private final Function<PartitionKey, @Nullable Partition> partitions;
    private final ReplicasConfiguration configuration;

    private final Map<Log, Position> armed = new LinkedHashMap<>();
    private final Map<Log, Position> followed = new HashMap<>();
    private final Set<Log> ready = new LinkedHashSet<>();
    private final Map<Log, ErrorCode> refused = new LinkedHashMap<>();
    private final Set<Log> movedBounds = new LinkedHashSet<>();
    private int nextEpoch = 1;
    private long brokerEpoch;
    private long boundsToldMs;
    private boolean answerAtEndOfRound;
    private @Nullable Pending pending;

    FollowerSession(
            int sessionId,
            int followerId,
            Loop loop,
            ReplicasConfiguration configuration,
            Function<PartitionKey, @Nullable Partition> partitions) {
        this.sessionId = sessionId;
        this.followerId = followerId;
        this.loop = loop;
        this.configuration = configuration;
        this.partitions = partitions;
        this.boundsToldMs = loop.nowMs();
    }

    int sessionId() {
        return sessionId;
    }

    /** Serves the next fetch of the session; one that still waits is answered first. */
    void fetch(ReplicaFetch fetch, CompletableFuture<ReplicaFetchAnswer> answer) {
        answerPending();
        if (!fetch.opensSession() && fetch.sessionEpoch() != nextEpoch) {
            answer.complete(ReplicaFetchAnswer.refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH));
            return;
        }
        nextEpoch = fetch.sessionEpoch() + 1;
        brokerEpoch = fetch.brokerEpoch();
        var deadline = loop.schedule(fetch.maxWaitMs(), () -> onDeadline(answer));
        pending = new Pending(answer, deadline, fetch.maxBytes());
        fetch.forgotten().forEach(this::forget);
        fetch.positions().forEach(this::arm);
        answerSoonIfReady();
    }

    private void forget(PartitionKey partition) {
        for (LogKind kind : LogKind.values()) {
            var log = new Log(partition, kind);
            followed.remove(log);
            armed.remove(log);
            ready.remove(log);
            refused.remove(log);
            movedBounds.remove(log);
        }
    }

    private void arm(Position position) {
        var log = new Log(position.partition(), position.kind());
        if (followed.put(log, position) == null) {
            // The session before may have ended before it could tell how far the log is committed, and nothing need
            // move any more.
            movedBounds.add(log);
        }
        armed.put(log, position);
        ready.remove(log);
        refused.remove(log);
        Partition partition = partitions.apply(position.partition());
        if (partition == null) {
            refuse(log, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            return;
        }
        partition.loop().runOrExecute(() -> {
            ErrorCode errorCode = partition.followers().onPosition(followerId, brokerEpoch, position, this);
            boolean hasMore = !errorCode.isError() && hasSomethingFor(partition, position);
            if (errorCode.isError()) {
                loop.runOrExecute(() -> refuse(log, errorCode));
            } else if (hasMore) {
                onLogGrown(position.partition(), position.kind());
            }
        });
    }

    private static boolean hasSomethingFor(Partition partition, Position position) {
        return partition.logEndOffset(position.kind()) != position.fetchOffset()
                || partition.followers().departs(position);
    }

    private void refuse(Log log, ErrorCode errorCode) {
        if (armed.containsKey(log)) {
            refused.put(log, errorCode);
            answerSoonIfReady();
        }
    }

    @Override
    public void onLogGrown(PartitionKey partition, LogKind kind) {
        loop.runOrExecute(() -> {
            var log = new Log(partition, kind);
            if (armed.containsKey(log)) {
                ready.add(log);
                answerSoonIfReady();
            }
        });
    }

    @Override
    public void onBoundsMoved(PartitionKey partition, LogKind kind) {
        loop.runOrExecute(() -> {
            var log = new Log(partition, kind);
            if (followed.containsKey(log)) {
                movedBounds.add(log);
            }
        });
    }

    @Override
    public void onRefused(PartitionKey partition, LogKind kind) {
        loop.runOrExecute(() -> refuse(new Log(partition, kind), ErrorCode.NOT_LEADER_OR_FOLLOWER));
    }

    /** Puts the answer off to the end of the round, so that what arrives together is told together. */
    private void answerSoonIfReady() {
        boolean hasNews = !ready.isEmpty() || !refused.isEmpty();
        if (pending != null && hasNews && !answerAtEndOfRound) {
            answerAtEndOfRound = true;
            loop.atEndOfRound(() -> {
                answerAtEndOfRound = false;
                if (!ready.isEmpty() || !refused.isEmpty()) {
                    answerPending();
                }
            });
        }
    }

    private void onDeadline(CompletableFuture<ReplicaFetchAnswer> answer) {
        if (pending != null && pending.answer == answer) {
            answerPending();
        }
    }

    private void answerPending() {
        var waiting = pending;
        if (waiting == null) {
            return;
        }
        pending = null;
        waiting.deadline.cancel();
        var logs = new ArrayList<LogAnswer>();
        refused.forEach((log, errorCode) -> {
            logs.add(LogAnswer.refused(log.partition, log.kind, errorCode));
            armed.remove(log);
        });
        refused.clear();
        answerReady(waiting.maxBytes, logs);
        answerMovedBounds(logs);
        var answer = new ReplicaFetchAnswer(ErrorCode.NONE, sessionId, logs);
        if (!waiting.answer.complete(answer)) {
            answer.close();
        }
    }

    private void answerReady(int maxBytes, List<LogAnswer> logs) {
        int left = maxBytes;
        for (Iterator<Log> next = ready.iterator(); next.hasNext() && left > 0; ) {
            Log log = next.next();
            next.remove();
            Position position = armed.remove(log);
            Partition partition = partitions.apply(log.partition);
            if (position != null && partition != null) {
                LogAnswer answer =
                        partition.followers().answer(position, Math.min(left, configuration.fetchMaxBytes()));
                movedBounds.remove(log);
                logs.add(answer);
                left -= answer.sizeInBytes();
            }
        }
    }

    /** Followers learn of the high watermark with the records that follow, or else now and then. */
    private void answerMovedBounds(List<LogAnswer> logs) {
        long nowMs = loop.nowMs();
        if (movedBounds.isEmpty() || nowMs - boundsToldMs < configuration.fetchWaitMaxMs()) {
            return;
        }
        boundsToldMs = nowMs;
        movedBounds.removeIf(log -> {
            Partition partition = partitions.apply(log.partition);
            Position position = followed.get(log);
            if (partition == null || position == null) {
                return true;
            }
            var bounds = partition.followers().bounds(position);
            bounds.ifPresent(logs::add);
            // A follower that must truncate first, or has not named what it holds, will be told the rest.
            return bounds.filter(told -> told.highWatermark() >= partition.highWatermark(log.kind))
                    .isPresent();
        });
    }

    /** Ends the session: a fetch that waits is answered, and the follower opens another session with the next one. */
    void end() {
        answerPending();
        followed.clear();
        armed.clear();
        ready.clear();
        refused.clear();
        movedBounds.clear();
    }
}
