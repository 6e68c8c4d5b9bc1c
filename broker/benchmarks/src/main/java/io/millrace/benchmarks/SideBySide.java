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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Runs Millrace and Apache Kafka in turn under Kafka's own performance tools and prints the ratios as a table.
 *
 * <p>Each round starts every peer afresh, warms it up and takes each row once; the table shows medians over the rounds.
 * The order of the peers changes from round to round.
 */
public final class SideBySide {
    private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");
    private static final long WARM_UP_RECORDS = 1_000_000;

    private final List<Peer> peers;
    private final String toolsClassPath;
    private final Path directory;
    private final int brokers;
    private final PrintStream out;
    private final Map<Cell, List<Row.Measurement>> measured = new HashMap<>();

    private record Cell(Row row, Peer peer) {}

    private SideBySide(List<Peer> peers, String toolsClassPath, Path directory, int brokers, PrintStream out) {
        this.peers = peers;
        this.toolsClassPath = toolsClassPath;
        this.directory = directory;
        this.brokers = brokers;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        String kafkaClassPath =
                Files.readString(Path.of(required("benchmark.kafka.classpath"))).trim();
        int rounds = Integer.getInteger("benchmark.rounds", 3);
        int brokers = Integer.getInteger("benchmark.brokers", 1);
        double size = Double.parseDouble(System.getProperty("benchmark.size", "1"));
        String kafkaVersion = required("benchmark.kafka.version");
        var comparison = new SideBySide(
                List.of(
                        new MillracePeer(JVM_OPTIONS, Map.of()),
                        new KafkaPeer(kafkaVersion, kafkaClassPath, JVM_OPTIONS, Map.of())),
                kafkaClassPath,
                Path.of(required("benchmark.directory")),
                brokers,
                out);
        String wanted = System.getProperty("benchmark.rows", "");
        List<Row> rows =
                rows(size).stream().filter(row -> row.name().contains(wanted)).toList();
        for (int round = 1; round <= rounds; round++) {
            comparison.round(round, rows);
        }
        comparison.print(rows, rounds);
    }

    private static String required(String key) {
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("the system property " + key + " is missing");
        }
        return value;
    }

    private static List<Row> rows(double size) {
        var rows = new ArrayList<Row>();
        for (int recordBytes : new int[] {100, 1024}) {
            long records = (long) (size * (recordBytes == 100 ? 5_000_000 : 1_000_000));
            for (int partitions : new int[] {1, 12}) {
                for (String acks : new String[] {"1", "all"}) {
                    String what =
                            ", " + recordBytes + " B, " + partitions + (partitions == 1 ? " partition" : " partitions");
                    rows.add(new Row(
                            "produce acks=" + acks + what, Row.Kind.PRODUCE, partitions, recordBytes, acks, records));
                    if (acks.equals("all")) {
                        rows.add(new Row("consume" + what, Row.Kind.CONSUME, partitions, recordBytes, acks, records));
                    }
                }
            }
        }
        rows.add(new Row("end to end acks=all, 100 B", Row.Kind.END_TO_END, 1, 100, "all", (long) (size * 20_000)));
        return rows;
    }

    private void round(int round, List<Row> rows) throws IOException {
        var order = new ArrayList<>(peers);
        if (round % 2 == 0) {
            Collections.reverse(order);
        }
        for (Peer peer : order) {
            Path runDirectory =
                    directory.resolve("round-" + round + "-" + peer.name().replace(' ', '-'));
            try (Peer.Running running = peer.start(runDirectory, brokers)) {
                var tools = new KafkaTools(toolsClassPath, runDirectory);
                warmUp(running, tools);
                for (Row row : rows) {
                    String topic = "t" + rows.indexOf(row);
                    tools.createTopic(running.bootstrapServers(), topic, row.partitions(), Math.min(3, brokers));
                    row.prepare(running, tools, topic);
                    note(round, peer, row, row.measure(running, tools, topic));
                }
            } finally {
                delete(runDirectory);
            }
        }
    }

    private void warmUp(Peer.Running running, KafkaTools tools) {
        tools.createTopic(running.bootstrapServers(), "warm-up", 1, Math.min(3, brokers));
        tools.produce(running.bootstrapServers(), "warm-up", WARM_UP_RECORDS, 100, "all");
        tools.consume(running.bootstrapServers(), "warm-up", WARM_UP_RECORDS);
    }

    private void note(int round, Peer peer, Row row, Row.Measurement measurement) {
        measured.computeIfAbsent(new Cell(row, peer), ignored -> new ArrayList<>())
                .add(measurement);
        out.printf(
                Locale.ROOT,
                "round %d  %-20s %-45s %,12.0f rec/s  average %.2f  p99 %.2f ms  %.3f CPU s/M%n",
                round,
                peer.name(),
                row.name(),
                measurement.recordsPerSecond(),
                measurement.averageMs(),
                measurement.p99Ms(),
                measurement.cpuSecondsPerMillion());
    }

    private void print(List<Row> rows, int rounds) {
        String other = peers.get(1).name();
        out.println();
        out.printf(
                Locale.ROOT,
                "%s, %d broker(s), replication factor %d, %d round(s), medians, %d processors, Java %s, %s%n%n",
                LocalDate.now(ZoneOffset.UTC),
                brokers,
                Math.min(3, brokers),
                rounds,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                String.join(" ", JVM_OPTIONS));
        out.println("| row | Millrace | " + other + " | ratio | broker CPU s per million: Millrace | " + other
                + " | ratio |");
        out.println("|---|---|---|---|---|---|---|");
        for (Row row : rows) {
            boolean isLatency = row.kind() == Row.Kind.END_TO_END;
            printLine(
                    row.name() + (isLatency ? ", average ms" : ", rec/s"),
                    row,
                    isLatency ? Row.Measurement::averageMs : Row.Measurement::recordsPerSecond);
            if (isLatency) {
                printLine(row.name() + ", p99 ms", row, Row.Measurement::p99Ms);
            }
        }
    }

    private void printLine(String name, Row row, ToDoubleFunction<Row.Measurement> figure) {
        double ours = median(row, 0, figure);
        double theirs = median(row, 1, figure);
        double ourCpu = median(row, 0, Row.Measurement::cpuSecondsPerMillion);
        double theirCpu = median(row, 1, Row.Measurement::cpuSecondsPerMillion);
        String format = ours < 1000 ? "%,.2f" : "%,.0f";
        out.printf(
                Locale.ROOT,
                "| %s | " + format + " | " + format + " | %.2f | %.3f | %.3f | %.2f |%n",
                name,
                ours,
                theirs,
                ours / theirs,
                ourCpu,
                theirCpu,
                ourCpu / theirCpu);
    }

    private double median(Row row, int peer, ToDoubleFunction<Row.Measurement> figure) {
        double[] sorted = measured.getOrDefault(new Cell(row, peers.get(peer)), List.of()).stream()
                .mapToDouble(figure)
                .sorted()
                .toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static void delete(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
