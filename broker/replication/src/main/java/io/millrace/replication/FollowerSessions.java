package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The followers of this broker, one session each: a follower that opens another gives its former one up. Thread-safe. */
final class FollowerSessions {
    /** Bound on sessions, and so on brokers that may follow this one at a time. */
    static final int SESSIONS_MAX = 1_000;

    private final ReplicasConfiguration configuration;
    private final IntFunction<Loop> loops;
    private final Function<PartitionKey, @Nullable Partition> partitions;
    private final Map<Integer, FollowerSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger sessionIds = new AtomicInteger();

    FollowerSessions(
            ReplicasConfiguration configuration,
            IntFunction<Loop> loops,
            Function<PartitionKey, @Nullable Partition> partitions) {
        this.configuration = configuration;
        this.loops = loops;
        this.partitions = partitions;
    }

    CompletableFuture<ReplicaFetchAnswer> fetch(ReplicaFetch fetch) {
        var answer = new CompletableFuture<ReplicaFetchAnswer>();
        Loop loop = loops.apply(fetch.brokerId());
        try {
            loop.runOrExecute(() -> sessionOf(fetch, loop, answer));
        } catch (RejectedExecutionException closing) {
            answer.complete(ReplicaFetchAnswer.refused(ErrorCode.REPLICA_NOT_AVAILABLE));
        }
        return answer;
    }

    private void sessionOf(ReplicaFetch fetch, Loop loop, CompletableFuture<ReplicaFetchAnswer> answer) {
        FollowerSession session = sessions.get(fetch.brokerId());
        if (fetch.opensSession()) {
            if (session != null) {
                session.end();
            } else if (sessions.size() >= SESSIONS_MAX) {
                answer.complete(ReplicaFetchAnswer.refused(ErrorCode.REPLICA_NOT_AVAILABLE));
                return;
            }
            session = new FollowerSession(nextSessionId(), fetch.brokerId(), loop, configuration, partitions);
            sessions.put(fetch.brokerId(), session);
        } else if (session == null || session.sessionId() != fetch.sessionId()) {
            answer.complete(ReplicaFetchAnswer.refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND));
            return;
        }
        session.fetch(fetch, answer);
    }

    private int nextSessionId() {
        int id = sessionIds.incrementAndGet();
        return id > ReplicaFetch.NO_SESSION ? id : 1 + Math.floorMod(id, Integer.MAX_VALUE);
    }

    void close() {
        sessions.forEach((followerId, session) -> loops.apply(followerId).execute(session::end));
    }
}
