package io.millrace.benchmarks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The cluster figures of Millrace and Apache Kafka in turn, under one client: gaps of service, creation of partitions, starts, memory.
 *
 * <p>Each round starts every peer afresh; the table shows medians. The order of the peers changes from round to round.
 */
public final class ClusterFigures {
    private static final int EQUAL_SESSION_TIMEOUT_MS = 6_000;
    private static final int PARTITIONS = 1_000;
    private static final int STARTS = 2;
    private static final int MORE_STARTS = 4;
    private static final int STOPS = 2;

    private final FigureTable table;
    private final Path directory;
    private final String parts;
    private final double size;

    private ClusterFigures(FigureTable table, Path directory, String parts, double size) {
        this.table = table;
        this.directory = directory;
        this.parts = parts;
        this.size = size;
    }

    public static void main(String[] arguments) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        String kafkaClassPath =
                Files.readString(Path.of(required("benchmark.kafka.classpath"))).trim();
        int rounds = Integer.getInteger("benchmark.rounds", 3);
        var table = new FigureTable(out);
        var figures = new ClusterFigures(
                table,
                Path.of(required("benchmark.directory")),
                System.getProperty("benchmark.parts", "partitions,failover,defaults"),
                Double.parseDouble(System.getProperty("benchmark.size", "1")));
        Path home = figures.directory.resolve("distribution");
        delete(home);
        MillraceDistribution.unpack(Path.of(required("benchmark.distribution")), home);
        var millrace = FigurePeer.millrace(home, FigureCluster.JVM_OPTIONS);
        var kafka = FigurePeer.kafka(required("benchmark.kafka.version"), kafkaClassPath, FigureCluster.JVM_OPTIONS);
        Path firstStart = figures.directory.resolve("first-start");
        delete(firstStart);
        MillraceDistribution.startOnce(millrace, home, firstStart);
        for (int round = 1; round <= rounds; round++) {
            var order = new ArrayList<>(List.of(millrace, kafka));
            if (round % 2 == 0) {
                Collections.reverse(order);
            }
            for (FigurePeer peer : order) {
                figures.round(round, peer);
            }
        }
        out.printf(
                "%n%s, %d round(s), medians, %d processors, Java %s, %s%n",
                LocalDate.now(ZoneOffset.UTC),
                rounds,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                String.join(" ", FigureCluster.JVM_OPTIONS));
        table.print(millrace.title(), kafka.title());
    }

    private static String required(String key) {
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("the system property " + key + " is missing");
        }
        return value;
    }

    private void round(int round, FigurePeer peer) throws IOException {
        Path folder = directory.resolve(peer.title().replace(' ', '-') + "-" + round);
        delete(folder);
        if (parts.contains("partitions")) {
            new PartitionFigures(table, (int) (PARTITIONS * size), STARTS).run(peer, folder.resolve("partitions"));
        }
        if (parts.contains("starts")) {
            new PartitionFigures(table, 0, MORE_STARTS).runStarts(peer, folder.resolve("starts"));
        }
        if (parts.contains("failover")) {
            var failover = new FailoverFigures(table, STOPS, (int) (PARTITIONS * size));
            failover.run(
                    peer.withSessionTimeoutMs(EQUAL_SESSION_TIMEOUT_MS), folder.resolve("equal"), "sessions of 6 s");
        }
        if (parts.contains("defaults")) {
            new FailoverFigures(table, 1, 0).run(peer, folder.resolve("defaults"), "each peer's default session");
        }
        delete(folder);
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
