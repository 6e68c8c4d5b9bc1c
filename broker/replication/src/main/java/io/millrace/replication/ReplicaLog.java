package io.millrace.replication;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.storage.CorruptLogException;
import io.millrace.storage.EpochEndOffset;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One log of a partition, those who wait for it to be committed, and the followers who wait for it to grow.
 *
 * <p>Owned by the partition's loop; {@link #log} may be read from any thread.
 */
final class ReplicaLog {
    private final PartitionKey partition;
    private final LogKind kind;
    private final PartitionLog log;
    private final CommitQueue commits = new CommitQueue();
    /** Those who wait for this replica alone. */
    private final CommitQueue durables = new CommitQueue();
    /** By broker id. */
    private final Map<Integer, FollowerWaiter> followers = new LinkedHashMap<>();

    ReplicaLog(PartitionKey partition, LogKind kind, PartitionLog log) {
        this.partition = partition;
        this.kind = kind;
        this.log = log;
    }

    LogKind kind() {
        return kind;
    }

    PartitionLog log() {
        return log;
    }

    CommitQueue commits() {
        return commits;
    }

    CommitQueue durables() {
        return durables;
    }

    void subscribe(int followerId, FollowerWaiter follower) {
        followers.put(followerId, follower);
    }

    void onGrown() {
        if (!followers.isEmpty()) {
            followers.values().forEach(follower -> follower.onLogGrown(partition, kind));
        }
    }

    /** The damage of the batch that holds an offset; empty when its checksum is right, or there is none. Reads from disk. */
    Optional<CorruptLogException> damageAt(long offset) {
        try (LogSlice slice = log.read(offset, 1, Long.MAX_VALUE, true)) {
            ByteBuf bytes = slice.toByteBuf(PooledByteBufAllocator.DEFAULT);
            try {
                boolean isWhole = slice.isEmpty() || RecordBatch.at(bytes, 0).hasValidChecksum();
                return isWhole ? Optional.empty() : Optional.of(damage(offset, "its checksum does not match"));
            } finally {
                bytes.release();
            }
        } catch (InvalidRecordException e) {
            return Optional.of(damage(offset, String.valueOf(e.getMessage())));
        } catch (CorruptLogException e) {
            return Optional.of(e);
        } catch (OffsetOutOfRangeException | StorageException unknown) {
            return Optional.empty();
        }
    }

    private CorruptLogException damage(long offset, String why) {
        return new CorruptLogException(
                kind + " of " + partition + " is damaged at offset " + offset + ", where a follower stopped: " + why,
                offset);
    }

    /** Raises the high watermark; false when it was there already. */
    boolean commitTo(long offset) {
        if (!log.updateHighWatermark(offset)) {
            return false;
        }
        commits.onReached(log.highWatermark());
        onBoundsMoved();
        return true;
    }

    void onBoundsMoved() {
        if (!followers.isEmpty()) {
            followers.values().forEach(follower -> follower.onBoundsMoved(partition, kind));
        }
    }

    /** The followers of a leader that leads no more are told so. */
    void dismissFollowers() {
        var dismissed = new LinkedHashMap<>(followers);
        followers.clear();
        dismissed.values().forEach(follower -> follower.onRefused(partition, kind));
    }

    /** Forgets epochs in which this replica led and wrote nothing: no other replica may know them. */
    void forgetEmptyEpochs() {
        log.truncateTo(log.logEndOffset());
    }

    int lastFetchedEpoch() {
        return log.latestEpoch().orElse(ReplicaFetch.NO_EPOCH);
    }

    /**
     * Where a follower that ends at an offset, after a batch of an epoch, departs from this leader (KIP-320, KIP-595).
     * {@link Divergence#NONE} when it does not.
     */
    Divergence divergenceOf(long fetchOffset, int lastFetchedEpoch) {
        if (lastFetchedEpoch == ReplicaFetch.NO_EPOCH) {
            return Divergence.NONE;
        }
        EpochEndOffset end = log.endOffsetForEpoch(lastFetchedEpoch);
        if (!end.isDefined()) {
            return new Divergence(ReplicaFetch.NO_EPOCH, log.logStartOffset());
        }
        boolean departs = end.leaderEpoch() < lastFetchedEpoch || end.endOffset() < fetchOffset;
        return departs ? new Divergence(end.leaderEpoch(), end.endOffset()) : Divergence.NONE;
    }

    /** Drops what the leader does not have. Answers the new end of the log. */
    long truncateTo(Divergence divergence) {
        EpochEndOffset own = log.endOffsetForEpoch(divergence.epoch());
        long agreed = own.isDefined() ? Math.min(own.endOffset(), divergence.endOffset()) : divergence.endOffset();
        log.truncateTo(Math.min(agreed, log.logEndOffset()));
        return log.logEndOffset();
    }
}
