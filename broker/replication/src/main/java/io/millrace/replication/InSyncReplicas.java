package io.millrace.replication;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The in-sync replicas of a partition as its leader must see them: those that the controller has committed, and those that it may have
 * committed already without the leader knowing (KIP-497).
 *
 * <p>Owned by the partition's loop. Invariant: whatever the controller has committed last is a subset of {@link #maximal}. For that, every
 * wish ever sent on the present partition epoch counts until the epoch grows; a wish that was definitely refused does not, unless an
 * earlier one on the same epoch is still unaccounted for.
 *
 * <pre>
 * SETTLED --wish sent--> WAITING --committed, or a newer state--> SETTLED
 *    ^                     |  | no answer
 *    |                     |  v
 *    |                     | UNKNOWN --sent again--> WAITING
 *    +------refused--------+   (refused after UNKNOWN: the committed set is wished, to make the epoch grow)
 * </pre>
 */
final class InSyncReplicas {
    private enum Phase {
        SETTLED,
        WAITING,
        UNKNOWN
    }

    private List<Integer> committed;
    private int partitionEpoch;
    private Phase phase = Phase.SETTLED;
    private List<Integer> wish = List.of();
    private final Set<Integer> maybeCommitted = new LinkedHashSet<>();
    private boolean anyUnaccounted;
    private Set<Integer> maximal;

    InSyncReplicas(List<Integer> committed, int partitionEpoch) {
        this.committed = List.copyOf(committed);
        this.partitionEpoch = partitionEpoch;
        this.maximal = union(this.committed, maybeCommitted);
    }

    List<Integer> committed() {
        return committed;
    }

    int partitionEpoch() {
        return partitionEpoch;
    }

    /** Every replica that the controller may elect as leader for all that this leader knows. */
    Set<Integer> maximal() {
        return maximal;
    }

    /** Asked with every append, so it is made when it changes. */
    private static Set<Integer> union(List<Integer> committed, Set<Integer> maybeCommitted) {
        var all = new LinkedHashSet<>(committed);
        all.addAll(maybeCommitted);
        return Collections.unmodifiableSet(all);
    }

    boolean isSettled() {
        return phase == Phase.SETTLED;
    }

    boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    /** Notes that a wish is about to be sent. */
    void send(List<Integer> newWish) {
        wish = List.copyOf(newWish);
        maybeCommitted.addAll(newWish);
        maximal = union(committed, maybeCommitted);
        phase = Phase.WAITING;
    }

    /** What to send when an answer did not come. */
    List<Integer> wish() {
        return wish;
    }

    void onUnanswered() {
        phase = Phase.UNKNOWN;
        anyUnaccounted = true;
    }

    /** Takes a definite refusal. Afterwards nothing is pending, or the committed set is to be wished anew. */
    void onRefused() {
        if (anyUnaccounted) {
            wish = committed;
            phase = Phase.UNKNOWN;
            return;
        }
        settle();
    }

    /** Takes over what the controller has committed; false when it is not news. */
    boolean onCommitted(List<Integer> newCommitted, int newPartitionEpoch) {
        if (newPartitionEpoch <= partitionEpoch) {
            return false;
        }
        committed = List.copyOf(newCommitted);
        partitionEpoch = newPartitionEpoch;
        settle();
        return true;
    }

    private void settle() {
        phase = Phase.SETTLED;
        maybeCommitted.clear();
        maximal = union(committed, maybeCommitted);
        anyUnaccounted = false;
        wish = List.of();
    }

    List<Integer> with(int brokerId) {
        var more = new ArrayList<>(committed);
        more.add(brokerId);
        return more;
    }

    List<Integer> without(Set<Integer> brokerIds) {
        return committed.stream().filter(id -> !brokerIds.contains(id)).toList();
    }
}
