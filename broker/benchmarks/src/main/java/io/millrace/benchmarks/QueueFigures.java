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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Synchronous sends to 1, 100 and 1,000 queues of one partition, through a broker with {@code flush.policy=journal}: how many are acknowledged, and how
 * often the broker forces a file to the medium. All senders go through all queues in turn; only the number of queues differs from row to row.
 */
public final class QueueFigures {
    private static final List<String> JVM_OPTIONS = List.of("-Xmx1g", "-XX:+UseG1GC");
    private static final int[] QUEUES = {1, 100, 1_000};
    private static final int[] SENDERS = {64, 1_000};
    /** Applications with a connection each; the senders share them. */
    private static final int CLIENTS = 8;

    private static final int VALUE_BYTES = 1024;
    private static final int CREATED_AT_ONCE = 100;
    private static final Duration CREATE_MAX = Duration.ofSeconds(60);

    private final PrintStream out;
    private final ProcessCluster cluster;
    private final int seconds;
    private final List<String> queues = new ArrayList<>();

    private QueueFigures(PrintStream out, ProcessCluster cluster, int seconds) {
        this.out = out;
        this.cluster = cluster;
        this.seconds = seconds;
    }

    /** What a row measured, before the forced files are known. */
    private record Row(int queues, int senders, SynchronousSends.Result result, Duration cpu) {}

    public static void main(String[] arguments) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path directory = Path.of(System.getProperty("benchmark.directory", "target/queues"))
                .resolve("queues");
        delete(directory);
        Files.createDirectories(directory);
        int seconds = Math.max(1, (int) (5 * Double.parseDouble(System.getProperty("benchmark.size", "1"))));
        var recording = new ForceRecording(directory);
        List<String> jvmOptions = new ArrayList<>(JVM_OPTIONS);
        jvmOptions.addAll(recording.jvmOptions());
        List<Row> rows;
        try (var cluster = ProcessCluster.aCluster(directory.resolve("cluster"))
                .brokers(1)
                .jvmOptions(jvmOptions)
                .start()) {
            rows = new QueueFigures(out, cluster, seconds).run();
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
            var producers = clients.stream()
                    .map(client -> client.newProducer(ProducerConfiguration.defaults()))
                    .toList();
            var sends = new SynchronousSends(producers, VALUE_BYTES, Duration.ofSeconds(seconds));
            create(clients.get(0).admin(), QUEUES[0]);
            sends.run(queues, SENDERS[0]); // warms up
            for (int count : QUEUES) {
                create(clients.get(0).admin(), count);
                for (int senders : SENDERS) {
                    rows.add(row(sends, senders));
                }
            }
            producers.forEach(producer -> producer.close(Duration.ofSeconds(5)));
            return rows;
        } finally {
            clients.forEach(ClusterClient::close);
        }
    }

    private Row row(SynchronousSends sends, int senders) {
        sends.run(queues, senders, Duration.ofSeconds(1)); // every queue is known and has been written
        Duration before = cpu();
        SynchronousSends.Result result = sends.run(queues, senders);
        var row = new Row(queues.size(), senders, result, cpu().minus(before));
        out.printf(
                Locale.ROOT,
                "%,d queues, %,d senders: %,.0f sends/s%n",
                row.queues(),
                senders,
                result.acknowledgedPerSecond());
        return row;
    }

    private Duration cpu() {
        return ProcessHandle.of(cluster.pid(1))
                .flatMap(broker -> broker.info().totalCpuDuration())
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
                "| queues | senders | acknowledged sends a second | fsyncs a second | sends for one fsync | p50 ms | p99 ms"
                        + " | broker CPU us a send |");
        out.println("|---|---|---|---|---|---|---|---|");
        for (Row row : rows) {
            SynchronousSends.Result result = row.result();
            double forces = recording.between(result.start(), result.end());
            out.printf(
                    Locale.ROOT,
                    "| %,d | %,d | %,.0f | %,.0f | %.1f | %.1f | %.1f | %.0f |%n",
                    row.queues(),
                    row.senders(),
                    result.acknowledgedPerSecond(),
                    forces / result.seconds(),
                    result.acknowledged() / forces,
                    result.p50Ms(),
                    result.p99Ms(),
                    row.cpu().toNanos() / 1e3 / result.acknowledged());
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
