package io.millrace.client;

import java.util.List;
import java.util.UUID;

/**
 * A subscription of a topic, and how it stands.
 *
 * @param number what it is called within the topic for ever
 * @param clientId empty for a shared one that belongs to no client
 * @param isDurable whether it stays while it has no consumer
 * @param isShared whether several consumers may have it at once
 * @param selector which messages belong to it; empty for all
 * @param noLocal whether what its own client has sent does not belong to it
 * @param partitionCount of the topic
 * @param partitions those of which a leader has told
 */
public record SubscriptionDescription(
        UUID topicId,
        String topic,
        long number,
        String clientId,
        String name,
        boolean isDurable,
        boolean isShared,
        String selector,
        boolean noLocal,
        int partitionCount,
        List<Partition> partitions) {

    /**
     * How one partition stands.
     *
     * @param acknowledgedBelow everything before this offset is acknowledged
     * @param unacknowledged how many offsets up to the end are not, those of transaction markers included
     * @param acquired how many of these consumers have
     * @param consumers who has it
     */
    public record Partition(
            int partition, long acknowledgedBelow, long unacknowledged, long acquired, List<UUID> consumers) {}

    /** How many consumers it has, as far as leaders have told. */
    public int consumerCount() {
        return (int) partitions.stream()
                .flatMap(partition -> partition.consumers().stream())
                .distinct()
                .count();
    }

    /** How much of it is not acknowledged, as far as leaders have told. */
    public long unacknowledged() {
        return partitions.stream().mapToLong(Partition::unacknowledged).sum();
    }

    /** Whether it has begun in all partitions: what is sent from now on belongs to it. */
    public boolean hasBegun() {
        return partitions.size() >= partitionCount;
    }

    /** What a consumer of it is told by. */
    boolean isSame(SubscriptionDescription other) {
        return topicId.equals(other.topicId) && number == other.number;
    }

    @Override
    public String toString() {
        return "subscription \"" + name + "\"" + (clientId.isEmpty() ? "" : " of client \"" + clientId + "\"")
                + " of topic \"" + topic + "\"";
    }
}
