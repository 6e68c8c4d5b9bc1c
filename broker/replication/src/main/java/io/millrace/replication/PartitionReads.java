package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchAnswer.LogAnswer;
import io.millrace.storage.CorruptLogException;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.millrace.storage.TimestampOffset;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader tells of its logs, on the asking thread.
 *
 * <p>Thread-safe: sees the leadership through one immutable snapshot.
 */
final class PartitionReads {
    /** The epoch of an asker that does not know one. */
    private static final int ANY_EPOCH = -1;

    private record Leading(int leaderEpoch, Map<LogKind, Long> epochStartOffsets) {}

    private final Map<LogKind, PartitionLog> logs;
    private final Consumer<CorruptLogException> onDamage;
    private volatile @Nullable Leading leading;

    /** @param onDamage told of damage that reading has met, on the reading thread */
    PartitionReads(Map<LogKind, PartitionLog> logs, Consumer<CorruptLogException> onDamage) {
        this.logs = new EnumMap<>(logs);
        this.onDamage = onDamage;
    }

    private ErrorCode failed(StorageException failure) {
        if (failure instanceof CorruptLogException damage) {
            onDamage.accept(damage);
        }
        return ErrorCode.KAFKA_STORAGE_ERROR;
    }

    void open(Leadership leadership) {
        var starts = new EnumMap<LogKind, Long>(LogKind.class);
        logs.keySet().forEach(kind -> starts.put(kind, leadership.epochStartOffset(kind)));
        leading = new Leading(leadership.leaderEpoch(), starts);
    }

    void close() {
        leading = null;
    }

    boolean isLeading() {
        return leading != null;
    }

    /** {@code NONE} when the asker knows the leader's epoch, or none; otherwise who is behind (KIP-320). */
    static ErrorCode checkEpoch(int asked, int current) {
        if (asked == ANY_EPOCH || asked == current) {
            return ErrorCode.NONE;
        }
        return asked < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }

    private ErrorCode check(LogKind kind, int currentLeaderEpoch, @Nullable Leading now) {
        if (now == null) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        return logs.containsKey(kind)
                ? checkEpoch(currentLeaderEpoch, now.leaderEpoch())
                : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private PartitionLog log(LogKind kind) {
        PartitionLog log = logs.get(kind);
        if (log == null) {
            throw new IllegalStateException("the check before should have refused the log " + kind);
        }
        return log;
    }

    ReadResult read(
            LogKind kind, int currentLeaderEpoch, long offset, int maxBytes, boolean minOneBatch, Isolation isolation) {
        ErrorCode refused = check(kind, currentLeaderEpoch, leading);
        if (refused.isError()) {
            return ReadResult.refused(refused);
        }
        PartitionLog log = log(kind);
        long lastStableOffset = log.transactions().lastStableOffset();
        long highWatermark = Math.max(lastStableOffset, log.highWatermark());
        long bound = isolation == Isolation.READ_COMMITTED ? lastStableOffset : highWatermark;
        try {
            LogSlice slice = log.read(offset, maxBytes, bound, minOneBatch);
            return new ReadResult(
                    ErrorCode.NONE, highWatermark, lastStableOffset, log.logStartOffset(), nonEmpty(slice));
        } catch (OffsetOutOfRangeException e) {
            return new ReadResult(
                    ErrorCode.OFFSET_OUT_OF_RANGE,
                    highWatermark,
                    lastStableOffset,
                    e.logStartOffset(),
                    Optional.empty());
        } catch (StorageException e) {
            return ReadResult.refused(failed(e));
        }
    }

    private static Optional<LogSlice> nonEmpty(LogSlice slice) {
        if (slice.isEmpty()) {
            slice.close();
            return Optional.empty();
        }
        return Optional.of(slice);
    }

    /** Where the epoch begins in which this replica leads; the end of the log where it does not. */
    long firstOwnOffset(LogKind kind) {
        var now = leading;
        Long start = now == null ? null : now.epochStartOffsets().get(kind);
        return start == null ? log(kind).logEndOffset() : start;
    }

    OffsetLookup earliestOffset(LogKind kind, int currentLeaderEpoch) {
        ErrorCode refused = check(kind, currentLeaderEpoch, leading);
        return refused.isError()
                ? OffsetLookup.refused(refused)
                : OffsetLookup.at(log(kind).logStartOffset(), ANY_EPOCH);
    }

    OffsetLookup latestOffset(LogKind kind, int currentLeaderEpoch) {
        var now = leading;
        ErrorCode refused = check(kind, currentLeaderEpoch, now);
        if (refused.isError() || now == null) {
            return OffsetLookup.refused(refused);
        }
        long highWatermark = log(kind).highWatermark();
        // Before that, an earlier leader may have told a greater one.
        return highWatermark < now.epochStartOffsets().getOrDefault(kind, 0L)
                ? OffsetLookup.refused(ErrorCode.OFFSET_NOT_AVAILABLE)
                : OffsetLookup.at(highWatermark, now.leaderEpoch());
    }

    OffsetLookup lastStableOffset(LogKind kind, int currentLeaderEpoch) {
        OffsetLookup latest = latestOffset(kind, currentLeaderEpoch);
        return latest.errorCode().isError()
                ? latest
                : OffsetLookup.at(
                        Math.min(latest.offset(), log(kind).transactions().lastStableOffset()), latest.leaderEpoch());
    }

    OffsetLookup offsetForTimestamp(LogKind kind, int currentLeaderEpoch, long timestampMs) {
        ErrorCode refused = check(kind, currentLeaderEpoch, leading);
        if (refused.isError()) {
            return OffsetLookup.refused(refused);
        }
        try {
            return committed(kind, log(kind).offsetForTimestamp(timestampMs));
        } catch (StorageException e) {
            return OffsetLookup.refused(failed(e));
        }
    }

    OffsetLookup offsetOfMaxTimestamp(LogKind kind, int currentLeaderEpoch) {
        ErrorCode refused = check(kind, currentLeaderEpoch, leading);
        if (refused.isError()) {
            return OffsetLookup.refused(refused);
        }
        try {
            return committed(kind, log(kind).offsetOfMaxTimestamp());
        } catch (StorageException e) {
            return OffsetLookup.refused(failed(e));
        }
    }

    private OffsetLookup committed(LogKind kind, Optional<TimestampOffset> found) {
        return found.filter(record -> record.offset() < log(kind).highWatermark())
                .map(record ->
                        new OffsetLookup(ErrorCode.NONE, record.offset(), record.timestamp(), record.leaderEpoch()))
                .orElse(new OffsetLookup(ErrorCode.NONE, -1, -1, -1));
    }

    OffsetLookup endOffsetForEpoch(LogKind kind, int currentLeaderEpoch, int leaderEpoch) {
        ErrorCode refused = check(kind, currentLeaderEpoch, leading);
        if (refused.isError()) {
            return OffsetLookup.refused(refused);
        }
        var end = log(kind).endOffsetForEpoch(leaderEpoch);
        return new OffsetLookup(ErrorCode.NONE, end.endOffset(), -1, end.leaderEpoch());
    }

    /** What a follower at a position is to be told: where the logs part, or what comes next up to the end of the log. */
    LogAnswer answer(ReplicaLog replicaLog, PartitionKey key, Position position, int maxBytes) {
        ErrorCode refused = check(position.kind(), position.currentLeaderEpoch(), leading);
        if (refused.isError()) {
            return LogAnswer.refused(key, position.kind(), refused);
        }
        PartitionLog log = replicaLog.log();
        long highWatermark = log.highWatermark();
        var divergence = replicaLog.divergenceOf(position.fetchOffset(), position.lastFetchedEpoch());
        if (divergence.exists()) {
            return new LogAnswer(
                    key,
                    position.kind(),
                    ErrorCode.NONE,
                    highWatermark,
                    log.logStartOffset(),
                    divergence,
                    Optional.empty());
        }
        try {
            LogSlice slice = log.read(position.fetchOffset(), maxBytes, Long.MAX_VALUE, true);
            return new LogAnswer(
                    key,
                    position.kind(),
                    ErrorCode.NONE,
                    highWatermark,
                    log.logStartOffset(),
                    Divergence.NONE,
                    nonEmpty(slice));
        } catch (OffsetOutOfRangeException e) {
            return new LogAnswer(
                    key,
                    position.kind(),
                    ErrorCode.OFFSET_OUT_OF_RANGE,
                    highWatermark,
                    e.logStartOffset(),
                    Divergence.NONE,
                    Optional.empty());
        } catch (StorageException e) {
            return LogAnswer.refused(key, position.kind(), failed(e));
        }
    }

    /**
     * High watermark and start of a log, without records. Empty where the follower's log is not known to agree with this one; the high
     * watermark reaches no further than it is.
     */
    Optional<LogAnswer> bounds(ReplicaLog replicaLog, PartitionKey key, Position position) {
        PartitionLog log = replicaLog.log();
        boolean agrees = position.fetchOffset() <= log.logEndOffset()
                && !replicaLog
                        .divergenceOf(position.fetchOffset(), position.lastFetchedEpoch())
                        .exists();
        if (!agrees
                || check(position.kind(), position.currentLeaderEpoch(), leading)
                        .isError()) {
            return Optional.empty();
        }
        return Optional.of(new LogAnswer(
                key,
                position.kind(),
                ErrorCode.NONE,
                Math.min(log.highWatermark(), position.fetchOffset()),
                log.logStartOffset(),
                Divergence.NONE,
                Optional.empty()));
    }
}
