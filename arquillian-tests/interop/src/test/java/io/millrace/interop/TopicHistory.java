package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds in the end, compared with what its producers were told. */
final class TopicHistory {
    private static final Duration READ_MAX = Duration.ofSeconds(90);
    private static final Duration AGREE_MAX = Duration.ofSeconds(30);
    private static final String DATA = "data logs";
    private static final String CURSORS = "cursor logs";

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
            awaitAgreement(cluster, topic + "-" + partition, DATA, Arrays::equals);
        }
    }

    /**
     * The data logs of all replicas hold the same bytes, and so do their cursor logs, as far as they are comparable: what is
     * acknowledged, and cursors that a checkpoint covers, are given up by each replica in whole segments, and a replica that
     * was away meanwhile starts over where its leader's log does. So the replicas begin at different places; from the last
     * of these on they must agree byte for byte.
     */
    static void checkQueueReplicasAgree(ProcessCluster cluster, String queue, int partitions) {
        cluster.awaitInSync(queue);
        for (int partition = 0; partition < partitions; partition++) {
            awaitAgreement(cluster, queue + "-" + partition, DATA, TopicHistory::endAlike);
            awaitAgreement(cluster, queue + "-" + partition, CURSORS, TopicHistory::endAlike);
        }
    }

    private static boolean endAlike(byte[] one, byte[] other) {
        int common = Math.min(one.length, other.length);
        return common > 0
                && Arrays.equals(one, one.length - common, one.length, other, other.length - common, other.length);
    }

    private static void awaitAgreement(
            ProcessCluster cluster, String partition, String kind, BiPredicate<byte[], byte[]> isAlike) {
        Wait.until("the " + kind + " of the replicas of " + partition + " agree byte for byte", AGREE_MAX, () -> {
            List<byte[]> logs = new ArrayList<>();
            try {
                cluster.brokerIds().forEach(id -> logs.add(log(cluster.dataDirectory(id), partition, kind)));
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof NoSuchFileException) {
                    return false; // a segment was given up while it was read
                }
                throw e;
            }
            return logs.stream().allMatch(log -> isAlike.test(log, logs.get(0)));
        });
    }

    /** All segments of one replica, one behind the other, up to what was written last. */
    private static byte[] log(Path dataDirectory, String partition, String kind) {
        try (Stream<Path> files = Files.walk(dataDirectory)) {
            List<Path> segments = files.filter(file -> file.toString().endsWith(".log"))
                    .filter(file -> isOf(file.getParent().getFileName().toString(), partition, kind))
                    .sorted()
                    .toList();
            assertThat(segments)
                    .as("segments of the %s of %s in %s", kind, partition, dataDirectory)
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

    private static boolean isOf(String directory, String partition, String kind) {
        return directory.startsWith(partition + ".") && directory.endsWith("-cursor") == kind.equals(CURSORS);
    }
}
