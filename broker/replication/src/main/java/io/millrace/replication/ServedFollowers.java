package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.replication.ReplicaFetchAnswer.LogAnswer;
import io.millrace.storage.CorruptLogException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a partition's leader tells its followers.
 *
 * <p>{@link #onPosition} belongs to the partition's loop; the rest may be asked from any thread.
 */
final class ServedFollowers {
    private final PartitionKey key;
    private final Map<LogKind, ReplicaLog> logs;
    private final PartitionReads reads;
    private final ReplicaRole role;
    private final Consumer<CorruptLogException> onDamage;

    /** @param onDamage told on the partition's loop of damage at which followers have stopped */
    ServedFollowers(
            PartitionKey key,
            Map<LogKind, ReplicaLog> logs,
            PartitionReads reads,
            ReplicaRole role,
            Consumer<CorruptLogException> onDamage) {
        this.key = key;
        this.logs = logs;
        this.reads = reads;
        this.role = role;
        this.onDamage = onDamage;
    }

    /**
     * Takes a follower's position into account and has the waiter told when there is more.
     *
     * @return {@code NONE}, or why the position cannot be served
     */
    ErrorCode onPosition(int brokerId, long brokerEpoch, Position position, FollowerWaiter waiter) {
        ReplicaLog log = logs.get(position.kind());
        var leading = role.leadership();
        if (role.isOffline()) {
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        if (log == null || leading == null) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        ErrorCode answer = leading.onFollowerPosition(log, brokerId, brokerEpoch, position, waiter);
        if (!answer.isError() && leading.isStuck(log.kind(), brokerId)) {
            log.damageAt(position.fetchOffset()).ifPresent(onDamage);
        }
        return answer;
    }

    /** What a follower at this position is to be told. */
    LogAnswer answer(Position position, int maxBytes) {
        ReplicaLog log = logs.get(position.kind());
        return log == null
                ? LogAnswer.refused(key, position.kind(), ErrorCode.NOT_LEADER_OR_FOLLOWER)
                : reads.answer(log, key, position, maxBytes);
    }

    /** Whether a follower at this position must truncate first. */
    boolean departs(Position position) {
        ReplicaLog log = logs.get(position.kind());
        return log != null
                && log.divergenceOf(position.fetchOffset(), position.lastFetchedEpoch())
                        .exists();
    }

    /** The bounds of a log for a follower that has nothing to fetch; empty when they are not this broker's to tell. */
    Optional<LogAnswer> bounds(Position position) {
        ReplicaLog log = logs.get(position.kind());
        return log == null ? Optional.empty() : reads.bounds(log, key, position);
    }
}
