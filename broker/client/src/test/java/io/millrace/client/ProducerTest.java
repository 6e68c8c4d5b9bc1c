package io.millrace.client;

import static io.millrace.client.ScriptedBroker.never;
import static io.millrace.client.ScriptedBroker.now;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.client.ProducerConfiguration.Acks;
import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.record.Compression;
import io.millrace.record.RecordHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ProducerTest {
    private final ScriptedCluster cluster = new ScriptedCluster(2);
    private final ClusterClient client = cluster.newClient();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("millrace-client"));
    }

    private static ProducerRecord record(int partition, String value) {
        return new ProducerRecord("t", partition, null, null, value.getBytes(UTF_8), List.of());
    }

    private static ProducerConfiguration lingering(Duration linger, int batchBytes) {
        return new ProducerConfiguration(
                Acks.ALL, Compression.NONE, batchBytes, linger, 32 << 20, Duration.ofSeconds(5), 1 << 20);
    }

    private static ClientException failureOf(CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> future.get(20, SECONDS));
        assertThat(failure).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(ClientException.class);
        return (ClientException) failure.getCause();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    private static List<CompletableFuture<RecordMetadata>> sendNumbers(Producer producer, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> producer.send(record(0, String.valueOf(i))))
                .toList();
    }

    private static void awaitAll(List<? extends CompletableFuture<?>> futures) throws Exception {
        CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).get(30, SECONDS);
    }

    @Test
    void aRecordIsStoredAsItWasSent() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var headers = List.of(new RecordHeader("h", new byte[] {1}), new RecordHeader("n", null));

        var metadata = producer.send(
                        new ProducerRecord("t", 0, 1234L, "k".getBytes(UTF_8), "v".getBytes(UTF_8), headers))
                .get(10, SECONDS);

        assertThat(metadata).isEqualTo(new RecordMetadata(new TopicPartition("t", 0), 0, 1234L));
        var stored = cluster.partition("t", 0).records().get(0);
        assertThat(stored.timestamp()).isEqualTo(1234L);
        assertThat(stored.keyBytes()).isEqualTo("k".getBytes(UTF_8));
        assertThat(stored.valueBytes()).isEqualTo("v".getBytes(UTF_8));
        assertThat(stored.headers()).isEqualTo(headers);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void everyCodecCarriesRecords(Compression compression) throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults().withCompression(compression));

        awaitAll(sendNumbers(producer, 0, 500));

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(500));
    }

    @Test
    void offsetsAreToldInTheOrderOfTheCalls() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var sent = sendNumbers(producer, 0, 2000);

        awaitAll(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(sent.get(i).get().offset()).isEqualTo(i);
        }
    }

    @Test
    void everyDependentOfASendRuns() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var told = new ConcurrentLinkedQueue<Long>();

        awaitAll(sendNumbers(producer, 0, 2000).stream()
                .map(future -> future.thenApply(metadata -> {
                    told.add(metadata.offset());
                    return metadata;
                }))
                .toList());

        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 2000).boxed().toList());
    }

    @Test
    void lingeringRecordsShareABatch() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(lingering(Duration.ofMillis(200), 1 << 20));

        awaitAll(sendNumbers(producer, 0, 100));

        assertThat(cluster.partition("t", 0).batchCount()).isLessThanOrEqualTo(2);
        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(100));
    }

    @Test
    void aFullBatchDoesNotLinger() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(lingering(Duration.ofMinutes(5), 1000));

        var sent = sendNumbers(producer, 0, 300);

        sent.get(0).get(10, SECONDS);
    }

    @Test
    void flushEndsTheLingering() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(lingering(Duration.ofMinutes(5), 1 << 20));
        var sent = sendNumbers(producer, 0, 10);

        producer.flush().get(10, SECONDS);

        assertThat(sent).allMatch(CompletableFuture::isDone);
        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(10));
    }

    @Test
    void whatWaitsForRoomInTheConnectionIsBatched() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var held = new CompletableFuture<Void>();
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
            ProduceResponse response = cluster.produce(0, request);
            return held.thenApply(ignored -> response);
        });
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var sent = new ArrayList<CompletableFuture<RecordMetadata>>();
        sent.add(producer.send(record(0, "0")));
        for (int i = 1; i < 1000; i++) {
            sent.add(producer.send(record(0, String.valueOf(i))));
        }

        held.complete(null);
        awaitAll(sent);

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(1000));
        assertThat(cluster.partition("t", 0).batchCount()).isLessThan(100);
    }

    @Test
    void recordsWithoutAKeyTakeTurnsAndThoseWithAKeyStayTogether() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 4);
        var producer = client.newProducer(ProducerConfiguration.defaults());

        for (int i = 0; i < 40; i++) {
            producer.send(ProducerRecord.of("t", null, new byte[10])).get(10, SECONDS);
        }
        var keyed = new ArrayList<CompletableFuture<RecordMetadata>>();
        for (int i = 0; i < 40; i++) {
            keyed.add(producer.send(ProducerRecord.of("t", "same".getBytes(UTF_8), new byte[10])));
        }
        awaitAll(keyed);

        for (int partition = 0; partition < 4; partition++) {
            assertThat(cluster.partition("t", partition).records()).hasSizeGreaterThanOrEqualTo(10);
        }
        assertThat(keyed.stream().map(future -> future.join().partition()).distinct())
                .hasSize(1);
    }

    @Test
    void aLostAnswerStoresNothingTwice() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var requests = new AtomicInteger();
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
            ProduceResponse response = cluster.produce(0, request);
            if (requests.incrementAndGet() % 3 == 1) {
                caller.hangUp();
                return never();
            }
            return now(response);
        });
        var producer = client.newProducer(lingering(Duration.ZERO, 200));

        awaitAll(sendNumbers(producer, 0, 300));

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(300));
    }

    @Test
    void aLostRequestNeverReorders() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var requests = new AtomicInteger();
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
            if (requests.incrementAndGet() % 4 == 2) {
                return now(request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS));
            }
            return now(cluster.produce(0, request));
        });
        var producer = client.newProducer(lingering(Duration.ZERO, 150));

        awaitAll(sendNumbers(producer, 0, 200));

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(200));
    }

    @Test
    void aNewLeaderIsFound() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        awaitAll(sendNumbers(producer, 0, 10));

        cluster.lead("t", 0, 1);
        awaitAll(sendNumbers(producer, 10, 20));
        cluster.lead("t", 0, -1);
        var whileLeaderless = sendNumbers(producer, 20, 30);
        cluster.lead("t", 0, 0);
        awaitAll(whileLeaderless);

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(30));
    }

    @Test
    void aSilentBrokerIsLeftWhenAnotherLeads() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> never());
        try (var patient = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(10)))) {
            var producer = patient.newProducer(ProducerConfiguration.defaults());
            var sent = sendNumbers(producer, 0, 10);

            cluster.lead("t", 0, 1);

            awaitAll(sent);
            assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(10));
        }
    }

    @Test
    void aSilentBrokerIsLeftThoughNothingElseIsSent() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        try (var patient = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(10)))) {
            var producer = patient.newProducer(ProducerConfiguration.defaults());
            awaitAll(sendNumbers(producer, 0, 1));
            var silent = new CountDownLatch(1);
            cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
                silent.countDown();
                return never();
            });
            var sent = sendNumbers(producer, 1, 2);
            assertThat(silent.await(10, SECONDS)).isTrue();

            cluster.lead("t", 0, 1);

            awaitAll(sent);
            assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(2));
        }
    }

    @Test
    void aBrokerThatComesBackIsFoundAgain() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        awaitAll(sendNumbers(producer, 0, 5));

        int port = cluster.stop(0);
        var sent = sendNumbers(producer, 5, 10);
        cluster.restart(0, port);

        awaitAll(sent);
        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(10));
    }

    @Test
    void aLeaderThatHasForgottenTheProducerGetsANewOne() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());
        awaitAll(sendNumbers(producer, 0, 10));

        cluster.partition("t", 0).forgetProducers();
        awaitAll(sendNumbers(producer, 10, 20));

        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(20));
        assertThat(cluster.broker(0).received(InitProducerIdRequest.class).size()
                        + cluster.broker(1)
                                .received(InitProducerIdRequest.class)
                                .size())
                .isEqualTo(2);
    }

    @Test
    void aRefusedBatchFailsAloneAndTheNextOnesGoOn() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var requests = new AtomicInteger();
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
            if (requests.incrementAndGet() == 2) {
                return now(request.errorResponse(ErrorCode.MESSAGE_TOO_LARGE));
            }
            return now(cluster.produce(0, request));
        });
        var producer = client.newProducer(lingering(Duration.ZERO, 70));
        producer.send(record(0, "first")).get(10, SECONDS);

        var refused = producer.send(record(0, "too large"));
        ClientException failure = failureOf(refused);
        awaitAll(List.of(producer.send(record(0, "next")), producer.send(record(0, "last"))));

        assertThat(failure.errorCode()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(failure).hasMessageContaining("t-0");
        assertThat(cluster.partition("t", 0).values()).containsExactly("first", "next", "last");
    }

    @Test
    void whatIsNotAcknowledgedInTimeFailsWithTheReason() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        cluster.broker(0)
                .on(
                        ApiKey.PRODUCE,
                        (ProduceRequest request, Caller caller) ->
                                now(request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS)));
        try (var hasty = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300)))) {
            var producer = hasty.newProducer(ProducerConfiguration.defaults());

            ClientException failure = failureOf(producer.send(record(0, "x")));

            assertThat(failure.errorCode()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
            assertThat(failure).hasMessageContaining("NOT_ENOUGH_REPLICAS").hasMessageContaining("300 ms");
        }
    }

    @Test
    void afterABatchWasGivenUpTheNextAreStoredInOrder() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var broken = new java.util.concurrent.atomic.AtomicBoolean(true);
        cluster.broker(0)
                .on(
                        ApiKey.PRODUCE,
                        (ProduceRequest request, Caller caller) -> now(
                                broken.get()
                                        ? request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS)
                                        : cluster.produce(0, request)));
        try (var hasty = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(700)))) {
            var producer = hasty.newProducer(ProducerConfiguration.defaults());
            failureOf(producer.send(record(0, "lost")));

            broken.set(false);
            awaitAll(sendNumbers(producer, 0, 50));

            assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(50));
        }
    }

    @Test
    void aClusterThatIsAwayFailsSendsWithinTheirBound() {
        int port = 1; // nobody listens there
        try (var lonely = ClusterClient.open(ClientConfiguration.of("127.0.0.1:" + port)
                .withTimeouts(Duration.ofMillis(200), Duration.ofMillis(500)))) {
            var producer = lonely.newProducer(ProducerConfiguration.defaults());

            ClientException failure = failureOf(producer.send(record(0, "x")));

            assertThat(failure).hasMessageContaining("127.0.0.1:1");
        }
    }

    @Test
    void aFullBufferBlocksAndThenRefuses() {
        cluster.create("t", DestinationKind.TOPIC, 1);
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> never());
        var producer = client.newProducer(new ProducerConfiguration(
                Acks.ALL, Compression.NONE, 16384, Duration.ZERO, 20_000, Duration.ofMillis(100), 20_000));

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 3; i++) {
                        producer.send(record(0, "x".repeat(9000)));
                    }
                })
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("buffer.memory")
                .hasMessageContaining("100 ms");
        producer.close(Duration.ofMillis(10));
    }

    @Test
    void aRecordThatIsTooLargeIsRefusedAtOnce() {
        var producer = client.newProducer(ProducerConfiguration.defaults());

        assertThatThrownBy(() -> producer.send(record(0, "x".repeat(2 << 20))))
                .isInstanceOfSatisfying(ClientException.class, failure -> assertThat(failure.errorCode())
                        .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE))
                .hasMessageContaining("max.request.size");
    }

    @Test
    void aTopicThatIsCreatedLateGetsWhatWaitedForIt() throws Exception {
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var sent = sendNumbers(producer, 0, 10);

        cluster.create("t", DestinationKind.TOPIC, 1);

        awaitAll(sent);
        assertThat(cluster.partition("t", 0).values()).isEqualTo(numbers(10));
    }

    @Test
    void aPartitionThatDoesNotExistIsRefused() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults());

        ClientException unknownTopicYet = failureOf(producer.send(record(7, "x")));
        ClientException knownTopic = failureOf(producer.send(record(7, "x")));

        assertThat(unknownTopicYet).hasMessageContaining("no partition 7; it has 0 to 0");
        assertThat(knownTopic).hasMessageContaining("no partition 7; it has 0 to 0");
    }

    @Test
    void withoutAcknowledgementsNothingIsWaitedFor() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(ProducerConfiguration.defaults().withAcks(Acks.NONE));

        var metadata = producer.send(record(0, "x")).get(10, SECONDS);
        producer.close();

        assertThat(metadata.offset()).isEqualTo(-1);
    }

    @Test
    void closingSendsWhatIsBatched() throws Exception {
        cluster.create("t", DestinationKind.TOPIC, 1);
        var producer = client.newProducer(lingering(Duration.ofMinutes(5), 1 << 20));
        var sent = sendNumbers(producer, 0, 10);

        producer.close();

        awaitAll(sent);
        assertThatThrownBy(() -> producer.send(record(0, "late"))).isInstanceOf(ClientException.class);
    }

    @Test
    void closingFailsWhatCannotBeSent() {
        cluster.create("t", DestinationKind.TOPIC, 1);
        cluster.broker(0).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> never());
        var producer = client.newProducer(ProducerConfiguration.defaults());
        var sent = sendNumbers(producer, 0, 10);
        var unknown = producer.send(new ProducerRecord("nowhere", null, null, null, null, List.of()));

        producer.close(Duration.ofMillis(50));

        assertThat(failureOf(sent.get(9))).hasMessageContaining("closed");
        assertThat(failureOf(unknown)).hasMessageContaining("closed");
    }

    @Test
    void underRandomFaultsEachThreadsRecordsAreStoredOnceAndInOrder() throws Exception {
        long seed = new Random().nextLong();
        System.getLogger("test").log(System.Logger.Level.INFO, () -> "seed " + seed);
        var random = new Random(seed);
        cluster.create("t", DestinationKind.TOPIC, 1);
        for (int id = 0; id < 2; id++) {
            int broker = id;
            cluster.broker(id).on(ApiKey.PRODUCE, (ProduceRequest request, Caller caller) -> {
                synchronized (random) {
                    int dice = random.nextInt(60);
                    if (dice == 0) {
                        cluster.produce(broker, request);
                        caller.hangUp();
                        return never();
                    }
                    if (dice == 1) {
                        caller.hangUp();
                        return never();
                    }
                    if (dice == 2) {
                        return now(request.errorResponse(ErrorCode.REQUEST_TIMED_OUT));
                    }
                    if (dice == 3) {
                        cluster.produce(broker, request);
                        return now(request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND));
                    }
                    if (dice == 4) {
                        cluster.lead("t", 0, random.nextInt(2));
                    }
                    return now(cluster.produce(broker, request));
                }
            });
        }
        var producer = client.newProducer(lingering(Duration.ZERO, 300));
        var sent = new ArrayList<CompletableFuture<RecordMetadata>>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            int number = t;
            var thread = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    var future = producer.send(record(0, number + ":" + i));
                    synchronized (sent) {
                        sent.add(future);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join(30_000);
        }

        awaitAll(sent);

        List<String> stored = cluster.partition("t", 0).values();
        assertThat(stored).hasSize(2000);
        for (int t = 0; t < 4; t++) {
            String prefix = t + ":";
            assertThat(stored.stream().filter(value -> value.startsWith(prefix)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 500).mapToObj(i -> prefix + i).toList());
        }
    }
}
