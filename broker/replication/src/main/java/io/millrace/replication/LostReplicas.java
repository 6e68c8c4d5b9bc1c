package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.storage.LogDirectoryOfflineException;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The replicas of this broker that have no usable log.
 *
 * <p>Changed on the loop of the replicas; {@link #report} may be asked from any thread.
 *
 * <pre>
 * LOST --named in no set any more, in a later leader epoch--> RELEASED: its log may be cut, and follow
 * </pre>
 *
 * The later epoch matters: in the one in which the log was lost, a leader may still believe that this replica has caught up.
 */
final class LostReplicas {
    private static final System.Logger LOGGER = System.getLogger(LostReplicas.class.getName());
    /** Bound on what one heartbeat carries; the others follow with the next. */
    static final int REPORT_MAX = 2_000;

    /**
     * @param name for people
     * @param state the latest
     * @param lostInEpoch the last leader epoch in which this replica may have led or followed with its log
     */
    record Lost(String name, PartitionState state, int lostInEpoch, StorageException reason) {
        boolean isReleased(int brokerId) {
            return state.leaderEpoch() > lostInEpoch && !isNamed(state, brokerId);
        }
    }

    private final int brokerId;
    private final Map<PartitionKey, Lost> lost = new ConcurrentHashMap<>();

    LostReplicas(int brokerId) {
        this.brokerId = brokerId;
    }

    /** Whether a replica may be elected, or leads. */
    static boolean isNamed(PartitionState state, int brokerId) {
        return state.leaderId() == brokerId || candidates(state).anyMatch(id -> id == brokerId);
    }

    /** Whether no other replica has all committed records. */
    static boolean isLast(PartitionState state, int brokerId) {
        return isNamed(state, brokerId) && candidates(state).noneMatch(id -> id != brokerId);
    }

    private static Stream<Integer> candidates(PartitionState state) {
        return Stream.concat(state.inSyncReplicas().stream(), state.eligibleLeaderReplicas().stream());
    }

    void add(PartitionKey key, Lost replica) {
        if (lost.putIfAbsent(key, replica) != null) {
            return;
        }
        if (isLast(replica.state(), brokerId)) {
            tellOperators(replica);
        } else {
            // A directory that failed has said so itself, once for all replicas in it.
            boolean isTold = replica.reason() instanceof LogDirectoryOfflineException;
            LOGGER.log(
                    isTold ? Level.DEBUG : Level.WARNING,
                    () -> "Partition " + replica.name() + " has no usable log here and leaves the in-sync replicas: "
                            + replica.reason().getMessage());
        }
    }

    private static void tellOperators(Lost replica) {
        LOGGER.log(
                Level.ERROR,
                () -> "Partition " + replica.name() + " is offline, for no other replica has all its records: "
                        + replica.reason().getMessage()
                        + ". Start the broker again with a whole copy of the log in its place, or give up what is lost:"
                        + " delete the topic, or stop the broker and move the log away");
    }

    /** Takes over a newer state of a partition, if its replica here is lost. */
    void onState(PartitionKey key, PartitionState state) {
        lost.computeIfPresent(key, (present, replica) -> {
            var newer = new Lost(replica.name(), state, replica.lostInEpoch(), replica.reason());
            if (isLast(state, brokerId) && !isLast(replica.state(), brokerId)) {
                tellOperators(newer);
            }
            return newer;
        });
    }

    Optional<Lost> get(PartitionKey key) {
        return Optional.ofNullable(lost.get(key));
    }

    /** Forgets a replica; false when it was not lost. */
    boolean remove(PartitionKey key) {
        return lost.remove(key) != null;
    }

    boolean isEmpty() {
        return lost.isEmpty();
    }

    /** The replicas that the controller has not released yet. One that is the last of its partition has nobody to be released to. */
    List<LostReplica> report() {
        return lost.entrySet().stream()
                .filter(entry -> mustBeTold(entry.getValue()))
                .limit(REPORT_MAX)
                .map(entry ->
                        new LostReplica(entry.getKey(), entry.getValue().state().partitionEpoch()))
                .toList();
    }

    private boolean mustBeTold(Lost replica) {
        boolean isSettledAsLast = !replica.state().hasLeader() && isLast(replica.state(), brokerId);
        return !replica.isReleased(brokerId) && !isSettledAsLast;
    }
}
