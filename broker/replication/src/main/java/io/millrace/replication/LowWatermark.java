package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Where the logs of a partition start on its followers, and those who wait until no in-sync replica shows records below an
 * offset any more (KIP-107).
 *
 * <p>Owned by the partition's loop, which also completes the answers.
 */
final class LowWatermark {
    /** Beyond this a deletion is not waited for; it has been done here, and is told to be late. */
    static final int WAITING_MAX = 1_000;

    private static final long UNKNOWN = -1;

    private record Start(int brokerId, LogKind kind) {}

    private record Waiting(ReplicaLog log, long offset, long deadlineMs, CompletableFuture<OffsetLookup> answer) {}

    private final Map<Start, Long> starts = new HashMap<>();
    private List<Waiting> waiting = new ArrayList<>();

    /** Takes into account where a follower's log starts. */
    void onFollower(int brokerId, LogKind kind, long logStartOffset) {
        starts.put(new Start(brokerId, kind), logStartOffset);
    }

    /** Answers with the low watermark once it has reached the offset, which the leader's own start has already. */
    void await(ReplicaLog log, long offset, long deadlineMs, CompletableFuture<OffsetLookup> answer) {
        if (waiting.size() >= WAITING_MAX) {
            answer.complete(OffsetLookup.refused(ErrorCode.REQUEST_TIMED_OUT));
        } else {
            waiting.add(new Waiting(log, offset, deadlineMs, answer));
        }
    }

    /** Answers whom it can, and those who have waited for too long. */
    void answer(Set<Integer> inSyncFollowers, long nowMs) {
        if (waiting.isEmpty()) {
            return;
        }
        // Whoever is answered may ask anew at once, so the list must be whole by then.
        List<Waiting> before = waiting;
        waiting = new ArrayList<>();
        for (Waiting one : before) {
            long lowWatermark = lowest(one.log(), inSyncFollowers);
            if (lowWatermark >= one.offset()) {
                one.answer().complete(OffsetLookup.at(lowWatermark, -1));
            } else if (one.deadlineMs() <= nowMs) {
                one.answer().complete(OffsetLookup.refused(ErrorCode.REQUEST_TIMED_OUT));
            } else {
                waiting.add(one);
            }
        }
    }

    private long lowest(ReplicaLog log, Set<Integer> inSyncFollowers) {
        long lowest = log.log().logStartOffset();
        for (int brokerId : inSyncFollowers) {
            lowest = Math.min(lowest, starts.getOrDefault(new Start(brokerId, log.kind()), UNKNOWN));
        }
        return lowest;
    }

    /** Gives everything up: nobody here will know any more. */
    void fail(ErrorCode errorCode) {
        List<Waiting> failed = waiting;
        waiting = new ArrayList<>();
        failed.forEach(one -> one.answer().complete(OffsetLookup.refused(errorCode)));
    }
}
