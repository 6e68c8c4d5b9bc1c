package io.millrace.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The longest time for which a partition acknowledged nothing, when a leader is killed, when the controller is killed and when a leader is stopped, and the
 * time to create partitions; with three brokers, replication factor 3 and min.insync.replicas 2.
 *
 * <p>Each row has a broker less for a while; it is back and in sync before the next one begins.
 */
final class FailoverFigures {
    private static final String TOPIC = "steady";
    private static final int PARTITIONS = 6;
    private static final int BROKERS = 3;
    private static final Duration RECOVERY_MAX = Duration.ofSeconds(90);

    private final FigureTable table;
    private final int stops;
    private final int created;

    /**
     * @param stops how often a leader is stopped
     * @param created how many partitions are created in the end; 0: none
     */
    FailoverFigures(FigureTable table, int stops, int created) {
        this.table = table;
        this.stops = stops;
        this.created = created;
    }

    /** @param note what the rows are called besides */
    void run(FigurePeer peer, Path directory, String note) {
        try (var cluster = FigureCluster.start(peer, directory, BROKERS);
                var client = new FigureClient(cluster.bootstrapServers())) {
            client.awaitBrokers(BROKERS);
            client.createFirstTopic(TOPIC, PARTITIONS, BROKERS);
            client.awaitInSync(TOPIC, BROKERS);
            var faults = new Faults(cluster, client, peer.title());
            try (var sender = new SteadySender(cluster.bootstrapServers(), TOPIC, PARTITIONS)) {
                sender.awaitAcknowledgements(RECOVERY_MAX);
                faults.run(sender, "leader killed, longest gap, " + note + ", ms", false, cluster::kill);
                faults.run(sender, "controller killed, longest gap, " + note + ", ms", true, cluster::kill);
                for (int i = 0; i < stops; i++) {
                    faults.run(sender, "leader stopped (SIGTERM), longest gap, " + note + ", ms", false, cluster::stop);
                }
            }
            if (created > 0) {
                create(client, peer.title());
            }
        }
    }

    private final class Faults {
        private final FigureCluster cluster;
        private final FigureClient client;
        private final String title;

        Faults(FigureCluster cluster, FigureClient client, String title) {
            this.cluster = cluster;
            this.client = client;
            this.title = title;
        }

        void run(SteadySender sender, String row, boolean isController, IntConsumer fault) {
            int controller = client.controllerId();
            int victim = isController ? controller : busiest(id -> id != controller);
            long failuresBefore = sender.failures();
            sender.forgetGaps();
            fault.accept(victim);
            sender.awaitAcknowledgements(RECOVERY_MAX);
            table.note(row, title, sender.longestGapMs());
            if (sender.failures() > failuresBefore) {
                table.note(row + ": sends failed", title, sender.failures() - failuresBefore);
            }
            cluster.launch(victim);
            client.awaitBrokers(BROKERS);
            client.awaitInSync(TOPIC, BROKERS);
            sender.awaitAcknowledgements(RECOVERY_MAX);
        }

        /** The broker that leads the most partitions among those that fit. */
        private int busiest(IntPredicate fits) {
            List<Integer> leaders = client.describe(TOPIC).stream()
                    .map(partition -> partition.leader().id())
                    .toList();
            return IntStream.rangeClosed(1, BROKERS)
                    .filter(fits)
                    .boxed()
                    .max(Comparator.comparingLong(
                            id -> leaders.stream().filter(id::equals).count()))
                    .orElseThrow();
        }
    }

    private void create(FigureClient client, String title) {
        long start = System.nanoTime();
        client.createTopic("created", created, BROKERS);
        table.note("create " + created + " partitions, replication factor 3, answered, ms", title, since(start));
        client.produceToAll(List.of("created"), created, 1);
        table.note(
                "create " + created + " partitions, replication factor 3, until all take records, ms",
                title,
                since(start));
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
