package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's TransactionalMessageCopier, which aborts a third of its transactions, while brokers and copiers are killed. */
@Tag("drivers")
class TransactionalCopierIT {
    private static final int PARTITIONS = 2;
    private static final int RECORDS = 20_000;
    private static final int RECORDS_OF_A_TRANSACTION = 10;
    private static final int RECORDS_BETWEEN_FAULTS = 300;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);
    private static final Duration COPY_MAX = Duration.ofSeconds(180);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static SystemTestPrograms programs;

    private final List<JavaProcess> copiers = new ArrayList<>();
    private boolean inGroup;
    private String input = "";
    private String output = "";

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
        copiers.stream().filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
    }

    /** Either a copier is told its partition, or all of a group share them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theOutputIsTheInputWhileEachBrokerAndEachCopierIsKilled(boolean group) {
        inGroup = group;
        input = group ? "input-shared" : "input";
        output = group ? "output-shared" : "output";
        cluster.createTopic(input, PARTITIONS, 3);
        cluster.createTopic(output, PARTITIONS, 3);
        fill();
        IntStream.range(0, PARTITIONS).forEach(index -> copiers.add(copier(index)));
        try (var copied = new Committed(output)) {
            copied.awaitMore();
            for (int id : cluster.brokerIds()) {
                cluster.kill(id);
                copied.awaitMore();
                cluster.start(id);
                cluster.awaitInSync(output);
                cluster.awaitInSync("__consumer_offsets");
                cluster.awaitInSync("__transaction_state");
                copied.awaitMore();
            }
            for (int index = 0; index < PARTITIONS; index++) {
                copiers.get(index).kill();
                copiers.set(index, copier(index));
                copied.awaitMore();
            }
            System.out.println(output + ": " + copied.count() + " records were copied before the last fault");
            assertThat(copied.count())
                    .as("the faults came while there was something to copy")
                    .isLessThan(RECORDS);
            copiers.forEach(copier -> assertThat(copier.awaitExit(COPY_MAX))
                    .as("exit status of a copier; its output is in %s", copier.output())
                    .isZero());

            try (var original = new Committed(input)) {
                original.awaitCount(RECORDS);
                copied.awaitCount(RECORDS);
                copied.awaitEnd();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    assertThat(copied.values(partition))
                            .as("copies in partition %d", partition)
                            .containsExactlyElementsOf(original.values(partition));
                }
            }
        }
    }

    private void fill() {
        JavaProcess producer = programs.tool(
                "producer-" + input,
                "VerifiableProducer",
                List.of(
                        "--bootstrap-server",
                        cluster.bootstrapServers(),
                        "--topic",
                        input,
                        "--max-messages",
                        Integer.toString(RECORDS)));
        assertThat(producer.awaitExit(PROGRESS_MAX)).isZero();
        assertThat(new PrintedLines(producer.output()).count("\"producer_send_success\""))
                .isEqualTo(RECORDS);
    }

    private JavaProcess copier(int index) {
        var arguments = new ArrayList<>(List.of(
                "--broker-list",
                cluster.bootstrapServers(),
                "--input-topic",
                input,
                "--input-partition",
                Integer.toString(index),
                "--output-topic",
                output,
                "--consumer-group",
                "copiers-of-" + input,
                "--transactional-id",
                input + "-" + index,
                "--transaction-size",
                Integer.toString(RECORDS_OF_A_TRANSACTION),
                "--transaction-timeout",
                "10000",
                "--use-group-metadata",
                "--enable-random-aborts"));
        if (inGroup) {
            arguments.add("--group-mode");
        }
        return programs.tool(input + "-copier-" + index, "TransactionalMessageCopier", arguments);
    }

    /** What is committed of a topic. */
    private static final class Committed implements AutoCloseable {
        private final String topic;
        private final List<TopicPartition> partitions;
        private final KafkaConsumer<String, String> consumer;
        private final List<List<String>> values = IntStream.range(0, PARTITIONS)
                .<List<String>>mapToObj(index -> new ArrayList<>())
                .toList();

        Committed(String topic) {
            this.topic = topic;
            this.partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> new TopicPartition(topic, index))
                    .toList();
            Map<String, Object> settings = Map.of(
                    "bootstrap.servers",
                    cluster.bootstrapServers(),
                    "isolation.level",
                    "read_committed",
                    "auto.offset.reset",
                    "earliest",
                    "enable.auto.commit",
                    false);
            consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
            consumer.assign(partitions);
        }

        private void poll() {
            for (ConsumerRecord<String, String> found : consumer.poll(Duration.ofMillis(100))) {
                values.get(found.partition()).add(found.value());
            }
        }

        int count() {
            return values.stream().mapToInt(List::size).sum();
        }

        void awaitMore() {
            awaitCount(Math.min(RECORDS, count() + RECORDS_BETWEEN_FAULTS));
        }

        void awaitCount(int wanted) {
            Wait.until(wanted + " records of " + topic + " are committed", PROGRESS_MAX, () -> {
                poll();
                return count() >= wanted;
            });
        }

        /** Nothing comes behind what was read. */
        void awaitEnd() {
            Wait.until(topic + " is read to its end", PROGRESS_MAX, () -> {
                poll();
                return consumer.endOffsets(partitions).entrySet().stream()
                        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
        }

        List<String> values(int partition) {
            return values.get(partition);
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
