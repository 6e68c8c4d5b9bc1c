package io.millrace.replication;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.AppendOutcome;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one partition on this broker: its data log and, for a queue, its cursor log.
 *
 * <p>Thread-safe; the state belongs to the partition's loop, which also completes all futures. Reads and offsets are answered on the
 * caller's thread.
 *
 * <pre>
 *            +--state names another leader--> FOLLOWING --+
 * IDLE ------+                                  ^ |        +--disk failed, or deleted--> OFFLINE, CLOSED
 *            +--state names this broker--> LEADING --------+
 * </pre>
 */
public final class Partition {
    private static final System.Logger LOGGER = System.getLogger(Partition.class.getName());
    private static final int NEVER = -1;

    private final PartitionKey key;
    private final String topicName;
    private final DestinationKind kind;
    private final PartitionEnvironment environment;
    private final Map<LogKind, ReplicaLog> logs = new EnumMap<>(LogKind.class);
    private final PartitionReads reads;

    private volatile @Nullable PartitionState state;
    private volatile boolean disowned;
    private volatile boolean offline;

    // Owned by the loop.
    private List<Integer> replicas = List.of();
    private int disownedLeaderEpoch = NEVER;
    private @Nullable Leadership leadership;
    private boolean following;
    private boolean closed;

    Partition(PartitionKey key, TopicImage topic, Map<LogKind, PartitionLog> opened, PartitionEnvironment environment) {
        this.key = key;
        this.topicName = topic.name();
        this.kind = topic.kind();
        this.environment = environment;
        opened.forEach((logKind, log) -> logs.put(logKind, new ReplicaLog(key, logKind, log)));
        this.reads = new PartitionReads(opened);
    }

    public PartitionKey key() {
        return key;
    }

    public String topicName() {
        return topicName;
    }

    public DestinationKind kind() {
        return kind;
    }

    /** The loop that owns this partition; callbacks run on it. */
    public Loop loop() {
        return environment.loop();
    }

    public boolean isLeader() {
        return reads.isLeading();
    }

    /** The latest state that this replica has taken over; empty before the first. */
    public Optional<PartitionState> state() {
        return Optional.ofNullable(state);
    }

    public long highWatermark(LogKind logKind) {
        return log(logKind).highWatermark();
    }

    public long logStartOffset(LogKind logKind) {
        return log(logKind).logStartOffset();
    }

    public long logEndOffset(LogKind logKind) {
        return log(logKind).logEndOffset();
    }

    private PartitionLog log(LogKind logKind) {
        return required(logKind).log();
    }

    /** For tests, which compare what lies on replicas. */
    PartitionLog rawLog(LogKind logKind) {
        return log(logKind);
    }

    private ReplicaLog required(LogKind logKind) {
        ReplicaLog log = logs.get(logKind);
        if (log == null) {
            throw new IllegalArgumentException("partition " + this + " of kind " + kind + " has no log " + logKind);
        }
        return log;
    }

    /** Which logs the partition has. */
    Set<LogKind> logKinds() {
        return logs.keySet();
    }

    // ---- the metadata decides

    /** Refuses to lead in this epoch: it was given to an earlier life of this broker. */
    void disown(int leaderEpoch) {
        disownedLeaderEpoch = leaderEpoch;
    }

    /** Whether this broker is named leader here and does not lead. */
    boolean isDisowned() {
        return disowned;
    }

    /** The state in which this broker is named leader although its log has failed; the leader is to resign. */
    Optional<PartitionState> ledWithoutLog() {
        var current = state;
        return offline && current != null && current.leaderId() == environment.brokerId()
                ? Optional.of(current)
                : Optional.empty();
    }

    /** Takes over a newer state; one that is not newer changes nothing but the configuration. */
    void onState(TopicImage topic, PartitionState newState) {
        if (closed || offline) {
            state = newState;
            return;
        }
        try {
            replicas = topic.assignment().get(key.partition());
            if (state == null || newState.partitionEpoch() > state.partitionEpoch()) {
                become(newState);
            }
            if (leadership != null) {
                leadership.requireInSync(minInSyncReplicas(topic));
            }
        } catch (StorageException e) {
            goOffline(e);
        }
    }

    private int minInSyncReplicas(TopicImage topic) {
        int otherwise = environment.configuration().defaultMinInSyncReplicas();
        return MinInSyncReplicas.of(topic, otherwise);
    }

    private void become(PartitionState newState) {
        var before = state;
        state = newState;
        boolean isLeaderHere = newState.leaderId() == environment.brokerId();
        disowned = isLeaderHere && newState.leaderEpoch() <= disownedLeaderEpoch;
        if (isLeaderHere && !disowned) {
            lead(newState);
            return;
        }
        boolean sameLeader = before != null
                && before.leaderId() == newState.leaderId()
                && before.leaderEpoch() == newState.leaderEpoch();
        if (!sameLeader || !following) {
            resign("partition " + key + " is now led by broker " + newState.leaderId() + " in epoch "
                    + newState.leaderEpoch());
            follow(newState);
        }
    }

    private void lead(PartitionState newState) {
        if (leadership != null && leadership.leaderEpoch() == newState.leaderEpoch()) {
            leadership.onState(newState);
            return;
        }
        resign("partition " + key + " is led anew in epoch " + newState.leaderEpoch());
        unfollow();
        leadership = new Leadership(key, environment, logs, replicas, newState);
        reads.open(leadership);
        LOGGER.log(
                Level.DEBUG,
                () -> "Leading " + this + " in epoch " + newState.leaderEpoch() + " from offset "
                        + logEndOffset(LogKind.DATA) + "; in sync are " + newState.inSyncReplicas());
        environment.listener().onLeader(this, newState.leaderEpoch());
    }

    private void follow(PartitionState newState) {
        if (!newState.hasLeader() || disowned) {
            unfollow();
            return;
        }
        logs.values().forEach(ReplicaLog::forgetEmptyEpochs);
        following = true;
        environment.following().follow(this, newState.leaderId(), newState.leaderEpoch());
    }

    private void unfollow() {
        if (following) {
            following = false;
            environment.following().unfollow(this);
        }
    }

    private void resign(String why) {
        var ended = leadership;
        if (ended != null) {
            leadership = null;
            reads.close();
            ended.end(why);
            environment.listener().onResigned(this);
        }
    }

    private void goOffline(StorageException failure) {
        LOGGER.log(Level.ERROR, () -> "Partition " + this + " goes offline: " + failure.getMessage());
        offline = true;
        resign("partition " + key + " is offline: its disk failed");
        unfollow();
    }

    /** Ends every role for good. The logs stay open. */
    void close(String why) {
        closed = true;
        disowned = false;
        resign(why);
        unfollow();
    }

    void reconfigure(Function<LogKind, LogConfiguration> configurations) {
        logs.forEach((logKind, log) -> log.log().reconfigure(configurations.apply(logKind)));
    }

    void tick(long nowMs) {
        if (leadership != null) {
            leadership.tick(nowMs);
        }
    }

    /** Deletes what is too old or too much. A queue's records leave once they are acknowledged, and never before. */
    void enforceRetention() {
        if (kind == DestinationKind.TOPIC && !closed && !offline) {
            try {
                var data = required(LogKind.DATA);
                if (data.log().deleteOldSegments() > 0) {
                    data.onBoundsMoved();
                }
            } catch (StorageException e) {
                goOffline(e);
            }
        }
    }

    // ---- leading

    /**
     * Appends batches as the leader. They must have been validated. With {@link Acks#ALL} the answer comes when they are committed, or
     * with {@code REQUEST_TIMED_OUT} when that has taken too long, in which case they may be committed later.
     *
     * @param batches ownership passes to the partition
     */
    public CompletableFuture<AppendResult> append(LogKind logKind, ByteBuf batches, Acks acks, long timeoutMs) {
        var answer = new CompletableFuture<AppendResult>();
        try {
            loop().runHereOrExecute(() -> {
                try {
                    append(required(logKind), batches, acks, timeoutMs, answer);
                } finally {
                    batches.release();
                }
            });
        } catch (RejectedExecutionException overloadedOrClosed) {
            batches.release();
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_LEADER_OR_FOLLOWER, String.valueOf(overloadedOrClosed.getMessage())));
        }
        return answer;
    }

    private void append(
            ReplicaLog log, ByteBuf batches, Acks acks, long timeoutMs, CompletableFuture<AppendResult> answer) {
        var leading = leadership;
        if (leading == null) {
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_LEADER_OR_FOLLOWER,
                    "partition " + this + " is not led by broker " + environment.brokerId()));
            return;
        }
        if (acks == Acks.ALL && !leading.hasEnoughInSync()) {
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    "in sync are only the replicas " + leading.inSyncReplicas().committed() + " of partition " + this));
            return;
        }
        try {
            leading.beforeAppend(log);
            AppendOutcome outcome = log.log().appendAsLeader(batches, leading.leaderEpoch());
            AppendResult result = AppendResult.of(outcome, log.log().logStartOffset());
            if (acks != Acks.ALL
                    || !result.isAppended()
                    || result.lastOffset() < log.log().highWatermark()) {
                answer.complete(result);
            } else {
                log.commits().await(result, loop().nowMs() + timeoutMs, answer);
            }
            if (outcome instanceof AppendOutcome.Appended) {
                leading.afterAppend(log);
            }
        } catch (InvalidRecordException e) {
            answer.complete(AppendResult.refused(ErrorCodes.of(e), String.valueOf(e.getMessage())));
        } catch (StorageException e) {
            answer.complete(AppendResult.refused(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage())));
            goOffline(e);
        }
    }

    /**
     * Runs the callback once, on the partition's loop, when the high watermark has passed the offset or the partition is no longer led
     * here; soon, when that is so already.
     */
    public Cancellable onCommitted(LogKind logKind, long offset, Runnable callback) {
        var registration = new LateCancellable();
        try {
            loop().runOrExecute(() -> {
                ReplicaLog log = required(logKind);
                if (leadership == null || log.log().highWatermark() > offset) {
                    registration.run(callback);
                } else {
                    registration.is(log.commits().awaitBeyond(offset, callback));
                }
            });
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "Nobody will be woken for " + this + ": " + closing.getMessage());
        }
        return registration;
    }

    /** Makes records below the offset unreadable on all replicas, as leader; at most up to the high watermark. Answers the new start. */
    public CompletableFuture<OffsetLookup> advanceLogStartOffset(LogKind logKind, long offset) {
        var answer = new CompletableFuture<OffsetLookup>();
        loop().runOrExecute(() -> answer.complete(advanceNow(required(logKind), offset)));
        return answer;
    }

    private OffsetLookup advanceNow(ReplicaLog log, long offset) {
        if (leadership == null) {
            return OffsetLookup.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        if (offset > log.log().highWatermark()) {
            return OffsetLookup.refused(ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        try {
            if (log.log().advanceLogStartOffset(offset)) {
                log.onBoundsMoved();
            }
            return OffsetLookup.at(log.log().logStartOffset(), -1);
        } catch (StorageException e) {
            goOffline(e);
            return OffsetLookup.refused(ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    // ---- serving readers, on any thread

    /**
     * Reads what is committed, for consumers. From any thread.
     *
     * @param currentLeaderEpoch the epoch the reader believes in; -1 to skip the check (KIP-320)
     */
    public ReadResult read(LogKind logKind, int currentLeaderEpoch, long offset, int maxBytes, boolean minOneBatch) {
        return reads.read(logKind, currentLeaderEpoch, offset, maxBytes, minOneBatch);
    }

    /** The earliest offset that can be read. */
    public OffsetLookup earliestOffset(LogKind logKind, int currentLeaderEpoch) {
        return reads.earliestOffset(logKind, currentLeaderEpoch);
    }

    /** The high watermark; {@code OFFSET_NOT_AVAILABLE} while a new leader does not know it yet. */
    public OffsetLookup latestOffset(LogKind logKind, int currentLeaderEpoch) {
        return reads.latestOffset(logKind, currentLeaderEpoch);
    }

    /** The first committed record not older than the time stamp. Reads from disk. */
    public OffsetLookup offsetForTimestamp(LogKind logKind, int currentLeaderEpoch, long timestampMs) {
        return reads.offsetForTimestamp(logKind, currentLeaderEpoch, timestampMs);
    }

    /** The committed record with the greatest time stamp. Reads from disk. */
    public OffsetLookup offsetOfMaxTimestamp(LogKind logKind, int currentLeaderEpoch) {
        return reads.offsetOfMaxTimestamp(logKind, currentLeaderEpoch);
    }

    /** Where a leader epoch ends (OffsetForLeaderEpoch). */
    public OffsetLookup endOffsetForEpoch(LogKind logKind, int currentLeaderEpoch, int leaderEpoch) {
        return reads.endOffsetForEpoch(logKind, currentLeaderEpoch, leaderEpoch);
    }

    // ---- serving followers

    /**
     * Takes a follower's position into account and has the waiter told when there is more. On the partition's loop.
     *
     * @return {@code NONE}, or why the position cannot be served
     */
    ErrorCode onFollowerPosition(int brokerId, long brokerEpoch, Position position, FollowerWaiter waiter) {
        ReplicaLog log = logs.get(position.kind());
        var leading = leadership;
        if (offline) {
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        if (log == null || leading == null) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        ErrorCode epochCheck = PartitionReads.checkEpoch(position.currentLeaderEpoch(), leading.leaderEpoch());
        if (epochCheck.isError()) {
            return epochCheck;
        }
        boolean diverges = log.divergenceOf(position.fetchOffset(), position.lastFetchedEpoch())
                .exists();
        boolean isWithin = position.fetchOffset() <= log.log().logEndOffset();
        if (!diverges && isWithin && !leading.onFetch(log, brokerId, brokerEpoch, position.fetchOffset())) {
            return ErrorCode.STALE_BROKER_EPOCH;
        }
        log.subscribe(brokerId, waiter);
        return ErrorCode.NONE;
    }

    /** What a follower at this position is to be told. From any thread. */
    ReplicaFetchAnswer.LogAnswer answer(Position position, int maxBytes) {
        ReplicaLog log = logs.get(position.kind());
        return log == null
                ? ReplicaFetchAnswer.LogAnswer.refused(key, position.kind(), ErrorCode.NOT_LEADER_OR_FOLLOWER)
                : reads.answer(log, key, position, maxBytes);
    }

    /** Whether a follower at this position must truncate first. From any thread. */
    boolean departs(Position position) {
        ReplicaLog log = logs.get(position.kind());
        return log != null
                && log.divergenceOf(position.fetchOffset(), position.lastFetchedEpoch())
                        .exists();
    }

    /** The bounds of a log for a follower that has nothing to fetch; empty when they are not this broker's to tell. From any thread. */
    Optional<ReplicaFetchAnswer.LogAnswer> bounds(Position position) {
        ReplicaLog log = logs.get(position.kind());
        return log == null ? Optional.empty() : reads.bounds(log, key, position);
    }

    // ---- following

    /** Where this replica stands, as its leader must know it. On the partition's loop. */
    Position position(LogKind logKind, int leaderEpoch) {
        ReplicaLog log = required(logKind);
        return new Position(
                key,
                logKind,
                leaderEpoch,
                log.log().logEndOffset(),
                log.lastFetchedEpoch(),
                log.log().logStartOffset());
    }

    /**
     * Takes over what the leader of an epoch answered. On the partition's loop; the buffer stays the caller's.
     *
     * @return whether the log is ready for the next fetch; otherwise it should be left alone for a while
     */
    boolean onFetched(FetchedLog fetched, int leaderEpoch) {
        var current = state;
        if (!following || offline || current == null || current.leaderEpoch() != leaderEpoch) {
            return true;
        }
        try {
            return takeOver(fetched, required(fetched.kind()), leaderEpoch);
        } catch (InvalidRecordException e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "The leader of " + this + " sent what cannot be appended; fetching it again: "
                            + e.getMessage());
            return false;
        } catch (StorageException e) {
            goOffline(e);
            return true;
        }
    }

    private boolean takeOver(FetchedLog fetched, ReplicaLog log, int leaderEpoch) throws InvalidRecordException {
        if (fetched.errorCode() == ErrorCode.OFFSET_OUT_OF_RANGE) {
            log.log().truncateFullyAndStartAt(fetched.logStartOffset());
            LOGGER.log(
                    Level.WARNING,
                    () -> "Partition " + this + " has nothing that its leader has and starts over at offset "
                            + fetched.logStartOffset());
            return true;
        }
        if (fetched.errorCode().isError()) {
            return false;
        }
        if (fetched.divergence().exists()) {
            truncate(log, fetched.divergence());
            return true;
        }
        if (isStale(fetched.records(), log)) {
            // It speaks of a position that this log has left; so does its high watermark.
            return true;
        }
        if (fetched.records().isReadable()) {
            log.log().appendAsFollower(fetched.records(), leaderEpoch);
        }
        log.log().updateHighWatermark(fetched.highWatermark());
        long start = Math.min(fetched.logStartOffset(), log.log().highWatermark());
        if (start > log.log().logStartOffset()) {
            log.log().advanceLogStartOffset(start);
        }
        return true;
    }

    /**
     * An answer to a question that was asked twice, around a change of epoch, may bring what is here already. Not so in an empty log, which
     * may begin within a batch.
     */
    private static boolean isStale(ByteBuf records, ReplicaLog log) {
        boolean isEmpty = log.log().logStartOffset() == log.log().logEndOffset();
        return !isEmpty
                && records.readableBytes() >= Long.BYTES
                && records.getLong(records.readerIndex()) < log.log().logEndOffset();
    }

    private void truncate(ReplicaLog log, Divergence divergence) {
        long highWatermark = log.log().highWatermark();
        long before = log.log().logEndOffset();
        long after = log.truncateTo(divergence);
        Level level = after < highWatermark ? Level.WARNING : Level.DEBUG;
        LOGGER.log(
                level,
                () -> "Truncated " + log.kind() + " of " + this + " from " + before + " to " + after
                        + ", where it parts from its leader's; its high watermark was " + highWatermark);
    }

    @Override
    public String toString() {
        return topicName + "-" + key.partition();
    }
}
