package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.InSyncReplicasChange.Replica;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.storage.AppendOutcome;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A replica's time as leader in one leader epoch: how far the followers are, who is in sync, what is committed.
 *
 * <p>Owned by the partition's loop.
 */
final class Leadership {
    private static final System.Logger LOGGER = System.getLogger(Leadership.class.getName());
    private static final long WISH_RETRY_MS = 100;

    private final PartitionKey key;
    private final PartitionEnvironment environment;
    private final Map<LogKind, ReplicaLog> logs;
    private final int leaderEpoch;
    private final Map<LogKind, Long> epochStartOffsets = new EnumMap<>(LogKind.class);
    private final Map<Integer, FollowerProgress> followers = new HashMap<>();
    private final InSyncReplicas inSync;
    private final LowWatermark lowWatermark = new LowWatermark();
    private int minInSyncReplicas;
    private long nextWishMs;
    private boolean ended;

    Leadership(
            PartitionKey key,
            PartitionEnvironment environment,
            Map<LogKind, ReplicaLog> logs,
            List<Integer> replicas,
            PartitionState state,
            int minInSyncReplicas) {
        this.key = key;
        this.environment = environment;
        this.logs = logs;
        this.leaderEpoch = state.leaderEpoch();
        this.inSync = new InSyncReplicas(state.inSyncReplicas(), state.partitionEpoch());
        this.minInSyncReplicas = minInSyncReplicas;
        long nowMs = environment.loop().nowMs();
        for (int replica : replicas) {
            if (replica != environment.brokerId()) {
                followers.put(replica, new FollowerProgress(replica, nowMs));
            }
        }
        logs.forEach((kind, log) -> {
            long end = log.log().logEndOffset();
            log.log().assignEpochStartOffset(leaderEpoch, end);
            epochStartOffsets.put(kind, end);
        });
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    long epochStartOffset(LogKind kind) {
        return epochStartOffsets.getOrDefault(kind, 0L);
    }

    InSyncReplicas inSyncReplicas() {
        return inSync;
    }

    /** Forgets who is no replica any more, and how many must be in sync now. A new replica comes with another leader epoch. */
    void requireReplicas(List<Integer> latest, int effectiveMin) {
        followers.keySet().retainAll(latest);
        minInSyncReplicas = effectiveMin;
        commit();
    }

    boolean hasEnoughInSync() {
        return inSync.committed().size() >= minInSyncReplicas;
    }

    /** Takes over a newer state of the same leader epoch. */
    void onState(PartitionState state) {
        if (inSync.onCommitted(state.inSyncReplicas(), state.partitionEpoch())) {
            commit();
        }
    }

    /**
     * Appends validated batches to a log. With {@link Acks#ALL} the answer comes when they are committed, with {@link Acks#LEADER} when they are durable here, else now. The buffer stays the
     * caller's.
     *
     * @throws InvalidRecordException when the bytes are not whole batches; nothing was appended or answered
     */
    void append(ReplicaLog log, ByteBuf batches, Acks acks, long timeoutMs, CompletableFuture<AppendResult> answer)
            throws InvalidRecordException {
        beforeAppend(log);
        AppendOutcome outcome = log.log().appendAsLeader(batches, leaderEpoch);
        AppendResult result = AppendResult.of(outcome, log.log().logStartOffset());
        long deadlineMs = environment.loop().nowMs() + timeoutMs;
        if (acks == Acks.NONE || !result.isAppended()) {
            answer.complete(result);
        } else if (acks == Acks.ALL) {
            answerWhen(log.commits(), log.log().highWatermark(), result, deadlineMs, answer);
        } else {
            answerWhen(log.durables(), log.log().durableEndOffset(), result, deadlineMs, answer);
        }
        if (outcome instanceof AppendOutcome.Appended) {
            commit(log);
            log.onGrown();
        }
    }

    private static void answerWhen(
            CommitQueue queue,
            long reached,
            AppendResult result,
            long deadlineMs,
            CompletableFuture<AppendResult> answer) {
        if (result.lastOffset() < reached) {
            answer.complete(result);
        } else {
            queue.await(result, deadlineMs, answer);
        }
    }

    /** More of a log is durable here. */
    void onDurable(ReplicaLog log) {
        log.durables().onReached(log.log().durableEndOffset());
        commit(log);
    }

    /** Until now, followers that have all of the log were in step with it. */
    private void beforeAppend(ReplicaLog log) {
        long end = log.log().logEndOffset();
        long nowMs = environment.loop().nowMs();
        followers.values().forEach(follower -> follower.beforeAppend(log.kind(), end, nowMs));
    }

    /** Makes committed records below the offset unreadable; answers the new start of the log. */
    OffsetLookup advanceLogStartOffset(ReplicaLog log, long offset) {
        if (offset > log.log().highWatermark()) {
            return OffsetLookup.refused(ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        if (log.log().advanceLogStartOffset(offset)) {
            log.onBoundsMoved();
        }
        return OffsetLookup.at(log.log().logStartOffset(), -1);
    }

    /** Answers with the low watermark when records below the offset, which are so here, are unreadable on every in-sync replica. */
    void awaitLowWatermark(ReplicaLog log, long offset, long timeoutMs, CompletableFuture<OffsetLookup> answer) {
        long nowMs = environment.loop().nowMs();
        lowWatermark.await(log, offset, nowMs + timeoutMs, answer);
        answerDeletions(nowMs);
    }

    private void answerDeletions(long nowMs) {
        var inSyncFollowers = new HashSet<>(inSync.maximal());
        inSyncFollowers.remove(environment.brokerId());
        lowWatermark.answer(inSyncFollowers, nowMs);
    }

    /**
     * Takes a follower's position into account and has the waiter told when there is more.
     *
     * @return {@code NONE}, or why the position cannot be served
     */
    ErrorCode onFollowerPosition(
            ReplicaLog log, int brokerId, long brokerEpoch, Position position, FollowerWaiter waiter) {
        ErrorCode epochCheck = PartitionReads.checkEpoch(position.currentLeaderEpoch(), leaderEpoch);
        if (epochCheck.isError()) {
            return epochCheck;
        }
        boolean diverges = log.divergenceOf(position.fetchOffset(), position.lastFetchedEpoch())
                .exists();
        boolean isWithin = position.fetchOffset() <= log.log().logEndOffset();
        if (!diverges && isWithin && !onFetch(log, brokerId, brokerEpoch, position.fetchOffset())) {
            return ErrorCode.STALE_BROKER_EPOCH;
        }
        if (!diverges && isWithin) {
            lowWatermark.onFollower(brokerId, log.kind(), position.logStartOffset());
            answerDeletions(environment.loop().nowMs());
        }
        log.subscribe(brokerId, waiter);
        return ErrorCode.NONE;
    }

    /** Whether a follower asks for the same records again and again, so that a look at them is due. */
    boolean isStuck(LogKind kind, int brokerId) {
        FollowerProgress follower = followers.get(brokerId);
        return follower != null && follower.isStuck(kind);
    }

    /** Takes a follower's position into account; false when it is of an earlier life of the follower, or of no follower. */
    private boolean onFetch(ReplicaLog log, int brokerId, long brokerEpoch, long fetchOffset) {
        FollowerProgress follower = followers.get(brokerId);
        long nowMs = environment.loop().nowMs();
        if (follower == null
                || !follower.onFetch(
                        log.kind(), fetchOffset, brokerEpoch, log.log().logEndOffset(), nowMs)) {
            return false;
        }
        commit(log);
        welcome(follower, nowMs);
        return true;
    }

    private void commit() {
        logs.values().forEach(this::commit);
    }

    private void commit(ReplicaLog log) {
        long committed = HighWatermark.of(
                log.kind(),
                log.log().durableEndOffset(),
                inSync.committed().size(),
                minInSyncReplicas,
                inSync.maximal(),
                followers);
        log.commitTo(committed);
    }

    /** Wishes a follower in sync that has caught up with all logs (KIP-966: to the high watermark, and into this epoch). */
    private void welcome(FollowerProgress follower, long nowMs) {
        if (inSync.isSettled()
                && nowMs >= nextWishMs
                && !inSync.committed().contains(follower.brokerId())
                && isCaughtUp(follower)
                && environment.brokerEpochs().of(follower.brokerId()) == follower.brokerEpoch()) {
            wish(inSync.with(follower.brokerId()));
        }
    }

    private boolean isCaughtUp(FollowerProgress follower) {
        return logs.values().stream()
                .allMatch(log -> follower.hasFetched(log.kind())
                        && follower.fetchOffset(log.kind()) >= log.log().highWatermark()
                        && follower.fetchOffset(log.kind()) >= epochStartOffset(log.kind()));
    }

    /** Wishes followers out of sync that have lagged for too long, and gives up appends that have waited for too long. */
    void tick(long nowMs) {
        logs.values().forEach(log -> {
            log.commits()
                    .expire(
                            nowMs,
                            hasEnoughInSync()
                                    ? ErrorCode.REQUEST_TIMED_OUT
                                    : ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                            "not committed in time; in sync are the replicas " + inSync.committed());
            log.durables().expire(nowMs, ErrorCode.REQUEST_TIMED_OUT, "not on the leader's medium in time");
        });
        answerDeletions(nowMs);
        if (!inSync.isSettled() || nowMs < nextWishMs) {
            return;
        }
        var lagging = new HashSet<Integer>();
        for (FollowerProgress follower : followers.values()) {
            if (!inSync.committed().contains(follower.brokerId())) {
                welcome(follower, nowMs);
            } else if (isLagging(follower, nowMs)) {
                lagging.add(follower.brokerId());
            }
        }
        if (!lagging.isEmpty() && inSync.isSettled()) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Partition " + key + " led in epoch " + leaderEpoch + " drops its lagging replicas " + lagging
                            + " from the in-sync replicas " + inSync.committed());
            wish(inSync.without(lagging));
        }
    }

    private boolean isLagging(FollowerProgress follower, long nowMs) {
        return logs.values().stream()
                .anyMatch(log -> follower.lagMs(log.kind(), log.log().logEndOffset(), nowMs)
                        > environment.configuration().replicaLagTimeMaxMs());
    }

    private void wish(List<Integer> wanted) {
        inSync.send(wanted);
        int partitionEpoch = inSync.partitionEpoch();
        var change = new InSyncReplicasChange(
                key,
                environment.brokerId(),
                environment.brokerEpochs().of(environment.brokerId()),
                leaderEpoch,
                partitionEpoch,
                wanted.stream().map(this::replica).toList());
        environment.changer().change(change).whenComplete((result, failure) -> environment
                .loop()
                .runOrExecute(() -> {
                    if (!ended && inSync.partitionEpoch() == partitionEpoch) {
                        onAnswer(result);
                    }
                }));
    }

    private Replica replica(int brokerId) {
        FollowerProgress follower = followers.get(brokerId);
        long epoch = follower == null ? environment.brokerEpochs().of(environment.brokerId()) : follower.brokerEpoch();
        return new Replica(brokerId, epoch);
    }

    private void onAnswer(@Nullable InSyncReplicasChangeResult result) {
        if (result != null) {
            result.state().filter(state -> state.leaderEpoch() == leaderEpoch).ifPresent(this::onState);
            if (inSync.isSettled()) {
                return;
            }
            if (isDefinite(result.errorCode())) {
                inSync.onRefused();
            } else {
                inSync.onUnanswered();
            }
        } else {
            inSync.onUnanswered();
        }
        nextWishMs = environment.loop().nowMs() + WISH_RETRY_MS;
        if (!inSync.isSettled()) {
            int partitionEpoch = inSync.partitionEpoch();
            environment.loop().schedule(WISH_RETRY_MS, () -> wishAgain(partitionEpoch));
        }
        commit();
    }

    /** Whether the wish has not been and will not be fulfilled. Any other failure may come from one who is not controller. */
    private static boolean isDefinite(ErrorCode errorCode) {
        return errorCode == ErrorCode.INELIGIBLE_REPLICA || errorCode == ErrorCode.INVALID_REQUEST;
    }

    private void wishAgain(int partitionEpoch) {
        if (!ended && inSync.partitionEpoch() == partitionEpoch && !inSync.isSettled() && !inSync.isWaiting()) {
            wish(inSync.wish());
        }
    }

    /** Ends the leadership: whoever waits for a commit of it waits in vain. */
    void end(String why) {
        ended = true;
        logs.values().forEach(log -> {
            log.commits().fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, why);
            log.durables().fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, why);
            log.dismissFollowers();
        });
        lowWatermark.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
}
