package io.millrace.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A ZooKeeper of one process for tests: several {@link InMemoryMetadataStore}s share it. It fences like the real one, gives every
 * registration a greater epoch, and loses sessions and connections when told to.
 *
 * <p>Guarded by this. Each store hears of changes through the executor it was made with, in order; an executor that delays makes the
 * store lag behind.
 */
public final class InMemoryMetadata {
    private final List<InMemoryMetadataStore> stores = new ArrayList<>();
    private final Map<Integer, InMemoryMetadataStore> ownerOfRegistration = new HashMap<>();
    /** Of each broker id that ever registered, also when it is not registered any more. */
    private final Map<Integer, BrokerRegistration> latest = new HashMap<>();

    private @Nullable InMemoryMetadataStore ownerOfOffice;
    private ClusterImage image = ClusterImage.EMPTY.withClusterId("in-memory-cluster");
    private boolean isFencing = true;
    private long zombieWrites;
    private long transaction = 1;
    private long nextProducerId;

    /** The truth, as opposed to what the stores have heard so far. */
    public synchronized ClusterImage image() {
        return image;
    }

    /** From now on writes of controllers take effect that are in office no more. */
    public synchronized void stopFencing() {
        isFencing = false;
    }

    /** How many writes took effect of controllers that were in office no more. */
    public synchronized long zombieWrites() {
        return zombieWrites;
    }

    /** A store for one broker; answers and images arrive through the executor. */
    public synchronized InMemoryMetadataStore store(Executor executor) {
        var store = new InMemoryMetadataStore(this, executor);
        stores.add(store);
        store.deliver(image);
        return store;
    }

    synchronized BrokerRegistration register(
            InMemoryMetadataStore store, BrokerRegistration wanted, LastShutdown lastShutdown) {
        var before = Optional.ofNullable(latest.get(wanted.brokerId()));
        var latestEpoch =
                before.map(known -> OptionalLong.of(known.brokerEpoch())).orElse(OptionalLong.empty());
        int number = before.map(known -> known.start().number() + 1).orElse(1);
        // A process that registers again has decided before whether its start was unclean.
        boolean isUnclean = before.filter(known -> known.incarnationId().equals(wanted.incarnationId()))
                .map(known -> known.start().isUnclean())
                .orElseGet(() -> lastShutdown.isUnclean(latestEpoch));
        var registration = wanted.withBrokerEpoch(++transaction).withStart(new BrokerStart(number, isUnclean));
        latest.put(wanted.brokerId(), registration);
        ownerOfRegistration.put(wanted.brokerId(), store);
        var brokers = new HashMap<>(image.brokers());
        brokers.put(wanted.brokerId(), registration);
        publish(image.withBrokers(brokers));
        return registration;
    }

    synchronized void settleStart(InMemoryMetadataStore store, long brokerEpoch) {
        image.brokers().values().stream()
                .filter(broker -> broker.brokerEpoch() == brokerEpoch
                        && broker.start().isUnclean()
                        && ownerOfRegistration.get(broker.brokerId()) == store)
                .findFirst()
                .map(broker -> broker.withStart(broker.start().settled()))
                .ifPresent(settled -> {
                    latest.put(settled.brokerId(), settled);
                    var brokers = new HashMap<>(image.brokers());
                    brokers.put(settled.brokerId(), settled);
                    publish(image.withBrokers(brokers));
                });
    }

    synchronized Optional<Integer> elect(InMemoryMetadataStore store, int brokerId, int expectedEpoch, boolean usurp) {
        boolean isTaken =
                image.controllerId() != ClusterImage.NO_CONTROLLER && image.controllerId() != brokerId && !usurp;
        if (isTaken || image.controllerEpoch() != expectedEpoch) {
            return Optional.empty();
        }
        ownerOfOffice = store;
        publish(image.withController(brokerId, expectedEpoch + 1));
        return Optional.of(expectedEpoch + 1);
    }

    synchronized void commit(
            int controllerEpoch, List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
        if (isFencing && image.controllerEpoch() != controllerEpoch) {
            throw new FencedException(
                    "controller epoch " + controllerEpoch + " was superseded by " + image.controllerEpoch());
        }
        trusted.forEach(this::checkThatItIsTheLatest);
        var changed = image;
        for (MetadataChange change : changes) {
            check(changed, change);
            changed = changed.with(change);
        }
        if (image.controllerEpoch() != controllerEpoch) {
            zombieWrites++;
        }
        publish(changed);
    }

    private void checkThatItIsTheLatest(BrokerRegistration broker) {
        var known = latest.get(broker.brokerId());
        if (known == null || known.start().number() != broker.start().number()) {
            throw new SupersededRegistrationException(
                    "broker " + broker.brokerId() + " has registered again since epoch " + broker.brokerEpoch());
        }
    }

    /** The invariants that every change keeps, whoever decides it. */
    private static void check(ClusterImage before, MetadataChange change) {
        if (change instanceof MetadataChange.CreateTopic create) {
            if (before.topic(create.topicId()).isPresent()) {
                throw new MetadataException("topic id " + create.topicId() + " exists already");
            }
            return;
        }
        if (change instanceof MetadataChange.OfTopic ofTopic) {
            check(before, ofTopic);
        }
    }

    private static void check(ClusterImage before, MetadataChange.OfTopic change) {
        TopicImage topic = before.topic(change.topicId())
                .orElseThrow(() -> new MetadataException("there is no topic with the id " + change.topicId()));
        if (change instanceof MetadataChange.ChangePartitions partitions) {
            check(topic, topic, partitions.partitions());
        }
        if (change instanceof MetadataChange.ChangeSubscriptions subscribed) {
            TopicImage after = topic.withAssignment(subscribed.assignments(), subscribed.partitions());
            check(topic, after, subscribed.partitions());
            checkThatLeadersBeginAnewWithCursors(topic, subscribed);
        }
        if (change instanceof MetadataChange.ChangeAssignment moved) {
            check(topic, topic.withAssignment(moved.assignments(), moved.partitions()), moved.partitions());
            checkThatAllMovedHaveNewStates(moved);
        }
    }

    private static void checkThatLeadersBeginAnewWithCursors(
            TopicImage topic, MetadataChange.ChangeSubscriptions subscribed) {
        boolean areCursorsNew = subscribed.subscriptions().hasCursors() && !topic.hasCursors();
        for (int index = 0; areCursorsNew && index < topic.partitionCount(); index++) {
            PartitionState after = subscribed.partitions().get(index);
            if (after == null
                    || after.leaderEpoch() <= topic.partitions().get(index).leaderEpoch()) {
                throw new IllegalStateException("partition " + topic.name() + "-" + index
                        + " would be led in the same epoch with and without a cursor log: " + subscribed);
            }
        }
    }

    private static void checkThatAllMovedHaveNewStates(MetadataChange.ChangeAssignment moved) {
        if (!moved.partitions().keySet().containsAll(moved.assignments().keySet())) {
            throw new IllegalStateException(
                    "brokers hear of other replicas by a newer state, but not all have one: " + moved);
        }
    }

    private static void check(TopicImage topic, TopicImage after, Map<Integer, PartitionState> states) {
        states.forEach((partition, state) -> {
            if (topic.partition(partition).isEmpty() && partition < after.partitionCount()) {
                return; // a new partition
            }
            var old = topic.partitions().get(partition);
            boolean areReplicas = after.assignment().get(partition).containsAll(state.inSyncReplicas())
                    && after.assignment().get(partition).containsAll(state.eligibleLeaderReplicas());
            boolean grows = state.partitionEpoch() > old.partitionEpoch()
                    && state.leaderEpoch() >= old.leaderEpoch()
                    && (state.leaderEpoch() > old.leaderEpoch() || state.leaderId() == old.leaderId());
            boolean leaderIsInSync =
                    !state.hasLeader() || state.inSyncReplicas().contains(state.leaderId());
            if (!grows || !leaderIsInSync || !areReplicas) {
                throw new IllegalStateException(
                        "state " + state + " of " + topic.name() + "-" + partition + " must not follow " + old);
            }
        });
    }

    synchronized void resign(int controllerEpoch) {
        if (image.controllerEpoch() == controllerEpoch && ownerOfOffice != null) {
            ownerOfOffice = null;
            publish(image.withController(ClusterImage.NO_CONTROLLER, controllerEpoch));
        }
    }

    synchronized ProducerIdBlock allocateProducerIds() {
        var block = new ProducerIdBlock(nextProducerId, ProducerIdBlock.BLOCK_SIZE);
        nextProducerId += ProducerIdBlock.BLOCK_SIZE;
        return block;
    }

    /** Removes what belongs to a store's session. */
    synchronized void endSession(InMemoryMetadataStore store) {
        var changed = image;
        var brokers = new HashMap<>(image.brokers());
        if (ownerOfRegistration.values().removeIf(owner -> owner == store)) {
            brokers.keySet().retainAll(ownerOfRegistration.keySet());
            changed = changed.withBrokers(brokers);
        }
        if (ownerOfOffice == store) {
            ownerOfOffice = null;
            changed = changed.withController(ClusterImage.NO_CONTROLLER, image.controllerEpoch());
        }
        if (changed != image) {
            publish(changed);
        }
    }

    synchronized void remove(InMemoryMetadataStore store) {
        stores.remove(store);
    }

    private void publish(ClusterImage changed) {
        image = changed;
        List.copyOf(stores).forEach(store -> store.deliver(changed));
    }
}
