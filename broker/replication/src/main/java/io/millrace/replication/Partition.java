package io.millrace.replication;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.CleanableLog;
import io.millrace.storage.CorruptLogException;
import io.millrace.storage.DiskFullException;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * One replica of one partition on this broker: its data log and, where there are cursors, its cursor log.
 *
 * <p>Thread-safe; the state belongs to the partition's loop, which also completes all futures. Reads and offsets are answered on the
 * caller's thread. What the replica is at present, leader or follower, is its {@link ReplicaRole}.
 */
public final class Partition {
    /** In the place of an offset up to which records are to be deleted: all that is committed. */
    public static final long HIGH_WATERMARK = -1;

    private static final System.Logger LOGGER = System.getLogger(Partition.class.getName());

    private final PartitionKey key;
    private final String topicName;
    private final DestinationKind kind;
    private final PartitionEnvironment environment;
    private final Map<LogKind, ReplicaLog> logs = new EnumMap<>(LogKind.class);
    private final Map<LogKind, DurableWaits> durable = new EnumMap<>(LogKind.class);
    private final PartitionReads reads;
    private final PartitionTransactions transactions;

    private final ReplicaRole role;
    private final PartitionWrites writes;
    private final ServedFollowers followers;
    private final FollowedLogs followed;
    private LongSupplier neededFrom = () -> 0; // owned by the loop
    private volatile long fetchBytesPerSecond = FetchThrottle.UNTHROTTLED;
    private final LogPauses notices = new LogPauses(LOGGER);

    Partition(PartitionKey key, TopicImage topic, Map<LogKind, PartitionLog> opened, PartitionEnvironment environment) {
        this.key = key;
        this.topicName = topic.name();
        this.kind = topic.kind();
        this.environment = environment;
        opened.forEach((logKind, log) -> logs.put(logKind, new ReplicaLog(key, logKind, log)));
        this.reads = new PartitionReads(opened, this::reportDamage);
        this.transactions =
                new PartitionTransactions(this, required(LogKind.DATA).log().transactions());
        this.role = new ReplicaRole(this, logs, reads, environment);
        this.writes = new PartitionWrites(toString(), this::required, role, environment, notices);
        this.followed = new FollowedLogs(toString(), logs.values(), role, loop(), notices);
        this.followers = new ServedFollowers(key, logs, reads, role, this::onDamage);
        logs.forEach((logKind, log) -> {
            var waits = new DurableWaits(log.log(), loop(), () -> onDurable(log), role::goOffline);
            durable.put(logKind, waits);
            log.log().listen(waits);
        });
    }

    private void onDurable(ReplicaLog log) {
        var leading = role.leadership();
        if (leading != null) {
            leading.onDurable(log);
        } else if (!role.isOffline()) {
            followed.onDurable(log.kind());
        }
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

    /** Whether there is a cursor log beside the data log. */
    public boolean hasCursors() {
        return logs.containsKey(LogKind.CURSOR);
    }

    /**
     * Takes over from where on records are needed by subscriptions, while this replica leads; asked on the loop, where this must be called, too.
     * Where nobody has said so, all records are.
     */
    public void retainFrom(LongSupplier offset) {
        neededFrom = offset;
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
        return Optional.ofNullable(role.state());
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

    /** Where the epoch begins in which this replica leads: what is below was appended by others. */
    public long firstOwnOffset(LogKind logKind) {
        return reads.firstOwnOffset(logKind);
    }

    /** The size of all logs of this replica. */
    public long sizeInBytes() {
        return logs.values().stream().mapToLong(log -> log.log().sizeInBytes()).sum();
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
        role.disown(leaderEpoch);
    }

    /** Whether this broker is named leader here and does not lead. */
    boolean isDisowned() {
        return role.isDisowned();
    }

    /** Whether the log cannot be used any more. */
    boolean isOffline() {
        return role.isOffline();
    }

    /** Ends every role because of the log. On the partition's loop. */
    void goOffline(StorageException failure) {
        role.goOffline(failure);
    }

    /** Takes over a newer state; one that is not newer changes nothing but the configuration. */
    void onState(TopicImage topic, PartitionState newState) {
        role.onState(topic, newState);
    }

    /** Ends every role for good. The logs stay open. */
    void close(String why) {
        role.close(why);
        neededFrom = () -> 0;
        durable.values().forEach(DurableWaits::end);
    }

    void reconfigure(Function<LogKind, LogConfiguration> configurations) {
        try {
            logs.forEach((logKind, log) -> log.log().reconfigure(configurations.apply(logKind)));
        } catch (StorageException e) {
            role.goOffline(e);
        }
    }

    void tick(long nowMs) {
        var leading = role.leadership();
        if (leading != null) {
            leading.tick(nowMs);
        }
    }

    /**
     * Deletes what is too old or too much. A queue's records leave once they are acknowledged, and never before. Those of a topic with cursors leave with
     * what the leader deletes, who knows what subscriptions have yet to get.
     */
    void enforceRetention() {
        if (kind == DestinationKind.TOPIC && !role.isOver()) {
            try {
                var data = required(LogKind.DATA);
                long end = hasCursors() ? neededByCursors() : Long.MAX_VALUE;
                if (data.log().deleteOldSegments(end) > 0) {
                    data.onBoundsMoved();
                }
            } catch (DiskFullException e) {
                notices.log(
                        Level.WARNING, loop().nowMs(), () -> "Partition " + this + " keeps records: " + e.getMessage());
            } catch (StorageException e) {
                role.goOffline(e);
            }
        }
    }

    private long neededByCursors() {
        return role.leadership() == null ? 0 : neededFrom.getAsLong();
    }

    /** The data log as a cleaner sees it; empty when it is not to be compacted. From any thread. */
    Optional<CleanableLog> compactedLog() {
        PartitionLog data = log(LogKind.DATA);
        return data.isCompacted() && !role.isOffline()
                ? Optional.of(new CleanableLog(toString(), data, loop(), this::reportDamage))
                : Optional.empty();
    }

    // ---- leading

    /**
     * Appends batches as the leader. They must have been validated. With {@link Acks#ALL} the answer comes when they are committed, or
     * with {@code REQUEST_TIMED_OUT} when that has taken too long, in which case they may be committed later.
     *
     * @param batches ownership passes to the partition
     */
    public CompletableFuture<AppendResult> append(LogKind logKind, ByteBuf batches, Acks acks, long timeoutMs) {
        return writes.append(logKind, batches, acks, timeoutMs);
    }

    /**
     * Runs the callback once, on the partition's loop, when the high watermark has passed the offset or the partition is no longer led
     * here; soon, when that is so already.
     */
    public Cancellable onCommitted(LogKind logKind, long offset, Runnable callback) {
        return writes.onCommitted(logKind, offset, callback);
    }

    /** Makes records below the offset unreadable on all replicas, as leader; at most up to the high watermark. Answers the new start. */
    public CompletableFuture<OffsetLookup> advanceLogStartOffset(LogKind logKind, long offset) {
        return writes.advanceLogStartOffset(logKind, offset);
    }

    /**
     * Makes records of the data log below the offset unreadable on all replicas, as leader, and answers with the low watermark once every
     * in-sync replica has done so: the offset from which on records are left.
     *
     * @param offset at most the high watermark, or {@link #HIGH_WATERMARK} for it
     * @param timeoutMs after which the answer is {@code REQUEST_TIMED_OUT}; the records go all the same
     */
    public CompletableFuture<OffsetLookup> deleteRecords(long offset, long timeoutMs) {
        return writes.deleteRecords(offset, timeoutMs);
    }

    /** The transactions in the data log. */
    public PartitionTransactions transactions() {
        return transactions;
    }

    // ---- serving readers, on any thread

    /**
     * Reads what is committed, for consumers. From any thread.
     *
     * @param currentLeaderEpoch the epoch the reader believes in; -1 to skip the check (KIP-320)
     */
    public ReadResult read(LogKind logKind, int currentLeaderEpoch, long offset, int maxBytes, boolean minOneBatch) {
        return read(logKind, currentLeaderEpoch, offset, maxBytes, minOneBatch, Isolation.READ_UNCOMMITTED);
    }

    /** {@link #read} of what transactions let a reader see. */
    public ReadResult read(
            LogKind logKind,
            int currentLeaderEpoch,
            long offset,
            int maxBytes,
            boolean minOneBatch,
            Isolation isolation) {
        return reads.read(logKind, currentLeaderEpoch, offset, maxBytes, minOneBatch, isolation);
    }

    /** The end of what a reader of committed transactions may see; see {@link #latestOffset}. */
    public OffsetLookup lastStableOffset(LogKind logKind, int currentLeaderEpoch) {
        return reads.lastStableOffset(logKind, currentLeaderEpoch);
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

    /** What this replica does for its followers while it leads. */
    ServedFollowers followers() {
        return followers;
    }

    /** From any thread. */
    private void reportDamage(CorruptLogException damage) {
        try {
            loop().execute(() -> onDamage(damage));
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "Nobody looks after the damage of " + this + ": " + closing.getMessage());
        }
    }

    /** What others have, they lead with; what only this replica has is served as far as it is whole. */
    private void onDamage(CorruptLogException damage) {
        if (role.hasSubstitute()) {
            role.goOffline(damage);
        } else {
            notices.log(
                    Level.ERROR,
                    loop().nowMs(),
                    () -> "Partition " + this + " is damaged, and no other replica has all its records: "
                            + damage.getMessage());
        }
    }

    // ---- following

    /** Sets how fast this replica may be filled while it follows. */
    void throttle(long bytesPerSecond) {
        fetchBytesPerSecond = bytesPerSecond;
    }

    /** The bytes per second with which this replica may be filled; {@link FetchThrottle#UNTHROTTLED} when it is not being moved here. */
    long fetchBytesPerSecond() {
        return fetchBytesPerSecond;
    }

    /** Calls back once all that the log holds now is durable; with false when it never will be. On the partition's loop. */
    void onceDurable(LogKind logKind, Consumer<Boolean> then) {
        DurableWaits waits = durable.get(logKind);
        if (waits == null) {
            then.accept(true);
        } else {
            waits.onceDurable(then);
        }
    }

    /**
     * Tells where this replica stands, as its leader must know it, once it stands there durably; empty when it never will. On the partition's
     * loop.
     */
    void durablePosition(LogKind logKind, int leaderEpoch, Consumer<Optional<Position>> then) {
        onceDurable(
                logKind,
                isDurable -> then.accept(isDurable ? Optional.of(position(logKind, leaderEpoch)) : Optional.empty()));
    }

    private Position position(LogKind logKind, int leaderEpoch) {
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
        return !role.isFollowing(leaderEpoch) || followed.onFetched(fetched, leaderEpoch);
    }

    @Override
    public String toString() {
        return topicName + "-" + key.partition();
    }
}
