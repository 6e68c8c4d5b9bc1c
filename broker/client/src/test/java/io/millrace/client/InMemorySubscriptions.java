package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of {@link InMemoryCluster}: each is a queue that nobody sees, which gets a copy of whatever is sent to its topic.
 *
 * <p>Guarded by the cluster.
 */
final class InMemorySubscriptions {
    private static final String HIDDEN = "\0subscription-";

    private final InMemoryCluster cluster;
    private final Map<Long, SubscriptionDescription> all = new LinkedHashMap<>();
    private long lastNumber;

    InMemorySubscriptions(InMemoryCluster cluster) {
        this.cluster = cluster;
    }

    static boolean isHidden(String destination) {
        return destination.startsWith(HIDDEN);
    }

    static String queueOf(SubscriptionDescription subscription) {
        return HIDDEN + subscription.number();
    }

    SubscriptionDescription create(SubscriptionWish wanted) {
        DestinationDescription topic = cluster.require(wanted.topic()).description;
        Optional<SubscriptionDescription> known = find(wanted.clientId(), wanted.name(), wanted.isDurable());
        if (known.isEmpty()) {
            return begin(wanted, topic);
        }
        SubscriptionDescription found = known.get();
        if (found.isShared() != wanted.isShared()) {
            throw new ClientException(ErrorCode.DUPLICATE_RESOURCE, found + " is shared: " + found.isShared());
        }
        boolean isOfTopic = found.topicId().equals(topic.topicId());
        if (isOfTopic && found.selector().equals(wanted.selector()) && found.noLocal() == wanted.noLocal()) {
            return found;
        }
        refuseWhileConsumed(found);
        if (!isOfTopic) {
            end(found);
            return begin(wanted, topic);
        }
        all.put(found.number(), described(found.number(), wanted, topic));
        return described(all.get(found.number()));
    }

    private SubscriptionDescription begin(SubscriptionWish wanted, DestinationDescription topic) {
        SubscriptionDescription begun = described(++lastNumber, wanted, topic);
        all.put(begun.number(), begun);
        cluster.create(queueOf(begun), DestinationKind.QUEUE, topic.partitions().size());
        return described(begun);
    }

    private static SubscriptionDescription described(
            long number, SubscriptionWish wanted, DestinationDescription topic) {
        return new SubscriptionDescription(
                topic.topicId(),
                topic.name(),
                number,
                wanted.clientId(),
                wanted.name(),
                wanted.isDurable(),
                wanted.isShared(),
                wanted.selector(),
                wanted.noLocal(),
                topic.partitions().size(),
                List.of());
    }

    private void refuseWhileConsumed(SubscriptionDescription subscription) {
        if (cluster.consumerCount(queueOf(subscription)) > 0) {
            throw new ClientException(ErrorCode.NON_EMPTY_GROUP, subscription + " has consumers");
        }
    }

    void delete(SubscriptionDescription subscription) {
        if (!all.containsKey(subscription.number())) {
            throw new ClientException(ErrorCode.RESOURCE_NOT_FOUND, subscription + " has ended");
        }
        refuseWhileConsumed(subscription);
        end(subscription);
    }

    private void end(SubscriptionDescription subscription) {
        all.remove(subscription.number());
        cluster.delete(queueOf(subscription));
    }

    List<SubscriptionDescription> list(@Nullable String topic, @Nullable String name) {
        return all.values().stream()
                .filter(each -> topic == null || each.topic().equals(topic))
                .filter(each -> name == null || each.name().equals(name))
                .map(this::described)
                .toList();
    }

    Optional<SubscriptionDescription> find(String clientId, String name, boolean isDurable) {
        return list(null, name).stream()
                .filter(each -> each.clientId().equals(clientId) && each.isDurable() == isDurable)
                .findAny();
    }

    /** As it stands now. */
    private SubscriptionDescription described(SubscriptionDescription known) {
        var consumers = new ArrayList<UUID>();
        for (int i = 0; i < cluster.consumerCount(queueOf(known)); i++) {
            consumers.add(new UUID(0, i));
        }
        var partitions = new ArrayList<SubscriptionDescription.Partition>();
        for (InMemoryCluster.Partition partition : cluster.require(queueOf(known)).partitions) {
            partitions.add(new SubscriptionDescription.Partition(
                    partition.name.partition(),
                    0,
                    partition.log.size() - partition.settled.size(),
                    partition.acquiredBy.size(),
                    consumers));
        }
        return new SubscriptionDescription(
                known.topicId(),
                known.topic(),
                known.number(),
                known.clientId(),
                known.name(),
                known.isDurable(),
                known.isShared(),
                known.selector(),
                known.noLocal(),
                partitions.size(),
                partitions);
    }

    /** Gives each subscription of the topic its copy. */
    void onAppended(ConsumerRecord record) {
        for (SubscriptionDescription subscription : all.values()) {
            if (subscription.topic().equals(record.partition().topic())) {
                int index = record.partition().partition();
                String queue = queueOf(subscription);
                cluster.require(queue)
                        .growTo(Math.max(
                                index + 1, cluster.require(queue).partitions.size()));
                InMemoryCluster.Partition partition = cluster.require(new TopicPartition(queue, index));
                partition.log.add(new ConsumerRecord(
                        partition.name,
                        partition.log.size(),
                        0,
                        record.timestampMs(),
                        record.key(),
                        record.value(),
                        record.headers()));
            }
        }
    }
}
