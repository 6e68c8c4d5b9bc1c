package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's VerifiableProducer and VerifiableConsumer while each broker is killed in turn. */
@Tag("drivers")
class VerifiableProgramsIT {
    private static final int PARTITIONS = 4;
    private static final int RECORDS_BETWEEN_FAULTS = 1_500;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static SystemTestPrograms programs;

    private final List<JavaProcess> started = new ArrayList<>();

    @BeforeAll
    static void start() {
        programs = new SystemTestPrograms(directory);
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                .with("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void killWhatStillRuns() {
        started.stream().filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
    }

    /** A record that a program tells of, at its place. */
    private record Place(int partition, long offset) {
        static Place of(String event) {
            return new Place(
                    Integer.parseInt(PrintedLines.field(event, "partition")),
                    Long.parseLong(PrintedLines.field(event, "offset")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void whatIsAcknowledgedIsReadOnceAndInOrderWhileEachBrokerIsKilled(String protocol) {
        String topic = "verified-" + protocol;
        cluster.createTopic(topic, PARTITIONS, 3);
        JavaProcess sender = producer(topic);
        List<JavaProcess> readers = List.of(consumer(topic, protocol, "first"), consumer(topic, protocol, "second"));
        var sent = new PrintedLines(sender.output());
        List<PrintedLines> read = readers.stream()
                .map(reader -> new PrintedLines(reader.output()))
                .toList();
        awaitProgress(sent, read);
        for (int id : cluster.brokerIds()) {
            cluster.kill(id);
            awaitProgress(sent, read);
            cluster.start(id);
            cluster.awaitInSync(topic);
            cluster.awaitInSync("__consumer_offsets");
            awaitProgress(sent, read);
        }

        sender.stop(PROGRESS_MAX);
        Wait.until("all that was acknowledged is read", PROGRESS_MAX, () -> consumed(read) >= acknowledged(sent));
        readers.forEach(reader -> reader.stop(PROGRESS_MAX));

        System.out.println(topic + ": " + acknowledged(sent) + " acknowledged, " + consumed(read) + " read, "
                + rebalances(read) + " assignments");
        check(sent, read);
    }

    private JavaProcess producer(String topic) {
        String settings = programs.settings(
                "producer.properties",
                List.of("enable.idempotence=true", "retries=2147483647", "request.timeout.ms=10000"));
        return started(programs.tool(
                "producer-" + topic,
                "VerifiableProducer",
                List.of(
                        "--bootstrap-server",
                        cluster.bootstrapServers(),
                        "--topic",
                        topic,
                        "--throughput",
                        "1000",
                        "--command-config",
                        settings)));
    }

    private JavaProcess consumer(String topic, String protocol, String name) {
        return started(programs.tool(
                "consumer-" + name + "-" + topic,
                "VerifiableConsumer",
                List.of(
                        "--bootstrap-server",
                        cluster.bootstrapServers(),
                        "--topic",
                        topic,
                        "--group-id",
                        "readers-" + protocol,
                        "--group-protocol",
                        protocol,
                        "--reset-policy",
                        "earliest",
                        "--verbose")));
    }

    private JavaProcess started(JavaProcess process) {
        started.add(process);
        return process;
    }

    private static void awaitProgress(PrintedLines sent, List<PrintedLines> read) {
        long wantedSent = acknowledged(sent) + RECORDS_BETWEEN_FAULTS;
        Wait.until("more is acknowledged", PROGRESS_MAX, () -> acknowledged(sent) >= wantedSent);
        Wait.until("that is read", PROGRESS_MAX, () -> consumed(read) >= wantedSent);
    }

    private static long acknowledged(PrintedLines sent) {
        return sent.count("\"producer_send_success\"");
    }

    private static long consumed(List<PrintedLines> read) {
        return read.stream().mapToLong(lines -> lines.count("\"record_data\"")).sum();
    }

    private static long rebalances(List<PrintedLines> read) {
        return read.stream()
                .mapToLong(lines -> lines.count("\"partitions_assigned\""))
                .sum();
    }

    private static void check(PrintedLines sent, List<PrintedLines> read) {
        assertThat(sent.events("producer_send_error"))
                .as("what was not sent, but for the record that its end met")
                .allMatch(failure -> failure.contains("IllegalStateException"));
        Map<Place, String> acknowledged = new HashMap<>();
        sent.events("producer_send_success")
                .forEach(event -> assertThat(acknowledged.put(Place.of(event), PrintedLines.field(event, "value")))
                        .as("acknowledged at the same place as %s", event)
                        .isNull());
        Map<Place, String> consumed = new HashMap<>();
        read.forEach(lines -> collect(lines.events("record_data"), consumed));
        assertThat(consumed).as("what was read").containsExactlyInAnyOrderEntriesOf(acknowledged);
        checkOrder(acknowledged);
    }

    /** What one consumer has read, in order in each partition, and nobody before it. */
    private static void collect(List<String> events, Map<Place, String> consumed) {
        Map<Integer, Long> last = new HashMap<>();
        for (String event : events) {
            Place place = Place.of(event);
            assertThat(consumed.put(place, PrintedLines.field(event, "value")))
                    .as("read twice: %s", event)
                    .isNull();
            Long before = last.put(place.partition(), place.offset());
            assertThat(before == null || before < place.offset())
                    .as("read after offset %d: %s", before, event)
                    .isTrue();
        }
    }

    /** The producer numbers its values. */
    private static void checkOrder(Map<Place, String> records) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var values = new TreeMap<Long, Long>();
            int wanted = partition;
            records.forEach((place, value) -> {
                if (place.partition() == wanted) {
                    values.put(place.offset(), Long.parseLong(value));
                }
            });
            assertThat(List.copyOf(values.values()))
                    .as("the values of partition %d in the order of their offsets", partition)
                    .isSorted();
        }
    }
}
