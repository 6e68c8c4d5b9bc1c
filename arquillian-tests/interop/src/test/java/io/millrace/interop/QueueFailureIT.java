package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summarizingLong;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queue consumption while brokers are killed: acknowledged messages never come back, and none is lost. Each test has a queue of its own. */
class QueueFailureIT {
    private static final int PARTITIONS = 3;
    private static final int WORKERS = 3;
    private static final long MESSAGES_BETWEEN_FAULTS = 1_000;
    private static final long BACKLOG_MAX = 2_000;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(90);
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static int queueCount;

    private final String queue = "work" + ++queueCount;
    private ClusterClient client;
    private volatile List<ProducerLoad> producers = List.of();
    private final List<Worker> workers = new ArrayList<>();
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> comeBack = ConcurrentHashMap.newKeySet();
    private final Set<String> unmarked = ConcurrentHashMap.newKeySet();
    private final Set<String> problems = ConcurrentHashMap.newKeySet();

    /** Their acknowledgement failed with a broker, as far as the consumer knows: it may be on the log all the same. */
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    private final Set<String> delivered = ConcurrentHashMap.newKeySet();
    private final LongestGap gap = new LongestGap();

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void start() {
        cluster.startAll();
        cluster.createQueue(queue, PARTITIONS, 3);
        client = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers()));
        producers = List.of(
                ProducerLoad.start("p1", cluster.bootstrapServers(), queue, PARTITIONS, this::isBacklogShort),
                ProducerLoad.start("p2", cluster.bootstrapServers(), queue, PARTITIONS, this::isBacklogShort));
        for (int i = 0; i < WORKERS; i++) {
            workers.add(new Worker());
        }
        awaitProgress();
    }

    @AfterEach
    void stop() {
        producers.forEach(ProducerLoad::close);
        workers.forEach(Worker::close);
        client.close();
    }

    @Test
    void noAcknowledgedMessageComesBackAndNoneIsLostWhenEachBrokerIsKilledInTurn() {
        for (int id : cluster.brokerIds()) {
            killUnderLoad("broker " + id, id);
            cluster.start(id);
            cluster.awaitInSync(queue);
            awaitProgress();
        }

        checkHistory();
    }

    @Test
    void noAcknowledgedMessageComesBackAndNoneIsLostWhenAllBrokersAreKilledAtOnce() {
        gap.restart();
        cluster.brokerIds().forEach(cluster::kill);
        cluster.startAll();
        awaitProgress();
        report("all brokers, started again at once");

        checkHistory();
    }

    @Test
    void whatAKilledConsumerHeldComesBackMarkedAsRedelivered() throws Exception {
        cluster.createQueue("abandoned", 1, 3);
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            producer.send(ProducerRecord.of("abandoned", null, "one".getBytes(UTF_8)))
                    .get(30, TimeUnit.SECONDS);
        }
        JavaProcess consumer = JavaProcess.start(
                "consumer",
                directory.resolve("consumer.out"),
                List.of("-Xmx128m"),
                HoldingConsumer.class.getName(),
                List.of(cluster.bootstrapServers(), "abandoned"));
        try {
            consumer.awaitOutput(HoldingConsumer.holding("one", 1), 1, Duration.ofSeconds(60));
        } finally {
            consumer.kill();
        }

        try (JMSContext context =
                new MillraceConnectionFactory("millrace://" + cluster.bootstrapServers()).createContext()) {
            Message again =
                    context.createConsumer(context.createQueue("abandoned")).receive(30_000);
            assertThat(again).isNotNull();
            assertThat(again.getBody(byte[].class)).isEqualTo("one".getBytes(UTF_8));
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
            assertThat(again.getJMSRedelivered()).isTrue();
        }
    }

    private void killUnderLoad(String what, int brokerId) {
        gap.restart();
        cluster.kill(brokerId);
        awaitProgress();
        report(what);
    }

    private void report(String what) {
        System.out.println("kill -9 of " + what + " under queue consumption: longest gap between acknowledgements "
                + gap.longest().toMillis() + " ms");
    }

    /** Consumers wait for each acknowledgement and are slower than producers, which would be far ahead in the end. */
    private boolean isBacklogShort() {
        long sent =
                producers.stream().mapToLong(ProducerLoad::acknowledgedCount).sum();
        return sent - acknowledged.size() < BACKLOG_MAX;
    }

    private void awaitProgress() {
        long wanted = acknowledged.size() + MESSAGES_BETWEEN_FAULTS;
        Wait.until(
                MESSAGES_BETWEEN_FAULTS + " more messages are acknowledged",
                PROGRESS_MAX,
                () -> acknowledged.size() >= wanted);
    }

    /**
     * Each worker waits for one acknowledgement at a time, so that each kill leaves at most one of a worker's open: that many messages may
     * be acknowledged without their consumer having heard of it.
     */
    private void checkHistory() {
        producers.forEach(ProducerLoad::close);
        long sent =
                producers.stream().mapToLong(ProducerLoad::acknowledgedCount).sum();
        producers.forEach(producer -> assertThat(producer.failed()).isEmpty());
        try {
            Wait.until("all " + sent + " messages are acknowledged", DRAIN_MAX, () -> missing()
                    .isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("not acknowledged, by partition: " + missing(), e);
        }
        workers.forEach(Worker::close);
        unknown.removeAll(acknowledged.keySet());
        assertThat(unknown)
                .as("messages whose acknowledgement failed and that did not come back")
                .hasSizeLessThanOrEqualTo(WORKERS * cluster.brokerIds().size());
        assertThat(comeBack)
                .as("acknowledged messages that were delivered again")
                .isEmpty();
        assertThat(problems).isEmpty();
        assertThat(unmarked).as("messages delivered again that were not marked").isEmpty();
        TopicHistory.checkQueueReplicasAgree(cluster, queue, PARTITIONS);
    }

    /** The offsets that were sent and not yet consumed, the first and the last of each partition, and how many. */
    private Map<Integer, LongSummaryStatistics> missing() {
        return producers.stream()
                .flatMap(producer -> producer.acknowledged().entrySet().stream())
                .filter(sent -> !acknowledged.containsKey(sent.getKey()) && !unknown.contains(sent.getKey()))
                .map(Map.Entry::getValue)
                .collect(groupingBy(RecordMetadata::partition, summarizingLong(RecordMetadata::offset)));
    }

    /** Receives and acknowledges until it is closed. */
    private final class Worker implements AutoCloseable {
        private final QueueConsumer consumer = client.newQueueConsumer(
                queue, QueueConsumerConfiguration.defaults().withPrefetch(50));
        private final Thread thread = new Thread(this::run, "worker");

        Worker() {
            thread.start();
        }

        private void run() {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    QueueMessage message = consumer.receive(Duration.ofMillis(200));
                    if (message != null) {
                        settle(message);
                    }
                }
            } catch (InterruptedException ignored) { // closed
                Thread.currentThread().interrupt();
            }
        }

        private void settle(QueueMessage message) throws InterruptedException {
            String value = new String(message.value(), UTF_8);
            if (acknowledged.containsKey(value)) {
                comeBack.add(value + " at " + message.partition() + "@" + message.offset());
            }
            if (!delivered.add(value) && message.deliveryCount() < 2) {
                unmarked.add(value + " at " + message.partition() + "@" + message.offset());
            }
            try {
                consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(60, TimeUnit.SECONDS);
                acknowledged.put(value, message.deliveryCount());
                gap.onAcknowledged();
            } catch (ExecutionException e) {
                onUnknown(value, e.getCause());
            } catch (TimeoutException e) {
                problems.add("the acknowledgement of " + value + " neither succeeded nor failed within 60 s");
            }
        }

        private void onUnknown(String value, Throwable failure) {
            unknown.add(value);
            if (!(failure instanceof ClientException)) {
                problems.add("the acknowledgement of " + value + " failed with " + failure);
            }
        }

        @Override
        public void close() {
            thread.interrupt();
            try {
                thread.join(30_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            consumer.close();
        }
    }
}
