package io.millrace.benchmarks;

import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * What a single broker needs to start, to create partitions, to start again with many of them, and to keep them in memory.
 *
 * <p>The time to serve is the time from the start of the process until a client that was there before, and tries again every 20 ms, has an acknowledgement of every partition.
 */
final class PartitionFigures {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final String THIRD = "third";
    private static final String MANY = "topic-";
    private static final int RECORDS = 5;
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration SESSION_IS_OVER = Duration.ofSeconds(22);
    private static final Duration SERVE_MAX = Duration.ofSeconds(120);

    private final FigureTable table;
    private final int partitions;
    private final int starts;

    /**
     * @param partitions how many are created at a time, twice
     * @param starts of the broker without partitions
     */
    PartitionFigures(FigureTable table, int partitions, int starts) {
        this.table = table;
        this.partitions = partitions;
        this.starts = starts;
    }

    void run(FigurePeer peer, Path directory) {
        try (var cluster = FigureCluster.start(peer, directory, 1)) {
            var run = new Run(cluster, peer.title());
            run.start();
            run.noteMemory("an empty broker");
            run.createTwo();
            run.restart();
            run.createMany();
        }
    }

    /** Only the starts of the broker without partitions. */
    void runStarts(FigurePeer peer, Path directory) {
        try (var cluster = FigureCluster.start(peer, directory, 1)) {
            new Run(cluster, peer.title()).start();
        }
    }

    private final class Run {
        private final FigureCluster cluster;
        private final String title;

        Run(FigureCluster cluster, String title) {
            this.cluster = cluster;
            this.title = title;
        }

        void start() {
            try (var client = new FigureClient(cluster.bootstrapServers())) {
                client.awaitBrokers(1);
                client.createFirstTopic(FIRST, 1, 1);
                client.produceToAll(List.of(FIRST), 1, 1);
            }
            for (int i = 0; i < starts; i++) {
                cluster.stop(1);
                timeToServe("start of an empty broker", client -> client.produceToAll(List.of(FIRST), 1, 1));
            }
        }

        /** Two topics that share the partitions of the restart. */
        void createTwo() {
            create("one topic of " + partitions + " partitions", List.of(SECOND), partitions);
            try (var client = new FigureClient(cluster.bootstrapServers())) {
                client.createTopic(THIRD, partitions, 1);
                client.produceToAll(List.of(SECOND, THIRD), partitions, RECORDS);
            }
        }

        void createMany() {
            List<String> names =
                    IntStream.range(0, partitions).mapToObj(i -> MANY + i).toList();
            create(partitions + " topics of one partition", names, 1);
        }

        private void create(String what, List<String> names, int each) {
            try (var client = new FigureClient(cluster.bootstrapServers())) {
                client.produceToAll(List.of(FIRST), 1, 1);
                long start = System.nanoTime();
                client.createTopics(names.stream()
                        .map(name -> new NewTopic(name, each, (short) 1))
                        .toList());
                table.note("create " + what + ", answered, ms", title, since(start));
                client.produceToAll(names, each, 1);
                table.note("create " + what + ", until all take records, ms", title, since(start));
            }
        }

        void restart() {
            String what = "restart with " + 2 * partitions + " partitions ";
            cluster.stop(1);
            timeToServe(what + "after SIGTERM", this::produceToAll);
            noteMemory(2 * partitions + " partitions");
            cluster.kill(1);
            timeToServe(what + "after kill -9, at once", this::produceToAll);
            cluster.kill(1);
            LockSupport.parkNanos(SESSION_IS_OVER.toNanos());
            timeToServe(what + "after kill -9, its session being over", this::produceToAll);
        }

        private void produceToAll(FigureClient client) {
            client.produceToAll(List.of(SECOND, THIRD), partitions, 1);
        }

        /** Starts the broker, again where its process ends by itself, until all partitions take records. */
        void timeToServe(String row, Consumer<FigureClient> produceToAll) {
            try (var client = new FigureClient(cluster.bootstrapServers())) {
                long start = System.nanoTime();
                cluster.launch(1);
                var served = CompletableFuture.runAsync(() -> produceToAll.accept(client));
                Wait.until("the broker serves", SERVE_MAX, () -> {
                    if (!cluster.isAlive(1)) {
                        cluster.launch(1);
                    }
                    return served.isDone();
                });
                await(served);
                table.note(row + ", until all partitions take records, ms", title, since(start));
            }
        }

        void noteMemory(String what) {
            LockSupport.parkNanos(IDLE.toNanos());
            table.note("resident memory, " + what + ", MiB", title, ResidentMemory.megabytes(cluster.pid(1)));
            ResidentMemory.collect(cluster.pid(1));
            LockSupport.parkNanos(IDLE.toNanos());
            table.note(
                    "resident memory, " + what + ", after GC.run, MiB",
                    title,
                    ResidentMemory.megabytes(cluster.pid(1)));
        }
    }

    private static void await(CompletableFuture<Void> done) {
        try {
            done.get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a broker started", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a broker that was started took no records", e);
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
