package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one replica is at present: leader, follower, or neither; decided by the partition's state in the metadata and by the disk.
 *
 * <p>Owned by the partition's loop; {@link #state}, {@link #isDisowned} and {@link #isOffline} may be asked from any thread. Invariant: it never leads and follows at the same time.
 *
 * <pre>
 *            +--state names another leader--> FOLLOWING --+
 * IDLE ------+                                  ^ |        +--log lost, or deleted--> OFFLINE, CLOSED
 *            +--state names this broker--> LEADING --------+
 * </pre>
 */
final class ReplicaRole {
    private static final System.Logger LOGGER = System.getLogger(ReplicaRole.class.getName());
    private static final int NEVER = -1;

    private final Partition partition;
    private final Map<LogKind, ReplicaLog> logs;
    private final PartitionReads reads;
    private final PartitionEnvironment environment;

    private volatile @Nullable PartitionState state;
    private volatile boolean disowned;
    private volatile boolean offline;

    // Owned by the loop.
    private List<Integer> replicas = List.of();
    private int minInSyncReplicas;
    private int disownedLeaderEpoch = NEVER;
    private @Nullable Leadership leadership;
    private boolean following;
    private boolean closed;

    /** @param reads opened while this replica leads */
    ReplicaRole(
            Partition partition,
            Map<LogKind, ReplicaLog> logs,
            PartitionReads reads,
            PartitionEnvironment environment) {
        this.partition = partition;
        this.logs = logs;
        this.reads = reads;
        this.environment = environment;
    }

    /** The latest state taken over; null before the first. */
    @Nullable
    PartitionState state() {
        return state;
    }

    /** Whether this broker is named leader here and does not lead. */
    boolean isDisowned() {
        return disowned;
    }

    /** Whether the disk has failed. */
    boolean isOffline() {
        return offline;
    }

    /** Whether another replica may have all committed records. */
    boolean hasSubstitute() {
        var current = state;
        return current != null && !LostReplicas.isLast(current, environment.brokerId());
    }

    /** Whether no role will come any more: the disk has failed, or the replica is closed. */
    boolean isOver() {
        return closed || offline;
    }

    /** The present time as leader; null while this replica does not lead. */
    @Nullable
    Leadership leadership() {
        return leadership;
    }

    /** Whether this replica follows the leader of this epoch. */
    boolean isFollowing(int leaderEpoch) {
        var current = state;
        return following && !offline && current != null && current.leaderEpoch() == leaderEpoch;
    }

    /** Refuses to lead in this epoch: it was given to an earlier life of this broker. */
    void disown(int leaderEpoch) {
        disownedLeaderEpoch = leaderEpoch;
    }

    /** Takes over a newer state; one that is not newer changes nothing but the configuration. */
    void onState(TopicImage topic, PartitionState newState) {
        if (isOver()) {
            state = newState;
            return;
        }
        try {
            int index = partition.key().partition();
            replicas = topic.assignment().get(index);
            minInSyncReplicas = MinInSyncReplicas.of(
                    topic, environment.configuration().defaultMinInSyncReplicas(), topic.replicationFactor(index));
            var before = state;
            if (before == null || newState.partitionEpoch() > before.partitionEpoch()) {
                become(newState, before);
            }
            if (leadership != null) {
                leadership.requireReplicas(replicas, minInSyncReplicas);
            }
        } catch (StorageException e) {
            goOffline(e);
        }
    }

    private void become(PartitionState newState, @Nullable PartitionState before) {
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
            resign("partition " + partition.key() + " is now led by broker " + newState.leaderId() + " in epoch "
                    + newState.leaderEpoch());
            follow(newState);
        }
    }

    private void lead(PartitionState newState) {
        if (leadership != null && leadership.leaderEpoch() == newState.leaderEpoch()) {
            leadership.onState(newState);
            return;
        }
        resign("partition " + partition.key() + " is led anew in epoch " + newState.leaderEpoch());
        unfollow();
        leadership = new Leadership(partition.key(), environment, logs, replicas, newState, minInSyncReplicas);
        reads.open(leadership);
        LOGGER.log(
                Level.DEBUG,
                () -> "Leading " + partition + " in epoch " + newState.leaderEpoch() + " from offset "
                        + partition.logEndOffset(LogKind.DATA) + "; in sync are " + newState.inSyncReplicas());
        environment.listener().onLeader(partition, newState.leaderEpoch());
    }

    private void follow(PartitionState newState) {
        if (!newState.hasLeader() || disowned) {
            unfollow();
            return;
        }
        logs.values().forEach(ReplicaLog::forgetEmptyEpochs);
        following = true;
        environment.following().follow(partition, newState.leaderId(), newState.leaderEpoch());
    }

    private void unfollow() {
        if (following) {
            following = false;
            environment.following().unfollow(partition);
        }
    }

    private void resign(String why) {
        var ended = leadership;
        if (ended != null) {
            leadership = null;
            reads.close();
            ended.end(why);
            environment.listener().onResigned(partition);
        }
    }

    /** Ends every role because of the log, which is not to be used before it was opened anew. */
    void goOffline(StorageException failure) {
        if (isOver()) {
            return;
        }
        offline = true;
        resign("partition " + partition.key() + " is offline: " + failure.getMessage());
        unfollow();
        environment.losses().onLost(partition, failure);
    }

    /** Ends every role for good. */
    void close(String why) {
        closed = true;
        disowned = false;
        resign(why);
        unfollow();
    }
}
