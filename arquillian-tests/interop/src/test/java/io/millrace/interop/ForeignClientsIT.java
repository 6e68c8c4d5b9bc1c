package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.interop.Lines.KeyValue;
import io.millrace.interop.Lines.Placed;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What any Kafka client sends, every other one reads, byte for byte. */
class ForeignClientsIT {
    private static final int RECORDS = 300;
    private static final int PARTITIONS = 2;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static List<ForeignClient> clients = List.of();

    @BeforeAll
    static void start() {
        Programs.requireKcat();
        Path kafkaJs = Programs.requireKafkaJs("2.2.4");
        var newest = ForeignClient.JavaClient.compiledWith(System.getProperty("kafka.version"), directory);
        var previous = ForeignClient.JavaClient.from(
                System.getProperty("kafka.previous.version"),
                Path.of(System.getProperty("kafka.previous.jar")),
                directory);
        clients = List.of(
                newest,
                newest.withoutIdempotence(),
                previous,
                previous.withoutIdempotence(),
                new ForeignClient.Kcat(),
                ForeignClient.KafkaJs.start(kafkaJs, directory));
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                // kafkajs reads in a group of its own each time, and there is nobody else to wait for.
                .with("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        clients.forEach(ForeignClient::close);
        if (cluster != null) {
            cluster.close();
        }
    }

    @TestFactory
    List<DynamicTest> whatOneClientSendsEveryOtherReads() {
        var tests = new ArrayList<DynamicTest>();
        for (ForeignClient producer : clients) {
            for (String codec : producer.codecs()) {
                tests.add(DynamicTest.dynamicTest(producer + ", " + codec, () -> sendAndRead(producer, codec)));
            }
        }
        return tests;
    }

    private static void sendAndRead(ForeignClient producer, String codec) {
        String topic = (producer + "-" + codec).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
        cluster.createTopic(topic, PARTITIONS, 3);
        List<KeyValue> sent = records(topic.hashCode(), producer.sendsAnyBytes());

        producer.produce(cluster.bootstrapServers(), topic, codec, sent);

        List<Placed> reference = null;
        for (ForeignClient consumer : clients) {
            if (consumer.codecs().contains(codec) && !consumer.name().endsWith("not idempotent")) {
                List<Placed> read = consumer.consume(cluster.bootstrapServers(), topic, RECORDS);
                assertThat(read.stream().map(Placed::keyValue))
                        .as("what %s sent with %s, read by %s", producer, codec, consumer)
                        .containsExactlyInAnyOrderElementsOf(sent);
                assertThat(read).as("places seen by %s", consumer).isEqualTo(reference == null ? read : reference);
                reference = read;
            }
        }
    }

    private static List<KeyValue> records(long seed, boolean isAnyBytes) {
        var random = new Random(seed);
        return IntStream.range(0, RECORDS)
                .mapToObj(i -> new KeyValue(("key-" + i).getBytes(UTF_8), value(random, isAnyBytes)))
                .toList();
    }

    private static byte[] value(Random random, boolean isAnyBytes) {
        int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 20_000 : 200);
        if (!isAnyBytes) {
            return random.ints(length, 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .append("é✓")
                    .toString()
                    .getBytes(UTF_8);
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
