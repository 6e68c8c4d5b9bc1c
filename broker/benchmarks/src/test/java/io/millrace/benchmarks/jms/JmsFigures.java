package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.MillracePeer;
import io.millrace.benchmarks.Peer;
import io.millrace.benchmarks.figures.RatioTable;
import io.millrace.testkit.JavaProcess;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs Millrace and ActiveMQ Artemis under the same Jakarta Messaging program and prints a table of ratios. Both force every write.
 *
 * <p>Each round starts the brokers afresh. They stay up together and take turns row by row; who is first changes from row to row. With more than one
 * broker only Millrace runs, with a replica on each of three. A row that meets an error, or whose count turns out to be wrong, has no figure and makes the run
 * fail.
 */
public final class JmsFigures {
    private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");
    private static final Duration PASS_MAX = Duration.ofMinutes(5);

    private final PrintStream out;
    private final Path directory;
    private final double size;
    private final int brokers;
    private final List<Row> rows;
    private final RatioTable table;

    /** A peer that runs. */
    private record Target(JmsPeer peer, Peer.Running running) {}

    private JmsFigures(PrintStream out, Path directory, double size, int brokers, List<Row> rows, RatioTable table) {
        this.out = out;
        this.directory = directory;
        this.size = size;
        this.brokers = brokers;
        this.rows = rows;
        this.table = table;
    }

    public static void main(String[] arguments) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        int rounds = Integer.getInteger("benchmark.rounds", 3);
        int brokers = Integer.getInteger("benchmark.brokers", 1);
        String wantedRows = System.getProperty("benchmark.rows", "");
        String wantedPeers = System.getProperty("benchmark.peers", "");
        List<JmsPeer> peers = peers(brokers).stream()
                .filter(peer -> peer.name().contains(wantedPeers))
                .toList();
        var table = new RatioTable(out, peers.stream().map(JmsPeer::name).toList());
        var figures = new JmsFigures(
                out,
                Path.of(required("benchmark.directory")).resolve("jms"),
                Double.parseDouble(System.getProperty("benchmark.size", "1")),
                brokers,
                Rows.ALL.stream()
                        .filter(row -> row.name().contains(wantedRows) && (brokers == 1 || row.isForClusters()))
                        .toList(),
                table);
        double loadBefore = loadAverage();
        for (int round = 1; round <= rounds; round++) {
            figures.round(round, peers);
        }
        out.printf(
                Locale.ROOT,
                "%n%s, %d broker(s), %d round(s), medians, size %s, %d processors, load average before %.1f, Java %s, %s%n",
                LocalDate.now(ZoneOffset.UTC),
                brokers,
                rounds,
                figures.size,
                Runtime.getRuntime().availableProcessors(),
                loadBefore,
                System.getProperty("java.version"),
                String.join(" ", JVM_OPTIONS));
        table.print();
        System.exit(table.hasFailures() ? 1 : 0);
    }

    private static List<JmsPeer> peers(int brokers) throws IOException {
        Map<String, String> forced = Map.of("flush.policy", "journal", "min.insync.replicas", brokers >= 3 ? "2" : "1");
        var peers = new ArrayList<JmsPeer>();
        peers.add(JmsPeer.millrace(new MillracePeer(JVM_OPTIONS, forced), System.getProperty("java.class.path")));
        if (brokers == 1) {
            String artemis = Files.readString(Path.of(required("benchmark.artemis.classpath")))
                    .trim();
            peers.add(JmsPeer.artemis(
                    new ArtemisPeer(required("benchmark.artemis.version"), artemis, JVM_OPTIONS),
                    required("benchmark.program.classpath") + ":" + artemis));
        }
        return peers;
    }

    private static String required(String key) {
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("the system property " + key + " is missing");
        }
        return value;
    }

    private static double loadAverage() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private void round(int round, List<JmsPeer> peers) throws IOException {
        List<Target> targets = new ArrayList<>();
        delete(directory);
        try {
            for (JmsPeer peer : peers) {
                targets.add(new Target(peer, peer.peer().start(folder(peer), brokers)));
            }
            for (int i = 0; i < rows.size(); i++) {
                var order = new ArrayList<>(targets);
                Collections.rotate(order, round + i);
                for (Target target : order) {
                    measure(rows.get(i), target, "r" + round + "-" + i);
                }
            }
        } finally {
            targets.forEach(target -> target.running().close());
        }
        if (!table.hasFailures()) {
            delete(directory); // what a failure left behind is kept to be looked at
        }
    }

    private Path folder(JmsPeer peer) {
        return directory.resolve(peer.name().replace(' ', '-'));
    }

    private void measure(Row row, Target target, String label) throws IOException {
        JmsPeer peer = target.peer();
        List<String> arguments = new ArrayList<>(List.of(
                peer.contextFactory(),
                String.format(
                        Locale.ROOT, peer.addressFormat(), target.running().bootstrapServers()),
                row.name(),
                Double.toString(size),
                label));
        target.running().brokers().forEach(broker -> arguments.add(Long.toString(broker.pid())));
        Path output = folder(peer).resolve(label + ".out");
        JavaProcess program = JavaProcess.startWith(
                peer.clientClassPath(), "the program", output, JVM_OPTIONS, JmsProgram.class.getName(), arguments);
        try {
            int status = program.awaitExit(PASS_MAX);
            List<String> lines = Files.readAllLines(output);
            if (status == 0) {
                table.note(row.name(), peer.name(), JmsProgram.parse(lines));
            } else {
                table.failed(row.name(), peer.name(), reason(lines, output));
            }
        } catch (IllegalStateException e) {
            table.failed(row.name(), peer.name(), String.valueOf(e.getMessage()));
        } finally {
            program.kill();
        }
    }

    private static String reason(List<String> lines, Path output) {
        return lines.stream()
                .filter(line -> line.startsWith("Exception in thread \"main\""))
                .findFirst()
                .orElse("the program failed; its output is in " + output);
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
