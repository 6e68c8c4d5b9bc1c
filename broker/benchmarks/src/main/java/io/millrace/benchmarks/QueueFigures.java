package io.millrace.benchmarks;

import io.millrace.client.Admin;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.testkit.ProcessCluster;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Synchronous sends to 1, 100 and 1,000 queues of one partition, through a broker with {@code flush.policy=journal}: how many are acknowledged, and how
 * often the broker forces a file to the medium. All senders go through all queues in turn; only the number of queues differs from row to row. All queues
 * are there from the beginning, and the rows are passed through several times, so that none profits from its place.
 */
public final class QueueFigures {
    private static final List<String> JVM_OPTIONS = List.of("-Xmx1g", "-XX:+UseG1GC");
    private static final int[] QUEUES = {1, 100, 1_000};
    /** The last of them with each record in a batch of its own: so the number of queues is all that differs. */
    private static final List<Load> LOADS = List.of(new Load(64, false), new Load(1_000, false), new Load(1_000, true));

    /** Applications with a connection each; the senders share them. */
    private static final int CLIENTS = 8;

    private static final int VALUE_BYTES = 1024;
    private static final int CREATED_AT_ONCE = 100;
    private static final Duration CREATE_MAX = Duration.ofSeconds(60);

    private final PrintStream out;
    private final ProcessCluster cluster;
    private final int seconds;
    private final int rounds;
    private final List<String> queues = new ArrayList<>();

    private QueueFigures(PrintStream out, ProcessCluster cluster, int seconds, int rounds) {
        this.out = out;
        this.cluster = cluster;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    /** @param isUnbatched whether records of several senders may not share a batch */
    private record Load(int senders, boolean isUnbatched) {
        ProducerConfiguration producer() {
            var defaults = ProducerConfiguration.defaults();
            return isUnbatched ? defaults.withBatchBytes(1) : defaults;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, isUnbatched ? "%,d, a batch each" : "%,d", senders);
        }
    }

    /** What a row measured in one round, before the forced files are known. */
    private record Pass(SynchronousSends.Result result, Duration brokerCpu, Duration clientCpu) {
        double brokerMicros() {
            return brokerCpu.toNanos() / 1e3 / result.acknowledged();
        }

        double clientMicros() {
            return clientCpu.toNanos() / 1e3 / result.acknowledged();
        }
    }

    /** A row of the table, with what each round measured. */
    private record Row(int queues, Load load, SynchronousSends sends, List<Pass> passes) {
        double median(ToDoubleFunction<Pass> figure) {
            double[] sorted = passes.stream().mapToDouble(figure).sorted().toArray();
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        String each(ToDoubleFunction<Pass> figure) {
            return passes.stream()
                    .map(pass -> String.format(Locale.ROOT, "%,.0f", figure.applyAsDouble(pass)))
                    .collect(Collectors.joining("; "));
        }
    }

    public static void main(String[] arguments) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path directory = Path.of(System.getProperty("benchmark.directory", "target/queues"))
                .resolve("queues");
        delete(directory);
        Files.createDirectories(directory);
        int seconds = Math.max(1, (int) (5 * Double.parseDouble(System.getProperty("benchmark.size", "1"))));
        int rounds = Integer.getInteger("benchmark.rounds", 3);
        var recording = new ForceRecording(directory);
        List<String> jvmOptions = new ArrayList<>(JVM_OPTIONS);
        jvmOptions.addAll(recording.jvmOptions());
        List<Row> rows;
        try (var cluster = ProcessCluster.aCluster(directory.resolve("cluster"))
                .brokers(1)
                .jvmOptions(jvmOptions)
                .start()) {
            rows = new QueueFigures(out, cluster, seconds, rounds).run();
            cluster.stop(1); // writes the recording
        }
        print(out, rows, recording);
        delete(directory);
    }

    private List<Row> run() {
        var rows = new ArrayList<Row>();
        var clients = new ArrayList<ClusterClient>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(ClusterClient.open(
                        ClientConfiguration.of(cluster.bootstrapServers()).withClientId("queues-" + i)));
            }
            create(clients.get(0).admin(), QUEUES[QUEUES.length - 1]);
            for (Load load : LOADS) {
                var producers = clients.stream()
                        .map(client -> client.newProducer(load.producer()))
                        .toList();
                var sends = new SynchronousSends(producers, VALUE_BYTES, Duration.ofSeconds(seconds));
                sends.run(queues, load.senders()); // warms up
                for (int count : QUEUES) {
                    rows.add(new Row(count, load, sends, new ArrayList<>()));
                }
            }
            for (int round = 0; round < rounds; round++) {
                rows.forEach(row -> row.passes().add(pass(row)));
            }
            return rows;
        } finally {
            clients.forEach(ClusterClient::close);
        }
    }

    private Pass pass(Row row) {
        SynchronousSends sends = row.sends();
        List<String> chosen = queues.subList(0, row.queues());
        sends.run(chosen, row.load().senders(), Duration.ofSeconds(1)); // every queue is known and has been written
        Duration broker = cpu(cluster.pid(1));
        Duration client = cpu(ProcessHandle.current().pid());
        SynchronousSends.Result result = sends.run(chosen, row.load().senders());
        var pass = new Pass(
                result,
                cpu(cluster.pid(1)).minus(broker),
                cpu(ProcessHandle.current().pid()).minus(client));
        out.printf(
                Locale.ROOT,
                "%,d queues, %s senders: %,.0f sends/s, CPU us a send: broker %.1f, clients %.1f%n",
                row.queues(),
                row.load(),
                result.acknowledgedPerSecond(),
                pass.brokerMicros(),
                pass.clientMicros());
        return pass;
    }

    private static Duration cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    private void create(Admin admin, int count) {
        while (queues.size() < count) {
            int first = queues.size();
            List<String> names = IntStream.range(first, Math.min(count, first + CREATED_AT_ONCE))
                    .mapToObj(i -> "queue-" + i)
                    .toList();
            CompletableFuture.allOf(names.stream()
                            .map(name -> admin.create(name, DestinationKind.QUEUE, 1, 1, Map.of()))
                            .toArray(CompletableFuture<?>[]::new))
                    .orTimeout(CREATE_MAX.toSeconds(), TimeUnit.SECONDS)
                    .join();
            queues.addAll(names);
        }
    }

    private static void print(PrintStream out, List<Row> rows, ForceRecording recording) {
        out.printf(
                Locale.ROOT,
                "%n%s, one broker, values of %,d B, %d processors, Java %s, %s%n%n",
                LocalDate.now(ZoneOffset.UTC),
                VALUE_BYTES,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                String.join(" ", JVM_OPTIONS));
        out.println(
                "| queues | senders | acknowledged sends a second: median (each round) | fsyncs a second | sends for one fsync"
                        + " | p50 ms | p99 ms | broker CPU us a send | clients' CPU us a send |");
        out.println("|---|---|---|---|---|---|---|---|---|");
        for (Row row : rows) {
            ToDoubleFunction<Pass> forces = pass ->
                    recording.between(pass.result().start(), pass.result().end());
            out.printf(
                    Locale.ROOT,
                    "| %,d | %s | %,.0f (%s) | %,.0f | %.1f | %.1f | %.1f | %.1f | %.1f |%n",
                    row.queues(),
                    row.load(),
                    row.median(pass -> pass.result().acknowledgedPerSecond()),
                    row.each(pass -> pass.result().acknowledgedPerSecond()),
                    row.median(
                            pass -> forces.applyAsDouble(pass) / pass.result().seconds()),
                    row.median(pass -> pass.result().acknowledged() / forces.applyAsDouble(pass)),
                    row.median(pass -> pass.result().p50Ms()),
                    row.median(pass -> pass.result().p99Ms()),
                    row.median(Pass::brokerMicros),
                    row.median(Pass::clientMicros));
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + directory, e);
        }
    }
}
