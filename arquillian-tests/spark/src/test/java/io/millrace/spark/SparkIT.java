package io.millrace.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark Structured Streaming reads a topic, sums up, and writes to a topic; it is stopped, killed, and started again from its
 * checkpoint, and a broker is killed.
 */
class SparkIT {
    private static final int PARTITIONS = 3;
    private static final int SALES = 300;
    private static final Duration RUNNING_MAX = Duration.ofMinutes(3);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final Duration PROGRESS_MAX = Duration.ofMinutes(3);
    private static final List<String> PRODUCTS = List.of("tea", "cups", "kettles", "biscuits", "honey");

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;

    private final Map<String, Long> expected = new TreeMap<>();

    @BeforeAll
    static void start() {
        cluster = ProcessCluster.aCluster(directory.resolve("cluster"))
                .brokers(3)
                .detectingLeaks()
                .start();
        cluster.createTopic("sales", PARTITIONS, 3);
        cluster.createTopic("totals", PARTITIONS, 3);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void totalsAreThoseOfEverySaleWhateverIsStopped() throws Exception {
        var instances = new ArrayList<JavaProcess>();
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, String> consumer = consumer()) {
            producer.initTransactions();
            var totals = new Totals(consumer);
            sell(producer);
            instances.add(spark(1));
            totals.await(expected);

            sell(producer);
            instances.get(0).stop(STOP_MAX);
            sell(producer);
            instances.add(spark(2));
            totals.await(expected);

            sell(producer);
            instances.get(1).kill();
            cluster.kill(cluster.leaderOf("sales", 0));
            sell(producer);
            instances.add(spark(3));
            totals.await(expected);

            assertThat(totals.decreasing()).as("totals that have become less").isEmpty();
        } finally {
            instances.stream().filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
            cluster.startAll();
        }
    }

    /** Each life goes on with the folder of the one before, and has its output to itself. */
    private static JavaProcess spark(int life) {
        List<String> options = Stream.concat(
                        Stream.of("-Xmx768m", "-XX:TieredStopAtLevel=1"),
                        Arrays.stream(JavaModuleOptions.defaultModuleOptionArray()))
                .toList();
        JavaProcess spark = JavaProcess.startWith(
                classPathWithoutMillrace(),
                "spark-" + life,
                directory.resolve("spark-" + life + ".out"),
                options,
                TotalsProgram.class.getName(),
                TotalsProgram.arguments(cluster.bootstrapServers(), directory.resolve("spark"), "sales", "totals"));
        spark.awaitOutput(TotalsProgram.RUNS, 1, RUNNING_MAX);
        return spark;
    }

    private static String classPathWithoutMillrace() {
        String present = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(present.split(File.pathSeparator))
                .filter(entry -> !new File(entry).getName().startsWith("millrace-"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** A transaction that is committed after one that is aborted, and that nobody may see. */
    private void sell(KafkaProducer<String, String> producer) throws ExecutionException, InterruptedException {
        producer.beginTransaction();
        sendTo(producer, 1_000_000);
        producer.abortTransaction();
        producer.beginTransaction();
        sendTo(producer, 1);
        producer.commitTransaction();
        for (int i = 0; i < SALES; i++) {
            expected.merge(product(i), 1L + i, Long::sum);
        }
    }

    private static void sendTo(KafkaProducer<String, String> producer, long factor)
            throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = IntStream.range(0, SALES)
                .mapToObj(
                        i -> producer.send(new ProducerRecord<>("sales", product(i), Long.toString(factor * (1L + i)))))
                .toList();
        for (Future<RecordMetadata> sale : sent) {
            sale.get();
        }
    }

    private static String product(int i) {
        return PRODUCTS.get(i % PRODUCTS.size());
    }

    private static KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "transactional.id", "tills"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                cluster.bootstrapServers(),
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.assign(IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition("totals", partition))
                .toList());
        return consumer;
    }

    /** What Spark has written, in its order. */
    private static final class Totals {
        private final KafkaConsumer<String, String> consumer;
        private final Map<String, Long> last = new TreeMap<>();
        private final List<String> decreasing = new ArrayList<>();

        Totals(KafkaConsumer<String, String> consumer) {
            this.consumer = consumer;
        }

        /** Spark's sink writes at least once, so a batch may come twice: its totals are the same then. */
        void await(Map<String, Long> expected) {
            long deadline = System.nanoTime() + PROGRESS_MAX.toNanos();
            while (!last.equals(expected)) {
                assertThat(System.nanoTime())
                        .as("within %s the totals were %s instead of %s", PROGRESS_MAX, last, expected)
                        .isLessThan(deadline);
                consumer.poll(Duration.ofMillis(200)).forEach(this::take);
            }
        }

        private void take(ConsumerRecord<String, String> total) {
            long value = Long.parseLong(total.value());
            Long before = last.put(total.key(), value);
            if (before != null && value < before) {
                decreasing.add(total.key() + " from " + before + " to " + value);
            }
        }

        List<String> decreasing() {
            return decreasing;
        }
    }
}
