package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.KafkaPeer;
import io.millrace.benchmarks.KafkaRaftPeer;
import io.millrace.benchmarks.MillracePeer;
import io.millrace.benchmarks.Peer;
import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.RatioTable;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Runs Millrace, Apache Kafka with ZooKeeper and Apache Kafka without it under the same kafka-clients in this process, and prints a table of ratios.
 *
 * <p>Each round starts all peers afresh. They stay up together and take turns row by row, so that what else the machine does hits all of them; who is
 * first changes from row to row. A row that meets an error, or whose count turns out to be wrong, has no figure and makes the run fail.
 */
public final class EcosystemFigures {
    private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");
    private static final Duration PASS_MAX = Duration.ofSeconds(90);
    private static final double WARM_UP_SIZE = 0.2;
    private static final long WARM_UP_RECORDS = 2_000_000;

    private final PrintStream out;
    private final Path directory;
    private final double size;
    private final List<Scenario> scenarios;
    private final RatioTable table;
    private final ExecutorService passes = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "pass");
        thread.setDaemon(true);
        return thread;
    });

    private EcosystemFigures(PrintStream out, Path directory, double size, List<Scenario> scenarios, RatioTable table) {
        this.out = out;
        this.directory = directory;
        this.size = size;
        this.scenarios = scenarios;
        this.table = table;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path directory = Path.of(required("benchmark.directory")).resolve("ecosystem");
        int rounds = Integer.getInteger("benchmark.rounds", 3);
        String wanted = System.getProperty("benchmark.rows", "");
        String wantedPeers = System.getProperty("benchmark.peers", "");
        List<Peer> peers = peers().stream()
                .filter(peer -> peer.name().contains(wantedPeers))
                .toList();
        var table = new RatioTable(out, peers.stream().map(Peer::name).toList());
        var figures = new EcosystemFigures(
                out,
                directory,
                Double.parseDouble(System.getProperty("benchmark.size", "1")),
                scenarios().stream()
                        .filter(scenario -> scenario.name().contains(wanted))
                        .toList(),
                table);
        double loadBefore = loadAverage();
        for (int round = 1; round <= rounds; round++) {
            figures.round(round, peers);
        }
        out.printf(
                Locale.ROOT,
                "%n%s, one broker each, %d round(s), medians, size %s, kafka-clients %s, %d processors, load average before %.1f, Java %s, %s%n",
                LocalDate.now(ZoneOffset.UTC),
                rounds,
                figures.size,
                System.getProperty("benchmark.clients", "?"),
                Runtime.getRuntime().availableProcessors(),
                loadBefore,
                System.getProperty("java.version"),
                String.join(" ", JVM_OPTIONS));
        table.print();
        System.exit(table.hasFailures() ? 1 : 0); // a client that hangs does not keep the run from ending
    }

    private static List<Peer> peers() throws IOException {
        Map<String, String> transactions = Map.of(
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "8");
        String heartbeat = Integer.toString(RebalanceScenario.HEARTBEAT_MS);
        Map<String, String> newest = new HashMap<>(transactions);
        newest.put("group.consumer.heartbeat.interval.ms", heartbeat);
        newest.put("group.consumer.assignment.interval.ms", "0"); // would have every rebalance wait for a second
        newest.put("group.consumer.min.heartbeat.interval.ms", heartbeat);
        Map<String, String> ours = new HashMap<>(transactions);
        ours.put("group.consumer.heartbeat.interval.ms", heartbeat);
        ours.put("group.initial.rebalance.delay.ms", "0");
        return List.of(
                new MillracePeer(JVM_OPTIONS, ours),
                new KafkaPeer(
                        required("benchmark.kafka.version"), classPath("benchmark.kafka"), JVM_OPTIONS, transactions),
                new KafkaRaftPeer(
                        required("benchmark.kafka4.version"), classPath("benchmark.kafka4"), JVM_OPTIONS, newest));
    }

    private static List<Scenario> scenarios() {
        return List.of(
                ProduceScenario.idempotent(100, 12, 5_000_000),
                ProduceScenario.idempotent(1024, 12, 600_000),
                ProduceScenario.compressed("lz4", 1024, 12, 1_000_000),
                ProduceScenario.compressed("zstd", 1024, 12, 1_000_000),
                ProduceScenario.compressed("gzip", 1024, 12, 1_000_000),
                new TransactionScenario(1),
                new TransactionScenario(8),
                new GroupScenario(1),
                new GroupScenario(4),
                new GroupScenario(16),
                new RebalanceScenario(false),
                new RebalanceScenario(true),
                new CommitScenario(true),
                new CommitScenario(false),
                new ConnectionsScenario(),
                new FixedRateScenario());
    }

    private static String required(String key) {
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("the system property " + key + " is missing");
        }
        return value;
    }

    private static String classPath(String peer) throws IOException {
        return Files.readString(Path.of(required(peer + ".classpath"))).trim();
    }

    private static double loadAverage() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private void round(int round, List<Peer> peers) throws IOException, InterruptedException {
        List<Target> targets = new ArrayList<>();
        delete(directory);
        try {
            for (Peer peer : peers) {
                Path folder = directory.resolve(peer.name().replace(' ', '-'));
                targets.add(new Target(peer, peer.start(folder, 1)));
            }
            long start = System.nanoTime();
            for (Target target : targets) {
                warmUp(target, round);
            }
            for (int i = 0; i < scenarios.size(); i++) {
                var order = new ArrayList<>(targets);
                Collections.rotate(order, round + i);
                for (Target target : order) {
                    measure(scenarios.get(i), target, "r" + round + "-" + i);
                }
            }
            out.printf(
                    Locale.ROOT,
                    "round %d: %d s, load average %.1f%n",
                    round,
                    (System.nanoTime() - start) / 1_000_000_000,
                    loadAverage());
        } finally {
            targets.forEach(Target::close);
            delete(directory);
        }
    }

    /** A broker that has just started is not yet what it will be; the first row is not to pay for that. */
    private void warmUp(Target target, int round) throws InterruptedException {
        ProduceScenario.idempotent(100, 12, WARM_UP_RECORDS)
                .run(target, new Effort(Math.min(1, size), "r" + round + "-started"));
    }

    private void measure(Scenario scenario, Target target, String label) throws InterruptedException {
        if (!scenario.isServedBy(target)) {
            return;
        }
        Future<Measured> pass = passes.submit(() -> {
            target.checkAlive();
            scenario.warmUp(target, new Effort(size * WARM_UP_SIZE, label + "-warm-up"));
            System.gc(); // what one row leaves behind is not collected in the next
            return scenario.run(target, new Effort(size, label));
        });
        try {
            table.note(scenario.name(), target.name(), pass.get(PASS_MAX.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            table.failed(scenario.name(), target.name(), String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            pass.cancel(true);
            table.failed(scenario.name(), target.name(), "it took more than " + PASS_MAX);
        }
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
