package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka Connect in distributed mode: two workers carry lines from a file through a topic to another file, with sources that write exactly once; one worker is
 * killed, and a broker.
 */
class ConnectIT {
    private static final String VERSION =
            System.getProperty("kafka.streams.version"); // all parts are released together
    private static final String TOPIC = "lines";
    private static final int LINES = 500;
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(90);

    /** A worker and its address. */
    private record Worker(JavaProcess process, URI rest) {}

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static List<Worker> workers = List.of();

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                .with("group.initial.rebalance.delay.ms", "0")
                .start();
        cluster.createTopic(TOPIC, 1, 3);
        workers = List.of(worker("w1"), worker("w2"));
        for (Worker worker : workers) {
            worker.process().awaitListening(worker.rest().getPort(), START_MAX);
        }
    }

    private static Worker worker(String name) throws IOException {
        int port = Ports.free();
        var rest = URI.create("http://127.0.0.1:" + port);
        Path settings = directory.resolve(name + ".properties");
        Files.write(
                settings,
                List.of(
                        "bootstrap.servers=" + cluster.bootstrapServers(),
                        "group.id=connect",
                        "listeners=" + rest,
                        "key.converter=org.apache.kafka.connect.storage.StringConverter",
                        "value.converter=org.apache.kafka.connect.storage.StringConverter",
                        "config.storage.topic=connect-configs",
                        "offset.storage.topic=connect-offsets",
                        "offset.storage.partitions=3",
                        "status.storage.topic=connect-status",
                        "status.storage.partitions=3",
                        "exactly.once.source.support=enabled",
                        "scheduled.rebalance.max.delay.ms=1000",
                        "session.timeout.ms=6000",
                        "heartbeat.interval.ms=500",
                        "consumer.session.timeout.ms=6000",
                        "consumer.auto.offset.reset=earliest",
                        "offset.flush.interval.ms=500"));
        var process = JavaProcess.startWith(
                ReleasedJars.classPath(VERSION),
                name,
                directory.resolve(name + ".out"),
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                "org.apache.kafka.connect.cli.ConnectDistributed",
                List.of(settings.toString()));
        return new Worker(process, rest);
    }

    @AfterAll
    static void stop() {
        workers.stream().map(Worker::process).filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void linesOfAFileReachAnotherThroughWorkersAndBrokersThatDie() throws Exception {
        Path from = directory.resolve("from.txt");
        Path to = directory.resolve("to.txt");
        List<String> sent = new ArrayList<>(append(from, "first"));
        create(
                "source",
                Map.of(
                        "connector.class",
                        "FileStreamSource",
                        "file",
                        from.toString(),
                        "topic",
                        TOPIC,
                        "batch.size",
                        "50"));
        create("sink", Map.of("connector.class", "FileStreamSink", "file", to.toString(), "topics", TOPIC));
        awaitLines(to, sent);

        String holder = awaitRunning("source");
        Worker victim = workers.stream()
                .filter(worker -> worker.rest().getAuthority().equals(holder))
                .findFirst()
                .orElseThrow();
        victim.process().kill();
        sent.addAll(append(from, "second"));
        awaitLines(to, sent);

        cluster.kill(cluster.leaderOf(TOPIC, 0));
        sent.addAll(append(from, "third"));
        awaitLines(to, sent);

        assertThat(committed(sent.size())).as("what the source wrote").containsExactlyElementsOf(sent);
    }

    private static List<String> append(Path file, String name) throws IOException {
        List<String> lines =
                IntStream.range(0, LINES).mapToObj(i -> name + " line " + i).toList();
        Files.write(file, lines, CREATE, APPEND);
        return lines;
    }

    private void create(String name, Map<String, String> settings) {
        String fields = settings.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                .reduce("\"tasks.max\":\"1\"", (one, other) -> one + "," + other);
        HttpRequest request = HttpRequest.newBuilder(rest().resolve("/connectors"))
                .timeout(START_MAX)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\",\"config\":{" + fields + "}}"))
                .build();
        Wait.until("connector " + name + " is taken", START_MAX, () -> {
            HttpResponse<String> response = ask(request);
            boolean isRebalancing = response.statusCode() == 404 || response.statusCode() == 409;
            assertThat(isRebalancing || response.statusCode() == 201)
                    .as(response.body())
                    .isTrue();
            return !isRebalancing;
        });
    }

    private static URI rest() {
        return workers.stream()
                .filter(worker -> worker.process().isAlive())
                .findFirst()
                .orElseThrow()
                .rest();
    }

    /** The worker that runs the connector's task. */
    private String awaitRunning(String connector) {
        String[] holder = {""};
        Wait.until("the task of " + connector + " runs", PROGRESS_MAX, () -> {
            String status = get("/connectors/" + connector + "/status");
            String task = status.substring(Math.max(0, status.indexOf("\"tasks\"")));
            holder[0] = task.replaceAll("(?s).*\"worker_id\":\"([^\"]+)\".*", "$1");
            return task.contains("RUNNING");
        });
        return holder[0];
    }

    private String get(String path) {
        return ask(HttpRequest.newBuilder(rest().resolve(path))
                        .timeout(START_MAX)
                        .build())
                .body();
    }

    private HttpResponse<String> ask(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for " + request.uri(), e);
        }
    }

    /** A sink may write a line again after it was killed, but leaves none out. */
    private static void awaitLines(Path file, List<String> lines) {
        Wait.until(lines.size() + " lines are in " + file, PROGRESS_MAX, () -> {
            try {
                return Files.exists(file) && new HashSet<>(Files.readAllLines(file)).containsAll(lines);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static List<String> committed(int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                cluster.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            Wait.until(count + " records up to offset " + end + " are read", PROGRESS_MAX, () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return consumer.position(partition) >= end;
            });
        }
        return values;
    }
}
