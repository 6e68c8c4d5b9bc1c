package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicPartition;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * How a partition is. Immutable.
 *
 * @param leaderId -1 where there is no leader
 * @param inSyncMin how many replicas must be in sync for a record to be accepted with acks=all ({@code min.insync.replicas})
 * @param problems none where the partition is well
 */
record PartitionHealth(
        TopicPartition partition,
        int leaderId,
        List<Integer> replicas,
        List<Integer> inSyncReplicas,
        int inSyncMin,
        Set<Problem> problems) {

    private static final String MIN_IN_SYNC = "min.insync.replicas";
    private static final int MIN_IN_SYNC_DEFAULT = 1;

    /** What a partition may suffer from, the worst first. */
    enum Problem {
        /** It has no leader: nobody can read or write. */
        OFFLINE,
        /** Records with acks=all are refused. */
        UNDER_MIN_ISR,
        /** A replica is behind or its broker is away. */
        UNDER_REPLICATED,
        /** Another replica leads than the first. */
        NOT_PREFERRED_LEADER;

        /** As it is printed. */
        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Asks a cluster for all its partitions. */
    static List<PartitionHealth> in(ClusterOptions cluster, ClusterClient client)
            throws InterruptedException, TimeoutException {
        List<DestinationDescription> destinations = cluster.await(client.admin().list());
        List<String> names =
                destinations.stream().map(DestinationDescription::name).toList();
        Map<String, String> inSyncMin = names.isEmpty()
                ? Map.of()
                : cluster.await(client.admin().configurations().valuesOfTopics(names, MIN_IN_SYNC));
        return of(destinations, inSyncMin);
    }

    /** All partitions of these destinations, in order. */
    static List<PartitionHealth> of(Collection<DestinationDescription> destinations, Map<String, String> inSyncMin) {
        return destinations.stream()
                .sorted(Comparator.comparing(DestinationDescription::name))
                .flatMap(destination -> {
                    String min = inSyncMin.get(destination.name());
                    int count = min == null ? MIN_IN_SYNC_DEFAULT : Integer.parseInt(min);
                    return destination.partitions().stream().map(each -> of(destination.name(), each, count));
                })
                .toList();
    }

    private static PartitionHealth of(String topic, DestinationDescription.Partition partition, int inSyncMin) {
        var problems = EnumSet.noneOf(Problem.class);
        if (partition.leaderId() < 0) {
            problems.add(Problem.OFFLINE);
        }
        if (partition.inSyncReplicas().size() < inSyncMin) {
            problems.add(Problem.UNDER_MIN_ISR);
        }
        if (partition.inSyncReplicas().size() < partition.replicas().size()) {
            problems.add(Problem.UNDER_REPLICATED);
        }
        boolean isLedByAnother = partition.leaderId() >= 0
                && !partition.replicas().isEmpty()
                && partition.leaderId() != partition.replicas().get(0);
        if (isLedByAnother) {
            problems.add(Problem.NOT_PREFERRED_LEADER);
        }
        return new PartitionHealth(
                new TopicPartition(topic, partition.partition()),
                partition.leaderId(),
                partition.replicas(),
                partition.inSyncReplicas(),
                inSyncMin,
                problems);
    }
}
