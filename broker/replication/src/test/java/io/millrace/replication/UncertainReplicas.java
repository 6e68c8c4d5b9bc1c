package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Replicas with {@code flush.policy=os} whose brokers have lost their power, until the cluster has accounted for that. Such a replica may not lead, and
 * counts as in sync again only after it has left all sets. Says, too, which loss of power such a partition must survive: every one that leaves a replica
 * that may be elected and has not been through one.
 */
final class UncertainReplicas {
    /** What becomes of a replica's log when its broker loses the power. */
    enum Fate {
        /** What was not forced may be gone. */
        LOST,
        /** All of it happens to be on the medium; the cluster does not know that. */
        WRITTEN_BACK,
        /** Nobody promises that the partition survives it. */
        BEYOND_PROMISE
    }

    private record Replica(PartitionKey partition, int brokerId) {}

    /** @param brokerEpoch of the registration that the lost process had, or one before it */
    private record Loss(long brokerEpoch, boolean isReal) {}

    private final Map<Replica, Loss> losses = new HashMap<>();
    /** Those that have lost something and have not been in sync since. */
    private final Set<Replica> behind = new HashSet<>();

    boolean isEmpty() {
        return losses.isEmpty();
    }

    /** Whether a replica may lack what it had acknowledged. */
    boolean isLacking(PartitionKey key, int brokerId) {
        Loss loss = losses.get(new Replica(key, brokerId));
        return loss != null && loss.isReal;
    }

    /**
     * Whether a replica has come back without all it had, and has not caught up. The loss of power may have undone cuts of its log, too, so that
     * batches that are committed nowhere lie below the high watermark that it noted last.
     */
    boolean isBehind(PartitionKey key, int brokerId) {
        return behind.contains(new Replica(key, brokerId));
    }

    boolean isAnyLacking() {
        return losses.values().stream().anyMatch(Loss::isReal);
    }

    /**
     * With a minimum of in-sync replicas, one less of them may lose what they have at the same time: that many may be all that the cluster remembers.
     *
     * @param isCertain whether a broker keeps the partition's log, and its next process will be able to tell that
     * @param isDamaged whether the log of a broker is damaged: where that one may be all that the cluster remembers, nobody could lead
     */
    Fate fateOf(PartitionKey key, TopicImage topic, int victim, IntPredicate isCertain, IntPredicate isDamaged) {
        var others = new TreeSet<>(candidates(topic.partitions().get(key.partition())));
        losses.keySet().stream().filter(each -> each.partition.equals(key)).forEach(each -> others.add(each.brokerId));
        others.remove(victim);
        if (others.stream().anyMatch(isDamaged::test)) {
            return Fate.BEYOND_PROMISE;
        }
        long certain = others.stream()
                .filter(id -> isCertain.test(id) && !losses.containsKey(new Replica(key, id)))
                .count();
        int minInSync = MinInSyncReplicas.of(
                topic, 1, topic.assignment().get(key.partition()).size());
        if (certain > 0 && others.size() - certain < minInSync - 1) {
            return Fate.LOST;
        }
        return others.stream().anyMatch(id -> isLacking(key, id)) ? Fate.BEYOND_PROMISE : Fate.WRITTEN_BACK;
    }

    void onPowerLost(PartitionKey key, int brokerId, ClusterImage truth, Fate fate) {
        BrokerRegistration known = truth.brokers().get(brokerId);
        long brokerEpoch = known == null ? BrokerRegistration.NO_EPOCH : known.brokerEpoch();
        if (fate == Fate.LOST) {
            behind.add(new Replica(key, brokerId));
        }
        losses.merge(
                new Replica(key, brokerId),
                new Loss(brokerEpoch, fate == Fate.LOST),
                (before, now) -> new Loss(brokerEpoch, before.isReal || now.isReal));
    }

    /** Forgets the losses for which the cluster has accounted. */
    void onImage(ClusterImage image) {
        losses.entrySet().removeIf(each -> isAccountedFor(image, each.getKey(), each.getValue()));
        behind.removeIf(each -> !losses.containsKey(each)
                && candidates(stateOf(image, each.partition)).contains(each.brokerId));
    }

    private static boolean isAccountedFor(ClusterImage image, Replica replica, Loss loss) {
        BrokerRegistration back = image.brokers().get(replica.brokerId);
        if (back == null || back.brokerEpoch() <= loss.brokerEpoch) {
            return false;
        }
        PartitionState state = stateOf(image, replica.partition);
        if (!candidates(state).contains(replica.brokerId)) {
            return true;
        }
        if (!back.start().isUnclean() && loss.isReal) {
            throw new AssertionError("broker " + replica.brokerId + " lost its power with records of "
                    + replica.partition + ", has come back, and still may be elected: " + state);
        }
        return !back.start().isUnclean();
    }

    private static PartitionState stateOf(ClusterImage image, PartitionKey key) {
        return image.topic(key.topicId()).orElseThrow().partitions().get(key.partition());
    }

    /** Those who may be elected. */
    static List<Integer> candidates(PartitionState state) {
        var all = new ArrayList<>(state.inSyncReplicas());
        all.addAll(state.eligibleLeaderReplicas());
        return all;
    }
}
