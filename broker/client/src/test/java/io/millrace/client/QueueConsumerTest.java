package io.millrace.client;

import static io.millrace.client.ScriptedBroker.now;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueFetchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueConsumerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ScriptedCluster cluster = new ScriptedCluster(2);
    private final ClusterClient client = cluster.newClient();
    private final Producer producer = client.newProducer(ProducerConfiguration.defaults());

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
                    "q", partition, null, null, String.valueOf(i).getBytes(UTF_8), List.of())));
        }
        CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new)).get(20, SECONDS);
    }

    private QueueConsumer consumer(int prefetch) {
        return client.newQueueConsumer(
                "q", QueueConsumerConfiguration.defaults().withPrefetch(prefetch));
    }

    private static List<QueueMessage> receive(QueueConsumer consumer, int count) throws InterruptedException {
        var messages = new ArrayList<QueueMessage>();
        while (messages.size() < count) {
            QueueMessage message = consumer.receive(LONG);
            assertThat(message)
                    .as("message %d of %d", messages.size() + 1, count)
                    .isNotNull();
            messages.add(message);
        }
        return messages;
    }

    private static List<String> values(List<QueueMessage> messages) {
        return messages.stream()
                .map(message -> new String(message.value(), UTF_8))
                .toList();
    }

    private static ClientException failureOf(CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> future.get(20, SECONDS));
        assertThat(failure).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(ClientException.class);
        return (ClientException) failure.getCause();
    }

    private static void eventually(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        var pause = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
            pause.await(5, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void messagesAreReceivedInOrderAndSettled() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 250);
        var consumer = consumer(50);

        var messages = receive(consumer, 250);
        consumer.acknowledge(messages, AcknowledgeType.ACCEPT).get(10, SECONDS);

        assertThat(values(messages))
                .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 250)
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(messages).allMatch(message -> message.deliveryCount() == 1);
        assertThat(cluster.partition("q", 0).queue.settled()).hasSize(250);
        assertThat(consumer.receive(Duration.ZERO)).isNull();
    }

    @Test
    void aMessageThatComesLaterEndsTheWait() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var consumer = consumer(10);
        assertThat(consumer.receive(Duration.ofMillis(50))).isNull();
        var received = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.receive(LONG);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        send(0, 0, 1);

        assertThat(received.get(10, SECONDS)).isNotNull();
    }

    @Test
    void anAcknowledgementDoesNotWaitForAHeldFetch() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var consumer = client.newQueueConsumer("q", new QueueConsumerConfiguration(10, 1 << 20, Duration.ofMinutes(5)));
        var message = consumer.receive(LONG);

        consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(5, SECONDS);

        assertThat(cluster.partition("q", 0).queue.settled()).containsOnlyKeys(0L);
    }

    @Test
    void aReleasedMessageComesBackWithItsCount() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var consumer = consumer(10);
        var first = consumer.receive(LONG);

        consumer.acknowledge(List.of(first), AcknowledgeType.RELEASE).get(10, SECONDS);
        var second = consumer.receive(LONG);

        assertThat(second.offset()).isEqualTo(first.offset());
        assertThat(second.deliveryCount()).isEqualTo(2);
        assertThat(second.acquisition()).isNotEqualTo(first.acquisition());
    }

    @Test
    void aReleasedMessageCountsAllDeliveriesOfItsConsumer() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 3);
        var consumer = consumer(10);
        var messages = receive(consumer, 3);

        consumer.acknowledge(
                        List.of(
                                messages.get(0).withDeliveryCount(3),
                                messages.get(1),
                                messages.get(2).withDeliveryCount(0)),
                        AcknowledgeType.RELEASE)
                .get(10, SECONDS);

        assertThat(receive(consumer, 3)).extracting(QueueMessage::deliveryCount).containsExactly(4, 2, 1);
    }

    @Test
    void aMessageIsSettledOnlyOnce() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var consumer = consumer(10);
        var message = consumer.receive(LONG);
        consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(10, SECONDS);

        var failure = failureOf(consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT));

        assertThat(failure.errorCode()).isEqualTo(ErrorCode.INVALID_RECORD_STATE);
    }

    @Test
    void severalConsumersShareTheMessagesOfAllPartitions() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 4);
        var consumers = List.of(consumer(5), consumer(5), consumer(5));
        for (int partition = 0; partition < 4; partition++) {
            send(partition, partition * 100, partition * 100 + 100);
        }
        Set<String> seen = new HashSet<>();
        var received = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (QueueConsumer consumer : consumers) {
            var thread = new Thread(() -> {
                try {
                    while (received.get() < 400) {
                        QueueMessage message = consumer.receive(Duration.ofMillis(100));
                        if (message != null) {
                            consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT)
                                    .get(10, SECONDS);
                            received.incrementAndGet();
                            synchronized (seen) {
                                seen.add(new String(message.value(), UTF_8));
                            }
                        }
                    }
                } catch (InterruptedException | ExecutionException | java.util.concurrent.TimeoutException e) {
                    throw new IllegalStateException(e);
                }
            });
            threads.add(thread);
            thread.start();
        }

        for (Thread thread : threads) {
            thread.join(30_000);
        }

        assertThat(received).hasValue(400);
        assertThat(seen).hasSize(400);
    }

    @Test
    void noMoreIsAcquiredThanPrefetchAllows() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 2);
        send(0, 0, 100);
        send(1, 0, 100);
        var consumer = consumer(10);

        receive(consumer, 1);

        eventually(() -> acquired() >= 10);
        assertThat(acquired()).isLessThanOrEqualTo(11);
    }

    private int acquired() {
        synchronized (cluster) {
            return cluster.partition("q", 0).queue.acquiredCount()
                    + cluster.partition("q", 1).queue.acquiredCount();
        }
    }

    @Test
    void acknowledgementsOfManyThreadsShareRequests() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1000);
        var consumer = consumer(1000);
        var messages = receive(consumer, 1000);

        var done = messages.stream()
                .map(message -> consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(done).get(20, SECONDS);

        assertThat(cluster.broker(0).received(QueueAcknowledgeRequest.class).size())
                .isLessThan(500);
        assertThat(cluster.partition("q", 0).queue.settled()).hasSize(1000);
    }

    @Test
    void aLostConnectionFailsItsAcknowledgementsAndTheMessagesComeAgain() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 3);
        var consumer = consumer(10);
        var first = consumer.receive(LONG);

        cluster.broker(0).disconnectAll();
        eventually(() -> acquired(0) == 0 || acquired(0) == 3);
        QueueMessage again = first;
        while (again.acquisition() == first.acquisition() || again.offset() != first.offset()) {
            again = consumer.receive(LONG);
        }
        var late = failureOf(consumer.acknowledge(List.of(first), AcknowledgeType.ACCEPT));
        consumer.acknowledge(List.of(again), AcknowledgeType.ACCEPT).get(10, SECONDS);

        assertThat(late.errorCode()).isEqualTo(ErrorCode.INVALID_RECORD_STATE);
        assertThat(again.deliveryCount()).isEqualTo(2);
    }

    @Test
    void whoeverIsToldThatAnAcknowledgementIsLostReceivesNothingElseThatIs() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 3);
        var queues = new ScriptedQueues(cluster, 0);
        queues.script(cluster.broker(0));
        cluster.broker(0).on(ApiKey.QUEUE_ACKNOWLEDGE, (QueueAcknowledgeRequest request, Caller caller) -> {
            queues.endHeldFetch(caller);
            return new CompletableFuture<>(); // never answered
        });
        var consumer = consumer(10);
        var first = receive(consumer, 1);
        eventually(() -> acquired(0) == 3);
        var next = new CompletableFuture<QueueMessage>();
        consumer.acknowledge(first, AcknowledgeType.ACCEPT).whenComplete((ignored, failure) -> {
            try {
                next.complete(consumer.receive(Duration.ZERO));
            } catch (InterruptedException e) {
                next.completeExceptionally(e);
            }
        });

        cluster.broker(0).disconnectAll();

        assertThat(next.get(10, SECONDS)).isNull();
    }

    private int acquired(int partition) {
        synchronized (cluster) {
            return cluster.partition("q", partition).queue.acquiredCount();
        }
    }

    @Test
    void aNewLeaderIsFollowed() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 5);
        var consumer = consumer(10);
        var before = receive(consumer, 5);

        cluster.lead("q", 0, 1);
        var lost = failureOf(consumer.acknowledge(before, AcknowledgeType.ACCEPT));
        var after = receive(consumer, 5);
        consumer.acknowledge(after, AcknowledgeType.ACCEPT).get(10, SECONDS);

        assertThat(lost.errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(after).allMatch(message -> message.deliveryCount() == 2);
    }

    @Test
    void aWholeClusterThatComesBackIsFoundAgain() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var consumer = consumer(10);
        send(0, 0, 1);
        receive(consumer, 1);

        int port0 = cluster.stop(0);
        int port1 = cluster.stop(1);
        assertThat(consumer.receive(Duration.ofMillis(300))).isNull();
        cluster.restart(0, port0);
        cluster.restart(1, port1);

        var again = receive(consumer, 1).get(0);
        assertThat(again.deliveryCount()).isEqualTo(2);
    }

    @Test
    void newPartitionsAreFollowed() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var consumer = consumer(10);
        assertThat(consumer.receive(Duration.ofMillis(100))).isNull();

        cluster.addPartition("q");
        send(0, 0, 1);
        client.admin().ensure("q", DestinationKind.QUEUE).get(10, SECONDS);
        send(1, 1, 2);

        assertThat(values(receive(consumer, 2))).containsExactlyInAnyOrder("0", "1");
    }

    @Test
    void newPartitionsAreFoundByAConsumerThatHasNoOtherReasonToAsk() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        try (var idle = ClusterClient.open(cluster.configuration().withMetadataMaxAge(Duration.ofMillis(200)))) {
            var consumer = idle.newQueueConsumer("q", QueueConsumerConfiguration.defaults());
            assertThat(consumer.receive(Duration.ofMillis(100))).isNull();

            cluster.addPartition("q");
            send(1, 1, 2);

            assertThat(values(receive(consumer, 1))).containsExactly("1");
        }
    }

    @Test
    void aClosedConsumerLeavesItsMessagesToTheOthers() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 10);
        var first = consumer(10);
        receive(first, 3);

        first.close();

        assertThat(acquired(0)).isZero();
        assertThat(cluster.broker(0).received(QueueDetachRequest.class)).hasSize(1);
        assertThat(receive(consumer(10), 10))
                .extracting(QueueMessage::deliveryCount)
                .containsExactly(2, 2, 2, 1, 1, 1, 1, 1, 1, 1);
        assertThat(first.receive(Duration.ofSeconds(1))).isNull();
    }

    @Test
    void whatWasAcknowledgedBeforeTheCloseTakesEffect() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 100);
        var consumer = consumer(100);
        var messages = receive(consumer, 100);

        var done = messages.stream()
                .map(message -> consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT))
                .toList();
        consumer.close();

        CompletableFuture.allOf(done.toArray(CompletableFuture<?>[]::new)).get(10, SECONDS);
        assertThat(cluster.partition("q", 0).queue.settled()).hasSize(100);
    }

    @Test
    void closingWakesWhoeverWaits() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var consumer = consumer(10);
        var waiting = new CompletableFuture<Void>();
        var thread = new Thread(() -> {
            try {
                assertThat(consumer.receive(QueueConsumer.FOREVER)).isNull();
                waiting.complete(null);
            } catch (InterruptedException e) {
                waiting.completeExceptionally(e);
            }
        });
        thread.start();
        eventually(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);

        consumer.close();

        waiting.get(10, SECONDS);
    }

    @Test
    void prefetchedMessagesAreGivenBackAndNotTakenAgainUntilAsked() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 10);
        var consumer = consumer(10);
        var kept = receive(consumer, 2);
        eventually(() -> acquired(0) == 10);

        consumer.releasePrefetched().get(10, SECONDS);

        eventually(() -> acquired(0) == 2);
        var other = consumer(10);
        assertThat(receive(other, 8)).allMatch(message -> message.deliveryCount() == 1);
        consumer.acknowledge(kept, AcknowledgeType.ACCEPT).get(10, SECONDS);
    }

    @Test
    void aListenerIsToldOfMessages() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var consumer = consumer(10);
        var told = new CountDownLatch(1);
        consumer.onAvailable(told::countDown);

        send(0, 0, 1);

        assertThat(told.await(10, SECONDS)).isTrue();
        assertThat(consumer.receive(Duration.ZERO)).isNotNull();
    }

    @Test
    void anAcknowledgementThatCannotBeCommittedYetIsRepeated() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var attempts = new AtomicInteger();
        var queues = new ScriptedQueues(cluster, 0);
        queues.script(cluster.broker(0));
        cluster.broker(0).on(ApiKey.QUEUE_ACKNOWLEDGE, (QueueAcknowledgeRequest request, Caller caller) -> {
            QueueAcknowledgeResponse refusal =
                    (QueueAcknowledgeResponse) request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS);
            if (attempts.incrementAndGet() < 3) {
                queues.endHeldFetch(caller);
                return now(new QueueAcknowledgeResponse(0, ErrorCode.NONE, refusal.topics()));
            }
            return now(queues.acknowledge(request, caller));
        });
        var consumer = consumer(10);
        var message = consumer.receive(LONG);

        consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(10, SECONDS);

        assertThat(attempts).hasValue(3);
    }

    @Test
    void aSettlementThatIsVoidDoesNotSpoilOthers() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 20);
        var consumer = consumer(20);
        var messages = receive(consumer, 20);
        synchronized (cluster) {
            cluster.partition("q", 0).queue.settle(7, 7, (byte) 1);
        }

        var outcomes = messages.stream()
                .map(message -> consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT))
                .toList();

        for (int i = 0; i < 20; i++) {
            if (i == 7) {
                assertThat(failureOf(outcomes.get(i)).errorCode()).isEqualTo(ErrorCode.INVALID_RECORD_STATE);
            } else {
                outcomes.get(i).get(10, SECONDS);
            }
        }
    }

    @Test
    void whatALeaderOfAnEarlierEpochGaveOutIsNotDelivered() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 10);
        var consumer = consumer(10);
        receive(consumer, 1);
        eventually(() -> acquired(0) == 10);

        cluster.lead("q", 0, 0);
        client.admin().ensure("q", DestinationKind.QUEUE).get(10, SECONDS);
        client.admin().ensure("q", DestinationKind.QUEUE).get(10, SECONDS); // by now the consumer knows, too
        var again = receive(consumer, 10);

        consumer.acknowledge(again, AcknowledgeType.ACCEPT).get(10, SECONDS);
        assertThat(again).allMatch(message -> message.deliveryCount() == 2);
    }

    @Test
    void anIdleConsumerHoldsOneFetchForEachLeader() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 4);
        var consumer = client.newQueueConsumer("q", new QueueConsumerConfiguration(10, 1 << 20, Duration.ofMinutes(5)));

        assertThat(consumer.receive(Duration.ofMillis(500))).isNull();

        for (int id = 0; id < 2; id++) {
            assertThat(cluster.broker(id).received(QueueFetchRequest.class))
                    .singleElement()
                    .satisfies(request ->
                            assertThat(request.topics().get(0).partitions()).hasSize(2));
        }
    }

    @Test
    void anAcknowledgementToADeletedQueueSettlesNothingOfItsSuccessor() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var consumer = consumer(10);
        var old = receive(consumer, 1);
        synchronized (cluster) {
            cluster.delete("q");
            cluster.create("q", DestinationKind.QUEUE, 1);
        }
        send(0, 1, 2);
        var successor = receive(consumer, 1);

        var refused = failureOf(consumer.acknowledge(old, AcknowledgeType.ACCEPT));

        assertThat(values(successor)).containsExactly("1");
        assertThat(refused.errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
        assertThat(cluster.partition("q", 0).queue.settled()).isEmpty();
        consumer.acknowledge(successor, AcknowledgeType.ACCEPT).get(10, SECONDS);
    }

    @Test
    void aMessageWhoseAcknowledgementFailsForGoodComesAgain() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var queues = new ScriptedQueues(cluster, 0);
        queues.script(cluster.broker(0));
        cluster.broker(0).on(ApiKey.QUEUE_ACKNOWLEDGE, (QueueAcknowledgeRequest request, Caller caller) -> {
            if (typeOf(request) != AcknowledgementBatch.ACCEPT) {
                return now(queues.acknowledge(request, caller));
            }
            queues.endHeldFetch(caller);
            var refusal = (QueueAcknowledgeResponse) request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS);
            return now(new QueueAcknowledgeResponse(0, ErrorCode.NONE, refusal.topics()));
        });
        var impatient = ClientConfiguration.of(cluster.bootstrapServers())
                .withClientId("impatient")
                .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(200));
        try (var other = ClusterClient.open(impatient)) {
            var consumer = other.newQueueConsumer("q", QueueConsumerConfiguration.defaults());
            var first = receive(consumer, 1);

            var refused = failureOf(consumer.acknowledge(first, AcknowledgeType.ACCEPT));

            assertThat(refused.errorCode()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
            assertThat(receive(consumer, 1).get(0).deliveryCount()).isEqualTo(2);
        }
    }

    private static byte typeOf(QueueAcknowledgeRequest request) {
        return request.topics()
                .get(0)
                .partitions()
                .get(0)
                .acknowledgements()
                .get(0)
                .type();
    }

    @Test
    void anAcknowledgementThatWaitsToBeRepeatedFailsWhenTheConsumerCloses() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        var attempted = new CountDownLatch(1);
        cluster.broker(0).on(ApiKey.QUEUE_ACKNOWLEDGE, (QueueAcknowledgeRequest request, Caller caller) -> {
            attempted.countDown();
            var refusal = (QueueAcknowledgeResponse) request.errorResponse(ErrorCode.NOT_ENOUGH_REPLICAS);
            return now(new QueueAcknowledgeResponse(0, ErrorCode.NONE, refusal.topics()));
        });
        var consumer = client.newQueueConsumer("q", new QueueConsumerConfiguration(1, 1 << 20, Duration.ofMillis(50)));
        var settled = consumer.acknowledge(receive(consumer, 1), AcknowledgeType.ACCEPT);
        assertThat(attempted.await(10, SECONDS)).isTrue();

        consumer.close();

        assertThat(failureOf(settled).errorCode()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
    }

    @Test
    void anIdleConsumerFollowsNewPartitionsWhenItsMetadataIsOld() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        var defaults = ClientConfiguration.of(cluster.bootstrapServers());
        var configuration = new ClientConfiguration(
                defaults.bootstrapServers(),
                "idle",
                defaults.requestTimeout(),
                defaults.deliveryTimeout(),
                Duration.ofMillis(200),
                defaults.reconnectBackoff(),
                defaults.reconnectBackoffMax());
        try (var idle = ClusterClient.open(configuration)) {
            var consumer =
                    idle.newQueueConsumer("q", new QueueConsumerConfiguration(10, 1 << 20, Duration.ofMillis(50)));
            assertThat(consumer.receive(Duration.ofMillis(100))).isNull();

            cluster.addPartition("q");
            send(1, 0, 1);

            assertThat(values(receive(consumer, 1))).containsExactly("0");
        }
    }

    @Test
    void aTopicIsNoQueue() {
        cluster.create("q", DestinationKind.TOPIC, 1);
        var consumer = consumer(10);

        assertThatThrownBy(() -> consumer.receive(LONG))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("is a topic");
    }

    @Test
    void aSilentBrokerIsLeftWhenAnotherLeads() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 0, 1);
        cluster.broker(0).on(ApiKey.QUEUE_FETCH, (QueueFetchRequest request, Caller caller) -> ScriptedBroker.never());
        var consumer =
                client.newQueueConsumer("q", new QueueConsumerConfiguration(10, 1 << 20, Duration.ofMillis(200)));
        assertThat(consumer.receive(Duration.ofMillis(100))).isNull();

        cluster.lead("q", 0, 1);

        assertThat(receive(consumer, 1)).hasSize(1);
    }

    @Test
    void aBrokerThatFallsSilentLaterIsLeftLongBeforeItsRequestTimesOut() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        try (var patient = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers()))) {
            var consumer =
                    patient.newQueueConsumer("q", new QueueConsumerConfiguration(10, 1 << 20, Duration.ofMillis(200)));
            eventually(() -> cluster.broker(0).received(QueueFetchRequest.class).size() >= 4);
            var silent = new CountDownLatch(1);
            cluster.broker(0).on(ApiKey.QUEUE_FETCH, (QueueFetchRequest request, Caller caller) -> {
                silent.countDown();
                return ScriptedBroker.never();
            });
            assertThat(silent.await(10, SECONDS)).isTrue();

            cluster.lead("q", 0, 1);
            send(0, 0, 1);

            assertThat(consumer.receive(Duration.ofSeconds(10))).isNotNull();
        }
    }
}
