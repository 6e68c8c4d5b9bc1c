package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds in the end, compared with what its producers were told. */
final class TopicHistory {
    private static final Duration READ_MAX = Duration.ofSeconds(90);

    private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();

    private TopicHistory() {}

    /** Reads every partition from its beginning to its end. */
    static TopicHistory read(ProcessCluster cluster, String topic, int partitions) {
        var history = new TopicHistory();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", cluster.bootstrapServers());
        settings.put("auto.offset.reset", "none");
        settings.put("enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var assigned = new ArrayList<TopicPartition>();
            for (int i = 0; i < partitions; i++) {
                assigned.add(new TopicPartition(topic, i));
            }
            consumer.assign(assigned);
            consumer.seekToBeginning(assigned);
            Map<TopicPartition, Long> ends = consumer.endOffsets(assigned, Duration.ofSeconds(60));
            Wait.until("everything up to " + ends + " is read", READ_MAX, () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> history.records
                        .computeIfAbsent(
                                new TopicPartition(record.topic(), record.partition()), ignored -> new ArrayList<>())
                        .add(record));
                return assigned.stream().allMatch(each -> consumer.position(each) >= ends.get(each));
            });
        }
        return history;
    }

    long size() {
        return records.values().stream().mapToLong(List::size).sum();
    }

    /** Every acknowledged record is there once, where its producer was told, and each producer's records are in order. */
    void check(List<ProducerLoad> producers) {
        Map<String, List<ConsumerRecord<byte[], byte[]>>> byValue = new HashMap<>();
        records.values()
                .forEach(partition -> partition.forEach(record -> byValue.computeIfAbsent(
                                new String(record.value(), UTF_8), ignored -> new ArrayList<>(1))
                        .add(record)));
        for (ProducerLoad producer : producers) {
            assertThat(producer.failed())
                    .as("sends that failed within two minutes")
                    .isEmpty();
            producer.acknowledged().forEach((value, metadata) -> {
                List<ConsumerRecord<byte[], byte[]>> found = byValue.getOrDefault(value, List.of());
                assertThat(found).as("acknowledged record %s", value).hasSize(1);
                assertThat(found.get(0).offset()).as("offset of %s", value).isEqualTo(metadata.offset());
            });
        }
        byValue.forEach(
                (value, found) -> assertThat(found).as("copies of %s", value).hasSize(1));
        records.values().forEach(TopicHistory::checkOrder);
    }

    private static void checkOrder(List<ConsumerRecord<byte[], byte[]>> partition) {
        Map<String, Long> last = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : partition) {
            String[] value = new String(record.value(), UTF_8).split(":");
            long number = Long.parseLong(value[1]);
            Long before = last.put(value[0], number);
            assertThat(before == null || before < number)
                    .as("order of %s at offset %d: %d after %d", value[0], record.offset(), number, before)
                    .isTrue();
        }
    }

    /** The logs of all replicas hold the same bytes. */
    static void checkReplicasAgree(ProcessCluster cluster, String topic, int partitions) {
        cluster.awaitInSync(topic);
        for (int partition = 0; partition < partitions; partition++) {
            int index = partition;
            Wait.until(
                    "the replicas of " + topic + "-" + partition + " agree byte for byte",
                    Duration.ofSeconds(30),
                    () -> {
                        Map<Integer, byte[]> logs = new TreeMap<>();
                        cluster.brokerIds().forEach(id -> logs.put(id, log(cluster.dataDirectory(id), topic, index)));
                        byte[] first = logs.values().iterator().next();
                        return logs.values().stream().allMatch(log -> Arrays.equals(log, first));
                    });
        }
    }

    /** All segments of one replica, one behind the other, up to what was written last. */
    private static byte[] log(Path dataDirectory, String topic, int partition) {
        try (Stream<Path> files = Files.walk(dataDirectory)) {
            List<Path> segments = files.filter(file -> file.toString().endsWith(".log"))
                    .filter(file -> file.getParent().getFileName().toString().startsWith(topic + "-" + partition + "."))
                    .filter(file -> !file.getParent().getFileName().toString().endsWith("cursor"))
                    .sorted()
                    .toList();
            assertThat(segments)
                    .as("segments of %s-%d in %s", topic, partition, dataDirectory)
                    .isNotEmpty();
            var bytes = new ByteArrayOutputStream();
            for (Path segment : segments) {
                bytes.writeBytes(Files.readAllBytes(segment));
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the logs in " + dataDirectory, e);
        }
    }
}
