package io.millrace.client;

import static io.millrace.client.ScriptedBroker.never;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.ConsumerConfiguration.StartingPosition;
import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TopicConsumerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);

    private final ScriptedCluster cluster = new ScriptedCluster(2);
    private final ClusterClient client = cluster.newClient();
    private Producer producer = client.newProducer(ProducerConfiguration.defaults());

    @AfterEach
    void close() {
        client.close();
        cluster.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("millrace-client"));
    }

    private void send(int partition, int from, int to) throws Exception {
        var sent = new ArrayList<CompletableFuture<?>>();
        for (int i = from; i < to; i++) {
            sent.add(producer.send(new ProducerRecord(
                    "t", partition, 1000L + i, null, String.valueOf(i).getBytes(UTF_8), List.of())));
        }
        CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new)).get(20, SECONDS);
    }

    private TopicConsumer consumer(StartingPosition startingPosition) {
        return client.newConsumer(ConsumerConfiguration.defaults().startingAt(startingPosition));
    }

    private static List<String> poll(TopicConsumer consumer, int count) {
        var values = new ArrayList<String>();
        while (values.size() < count) {
            List<ConsumerRecord> records = consumer.poll(LONG);
            assertThat(records).as("after %d of %d", values.size(), count).isNotEmpty();
            records.forEach(record -> values.add(new String(record.value(), UTF_8)));
        }
        return values;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    @Test
    void recordsAreReadInOrderFromTheStart() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 3000);
        var consumer = consumer(StartingPosition.EARLIEST);

        consumer.assign(Set.of(T0));

        assertThat(poll(consumer, 3000)).isEqualTo(numbers(0, 3000));
        assertThat(consumer.position(T0)).isEqualTo(3000);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void everyCodecIsRead(Compression compression) throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        producer = client.newProducer(ProducerConfiguration.defaults().withCompression(compression));
        send(0, 0, 500);
        var consumer = consumer(StartingPosition.EARLIEST);

        consumer.assign(Set.of(T0));

        assertThat(poll(consumer, 500)).isEqualTo(numbers(0, 500));
    }

    @Test
    void whoStartsAtTheEndSeesWhatComesLater() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 10);
        var consumer = consumer(StartingPosition.LATEST);
        consumer.assign(Set.of(T0));
        assertThat(consumer.position(T0)).isEqualTo(10);

        send(0, 10, 20);

        assertThat(poll(consumer, 10)).isEqualTo(numbers(10, 20));
    }

    @Test
    void seekingGoesAnywhereEvenIntoTheMiddleOfABatch() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        producer = client.newProducer(new ProducerConfiguration(
                ProducerConfiguration.Acks.ALL,
                Compression.LZ4,
                1 << 20,
                Duration.ofMillis(100),
                32 << 20,
                Duration.ofSeconds(5),
                1 << 20));
        send(0, 0, 100);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        poll(consumer, 100);

        consumer.seek(T0, 37);

        assertThat(consumer.position(T0)).isEqualTo(37);
        assertThat(poll(consumer, 63)).isEqualTo(numbers(37, 100));
        consumer.seek(T0, 98);
        assertThat(poll(consumer, 2)).isEqualTo(numbers(98, 100));
    }

    @Test
    void allPartitionsOfAllLeadersAreRead() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 4);
        for (int partition = 0; partition < 4; partition++) {
            send(partition, partition * 100, partition * 100 + 100);
        }
        var consumer = consumer(StartingPosition.EARLIEST);

        consumer.assign(
                IntStream.range(0, 4).mapToObj(i -> new TopicPartition("t", i)).toList());

        assertThat(poll(consumer, 400)).containsExactlyInAnyOrderElementsOf(numbers(0, 400));
    }

    @Test
    void aPartitionThatStaysKeepsItsPosition() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 2);
        send(0, 0, 10);
        send(1, 0, 10);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        poll(consumer, 10);

        consumer.assign(Set.of(T0, T1));

        assertThat(consumer.position(T0)).isEqualTo(10);
        assertThat(poll(consumer, 10)).isEqualTo(numbers(0, 10));
        assertThat(consumer.assignment()).containsExactlyInAnyOrder(T0, T1);
    }

    @Test
    void aNewLeaderIsFollowed() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 10);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        poll(consumer, 10);

        cluster.lead("t", 0, 1);
        send(0, 10, 20);

        assertThat(poll(consumer, 10)).isEqualTo(numbers(10, 20));
    }

    @Test
    void aSilentBrokerIsLeftWhenAnotherLeads() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 10);
        cluster.broker(0).on(ApiKey.FETCH, (FetchRequest request, Caller caller) -> never());
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        assertThat(consumer.poll(Duration.ofMillis(200))).isEmpty();

        cluster.lead("t", 0, 1);

        assertThat(poll(consumer, 10)).isEqualTo(numbers(0, 10));
    }

    @Test
    void aWholeClusterThatComesBackIsFoundAgain() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 10);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        poll(consumer, 10);

        int port0 = cluster.stop(0);
        int port1 = cluster.stop(1);
        assertThat(consumer.poll(Duration.ofMillis(300))).isEmpty();
        cluster.restart(0, port0);
        cluster.restart(1, port1);
        send(0, 10, 20);

        assertThat(poll(consumer, 10)).isEqualTo(numbers(10, 20));
    }

    @Test
    void anOffsetOutOfRangeStartsAsConfigured() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        producer = client.newProducer(ProducerConfiguration.defaults());
        for (int i = 0; i < 10; i++) {
            send(0, i, i + 1);
        }
        cluster.partition("t", 0).trimTo(5);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));

        consumer.seek(T0, 2);

        assertThat(poll(consumer, 5)).isEqualTo(numbers(5, 10));
    }

    @Test
    void withoutAStartingPositionAnOffsetOutOfRangeIsAnError() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 10);
        var consumer = consumer(StartingPosition.NONE);
        consumer.assign(Set.of(T0));

        consumer.seek(T0, 99);

        assertThatThrownBy(() -> consumer.poll(LONG))
                .isInstanceOfSatisfying(ClientException.class, failure -> assertThat(failure.errorCode())
                        .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
        consumer.seek(T0, 3);
        assertThat(poll(consumer, 7)).isEqualTo(numbers(3, 10));
    }

    @Test
    void transactionMarkersAreSkipped() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 5);
        var marker = new EndTransactionMarker(true, 0).toBatch(ByteBufAllocator.DEFAULT, 0, 1, (short) 0);
        marker.setLong(0, 5);
        cluster.partition("t", 0).appendRaw(ByteBufUtil.getBytes(marker), 1);
        marker.release();
        send(0, 6, 8);
        var consumer = consumer(StartingPosition.EARLIEST);

        consumer.assign(Set.of(T0));

        assertThat(poll(consumer, 7)).containsExactly("0", "1", "2", "3", "4", "6", "7");
        assertThat(consumer.position(T0)).isEqualTo(8);
    }

    @Test
    void aCorruptBatchIsAnErrorThatCanBeSkipped() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        send(0, 0, 1);
        var batch = cluster.partition("t", 0).read(0, 1 << 20);
        byte[] corrupt = ByteBufUtil.getBytes(batch);
        corrupt[7] = 1; // at offset 1
        corrupt[corrupt.length - 1] ^= 1;
        cluster.partition("t", 0).appendRaw(corrupt, 1);
        send(0, 2, 3);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        assertThat(poll(consumer, 1)).containsExactly("0");

        assertThatThrownBy(() -> consumer.poll(LONG))
                .isInstanceOfSatisfying(ClientException.class, failure -> assertThat(failure.errorCode())
                        .isEqualTo(ErrorCode.CORRUPT_MESSAGE));
        consumer.seek(T0, 2);

        assertThat(poll(consumer, 1)).containsExactly("2");
    }

    @Test
    void offsetsOfEndsAndTimesAreFound() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 2);
        send(0, 0, 10);
        send(1, 0, 5);
        var consumer = consumer(StartingPosition.EARLIEST);

        assertThat(consumer.beginningOffsets(List.of(T0, T1)).get(10, SECONDS)).isEqualTo(Map.of(T0, 0L, T1, 0L));
        assertThat(consumer.endOffsets(List.of(T0, T1)).get(10, SECONDS)).isEqualTo(Map.of(T0, 10L, T1, 5L));
        assertThat(consumer.offsetsForTimes(Map.of(T0, 1004L, T1, 9999L)).get(10, SECONDS))
                .isEqualTo(Map.of(T0, 4L));
    }

    @Test
    void theOffsetsOfAMissingTopicFailInTime() {
        try (var hasty = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofMillis(300), Duration.ofMillis(300)))) {
            var consumer = hasty.newConsumer(ConsumerConfiguration.defaults());

            assertThatThrownBy(() -> consumer.endOffsets(List.of(T0)).get(10, SECONDS))
                    .hasCauseInstanceOf(ClientException.class)
                    .hasMessageContaining("t-0");
        }
    }

    @Test
    void wakeupEndsAPoll() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));
        var polled = CompletableFuture.supplyAsync(() -> consumer.poll(LONG));

        consumer.wakeup();

        assertThat(polled.get(10, SECONDS)).isEmpty();
    }

    @Test
    void noMoreIsFetchedThanTheBufferHolds() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        for (int i = 0; i < 50; i++) {
            producer.send(new ProducerRecord("t", 0, null, null, new byte[20_000], List.of()))
                    .get(10, SECONDS);
        }
        var fetches = new AtomicInteger();
        var fetched = new ScriptedFetches(cluster, 0);
        cluster.broker(0).on(ApiKey.FETCH, (FetchRequest request, Caller caller) -> {
            fetches.incrementAndGet();
            return fetched.fetch(cluster.broker(0), request);
        });
        var consumer = client.newConsumer(new ConsumerConfiguration(
                StartingPosition.EARLIEST, Duration.ofMillis(500), 1, 1 << 20, 50_000, 100_000));
        consumer.assign(Set.of(T0));

        assertThat(consumer.position(T0)).isZero();
        int count = consumer.poll(LONG).size();
        int fetchesBefore = fetches.get();
        while (count < 50) {
            count += consumer.poll(LONG).size();
        }

        assertThat(fetchesBefore).isLessThanOrEqualTo(3);
        assertThat(count).isEqualTo(50);
    }

    @Test
    void aClosedConsumerRefuses() {
        var consumer = consumer(StartingPosition.EARLIEST);
        consumer.assign(Set.of(T0));

        consumer.close();

        assertThatThrownBy(() -> consumer.poll(LONG)).isInstanceOf(ClientException.class);
    }
}
