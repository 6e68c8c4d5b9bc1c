package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka Streams counts words exactly once, while instances of it are killed, lose their state, and a broker is killed. */
class StreamsIT {
    private static final int PARTITIONS = 3;
    private static final int LINES = 400;
    private static final int WORDS_OF_A_LINE = 3;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(90);
    private static final List<String> VOCABULARY = List.of(
            "mill", "race", "water", "wheel", "stone", "grain", "flour", "sluice", "weir", "dam", "sack", "cart");

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;

    private final Map<String, Long> expected = new TreeMap<>();

    @BeforeAll
    static void start() {
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                .with("group.initial.rebalance.delay.ms", "500")
                .start();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka.streams.version", "kafka.streams.previous.version"})
    void everyWordIsCountedOnce(String versionProperty) throws Exception {
        String version = System.getProperty(versionProperty);
        String input = "lines-" + version;
        String output = "counts-" + version;
        cluster.createTopic(input, PARTITIONS, 3);
        cluster.createTopic(output, PARTITIONS, 3);
        var instances = new ArrayList<JavaProcess>();
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, Long> consumer = consumer(output)) {
            instances.add(instance(version, "a", input, output));
            instances.add(instance(version, "b", input, output));
            var counts = new Counts(consumer);
            sendTo(producer, input);
            counts.await(LINES * WORDS_OF_A_LINE / 2);

            instances.get(0).kill();
            sendTo(producer, input);
            counts.await(expectedCount());

            forget(version, "a");
            instances.add(instance(version, "a", input, output));
            instances.get(2).awaitOutput(WordCountProgram.in("RUNNING"), 2, PROGRESS_MAX);
            instances.get(1).kill();
            sendTo(producer, input);
            cluster.kill(cluster.leaderOf(output, 0));
            sendTo(producer, input);
            counts.await(expectedCount());

            expected.forEach((word, count) -> assertThat(counts.of(word))
                    .as("the counts of '%s' with Kafka Streams %s, in their order", word, version)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, count).boxed().toList()));
            assertThat(counts.words()).containsExactlyElementsOf(expected.keySet());
        } finally {
            instances.stream().filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
            cluster.startAll();
        }
    }

    private static JavaProcess instance(String version, String name, String input, String output) {
        String process = "streams-" + version + "-" + name;
        return JavaProcess.startWith(
                ReleasedJars.classPath(version),
                process,
                directory.resolve(process + ".out"),
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                WordCountProgram.class.getName(),
                WordCountProgram.arguments(
                        cluster.bootstrapServers(),
                        "word-count-" + version,
                        state(version, name).toString(),
                        input,
                        output));
    }

    private static Path state(String version, String name) {
        return directory.resolve("state-" + version + "-" + name);
    }

    /** The disk of an instance is gone; all it knew is in the changelog. */
    private static void forget(String version, String name) throws IOException {
        try (Stream<Path> files = Files.walk(state(version, name))) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        }
    }

    private void sendTo(KafkaProducer<String, String> producer, String topic)
            throws ExecutionException, InterruptedException {
        var random = new Random(expected.hashCode());
        List<Future<?>> sent = new ArrayList<>();
        for (int i = 0; i < LINES; i++) {
            List<String> words = random.ints(WORDS_OF_A_LINE, 0, VOCABULARY.size())
                    .mapToObj(VOCABULARY::get)
                    .toList();
            words.forEach(word -> expected.merge(word, 1L, Long::sum));
            sent.add(producer.send(new ProducerRecord<>(topic, Integer.toString(i), String.join(" ", words))));
        }
        for (Future<?> record : sent) {
            record.get();
        }
    }

    private long expectedCount() {
        return expected.values().stream().mapToLong(Long::longValue).sum();
    }

    private static KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, Long> consumer(String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                cluster.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer());
        consumer.assign(LongStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, (int) partition))
                .toList());
        return consumer;
    }

    /** What was committed to the output. */
    private static final class Counts {
        private final KafkaConsumer<String, Long> consumer;
        private final Map<String, List<Long>> byWord = new HashMap<>();
        private long count;

        Counts(KafkaConsumer<String, Long> consumer) {
            this.consumer = consumer;
        }

        void await(long atLeast) {
            long deadline = System.nanoTime() + PROGRESS_MAX.toNanos();
            while (count < atLeast) {
                assertThat(System.nanoTime())
                        .as("%d of %d counts came within %s", count, atLeast, PROGRESS_MAX)
                        .isLessThan(deadline);
                for (ConsumerRecord<String, Long> record : consumer.poll(Duration.ofMillis(200))) {
                    byWord.computeIfAbsent(record.key(), word -> new ArrayList<>())
                            .add(record.value());
                    count++;
                }
            }
        }

        List<Long> of(String word) {
            return byWord.getOrDefault(word, List.of());
        }

        List<String> words() {
            return byWord.keySet().stream().sorted().toList();
        }
    }
}
