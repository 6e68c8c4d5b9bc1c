package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Asks for offsets of partitions: where they begin and end, and where a time is. */
final class PartitionOffsets implements AutoCloseable {
    private final ClusterOptions cluster;
    private final TopicConsumer consumer;

    /** Through a consumer of its own. */
    PartitionOffsets(ClusterOptions cluster, ClusterClient client) {
        this(cluster, client.newConsumer(ConsumerConfiguration.defaults()));
    }

    /** Through a consumer, which it closes. */
    PartitionOffsets(ClusterOptions cluster, TopicConsumer consumer) {
        this.cluster = cluster;
        this.consumer = consumer;
    }

    /** Those of the partitions that exist and have a leader, which alone can answer. */
    static List<TopicPartition> answering(
            Collection<TopicPartition> partitions, Map<String, DestinationDescription> destinations) {
        return partitions.stream()
                .filter(partition -> {
                    DestinationDescription found = destinations.get(partition.topic());
                    return found != null
                            && partition.partition() < found.partitions().size()
                            && found.partitions().get(partition.partition()).leaderId() >= 0;
                })
                .toList();
    }

    Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions)
            throws InterruptedException, TimeoutException {
        return partitions.isEmpty() ? Map.of() : cluster.await(consumer.beginningOffsets(partitions));
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions)
            throws InterruptedException, TimeoutException {
        return partitions.isEmpty() ? Map.of() : cluster.await(consumer.endOffsets(partitions));
    }

    /** The first record at or after a time; the end where there is none. */
    Map<TopicPartition, Long> at(long timestampMs, Collection<TopicPartition> partitions)
            throws InterruptedException, TimeoutException {
        if (partitions.isEmpty()) {
            return Map.of();
        }
        var offsets = new LinkedHashMap<>(ends(partitions));
        offsets.putAll(cluster.await(consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(Function.identity(), each -> timestampMs)))));
        return offsets;
    }

    /** Where to start; an offset is taken as it is. */
    Map<TopicPartition, Long> of(StartAt start, Collection<TopicPartition> partitions)
            throws InterruptedException, TimeoutException {
        if (start instanceof StartAt.Beginning) {
            return beginnings(partitions);
        }
        if (start instanceof StartAt.Time time) {
            return at(time.instant().toEpochMilli(), partitions);
        }
        if (start instanceof StartAt.Offset at) {
            var offsets = new HashMap<TopicPartition, Long>();
            partitions.forEach(partition -> offsets.put(partition, at.offset()));
            return offsets;
        }
        return ends(partitions);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
