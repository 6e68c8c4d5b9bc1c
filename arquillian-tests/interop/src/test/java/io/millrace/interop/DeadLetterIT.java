package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClusterClient;
import io.millrace.client.ConfigurationAdmin.Subject;
import io.millrace.client.DestinationKind;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that cannot be processed, on real brokers: delivered as often as configured, after the pauses that are configured, then in the dead-letter queue. */
class DeadLetterIT {
    private static final long SOON_MS = 60_000;
    private static final Duration SOON = Duration.ofMillis(SOON_MS);
    private static final long NOT_MS = 500;
    private static final int CANDIDATES_MAX = 9;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static ClusterClient client;
    private Connection connection;
    private final List<Integer> counts = new CopyOnWriteArrayList<>();
    private final List<String> processed = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
        client = cluster.newClient();
    }

    @AfterAll
    static void stopCluster() {
        client.close();
        cluster.close();
    }

    @BeforeEach
    void connect() throws JMSException {
        connection = new MillraceConnectionFactory("millrace://" + cluster.bootstrapServers()).createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws JMSException {
        connection.close();
    }

    @Test
    void aMessageThatItsListenerThrowsOnEndsInTheDeadLetterQueueWithItsHistory() throws Exception {
        createQueue("poisoned", Map.of("max.deliveries", "4"));
        listen("poisoned");
        TextMessage sent = connection.createSession().createTextMessage("poison");
        sent.setStringProperty("JMSXGroupID", "ann");
        sent.setIntProperty("size", 42);
        send("poisoned", sent);
        send("poisoned", connection.createSession().createTextMessage("wholesome"));

        Wait.until("its last delivery", SOON, () -> counts.size() >= 4);
        Wait.until("the dead-letter queue", SOON, () -> isThere("DLQ.poisoned"));
        Session session = connection.createSession();
        try (MessageConsumer consumer = session.createConsumer(session.createQueue("DLQ.poisoned"))) {
            TextMessage dead = (TextMessage) consumer.receive(SOON_MS);

            assertThat(dead.getText()).isEqualTo("poison");
            assertThat(dead.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
            assertThat(dead.getJMSTimestamp()).isEqualTo(sent.getJMSTimestamp());
            assertThat(dead.getJMSRedelivered()).isFalse();
            assertThat(dead.getIntProperty("size")).isEqualTo(42);
            assertThat(dead.getStringProperty("JMSXGroupID")).isEqualTo("ann");
            assertThat(dead.getStringProperty("JMS_Millrace_Dead_Destination")).isEqualTo("poisoned");
            assertThat(dead.getIntProperty("JMS_Millrace_Dead_Partition")).isZero();
            assertThat(dead.getLongProperty("JMS_Millrace_Dead_Offset")).isZero();
            assertThat(dead.getStringProperty("JMS_Millrace_Dead_Cause")).isEqualTo("max.deliveries");
            assertThat(dead.getIntProperty("JMS_Millrace_Dead_Deliveries")).isEqualTo(4);
            assertThat(dead.getStringProperty("JMS_Millrace_Dead_Error"))
                    .isEqualTo("java.lang.UnsupportedOperationException: delivery 4");
            assertThat(dead.getLongProperty("JMS_Millrace_Dead_Timestamp")).isEqualTo(sent.getJMSTimestamp());
            assertThat(consumer.receive(NOT_MS)).isNull();
        }
        assertThat(counts).containsExactly(1, 2, 3, 4);
        Wait.until("the other message", SOON, () -> processed.equals(List.of("wholesome")));

        var records = kafkaRecords("DLQ.poisoned", 1);
        assertThat(records.get(0).key()).isEqualTo("ann".getBytes(UTF_8));
        assertThat(headers(records.get(0)))
                .containsEntry("size", "42")
                .containsEntry("JMS_Millrace_Dead_Destination", "poisoned")
                .containsEntry("JMS_Millrace_Dead_Deliveries", "4");
    }

    @Test
    void theDeadLetterQueueMayBeLedByAnotherBroker() throws Exception {
        createQueue("unlucky", Map.of("max.deliveries", "2"));
        String elsewhere = queueLedElsewhere(cluster.leaderOf("unlucky", 0));
        client.admin()
                .configurations()
                .change(new Subject.Topic("unlucky"), Map.of("dead.letter.queue", elsewhere), Set.of(), false)
                .get(30, TimeUnit.SECONDS);
        listen("unlucky");

        send("unlucky", connection.createSession().createTextMessage("poison"));

        Session session = connection.createSession();
        Message dead = session.createConsumer(session.createQueue(elsewhere)).receive(SOON_MS);
        assertThat(text(dead)).isEqualTo("poison");
        assertThat(dead.getStringProperty("JMS_Millrace_Dead_Destination")).isEqualTo("unlucky");
        assertThat(counts).containsExactly(1, 2);
        assertThat(isThere("DLQ.unlucky")).isFalse();
    }

    private static String queueLedElsewhere(int leader) throws Exception {
        for (int i = 0; i < CANDIDATES_MAX; i++) {
            createQueue("elsewhere" + i, Map.of());
            if (cluster.leaderOf("elsewhere" + i, 0) != leader) {
                return "elsewhere" + i;
            }
        }
        throw new AssertionError("All of " + CANDIDATES_MAX + " queues are led by broker " + leader);
    }

    @Test
    void aRestartOfTheBrokerKeepsTheCount() throws Exception {
        createQueue("counted", Map.of("max.deliveries", "6", "redelivery.delay.ms", "300"));
        listen("counted");
        send("counted", connection.createSession().createTextMessage("poison"));
        Wait.until("three deliveries", SOON, () -> counts.size() >= 3);

        int leader = cluster.leaderOf("counted", 0);
        cluster.kill(leader);
        int before = counts.size();
        Wait.until("its last delivery", SOON, () -> counts.contains(6));
        // Its queue has as many replicas as the broker's setting says: it is created when there are as many brokers.
        cluster.start(leader);
        Wait.until("the dead-letter queue", SOON, () -> isThere("DLQ.counted"));
        Session session = connection.createSession();
        Message dead =
                session.createConsumer(session.createQueue("DLQ.counted")).receive(SOON_MS);
        cluster.awaitInSync("counted");

        assertThat(dead.getIntProperty("JMS_Millrace_Dead_Deliveries")).isEqualTo(6);
        // The count of the delivery that was under way may be lost with the broker, those before it are not.
        assertThat(counts).startsWith(1, 2, 3).endsWith(6).hasSizeBetween(6, 7);
        assertThat(counts.subList(before, counts.size())).allMatch(count -> count >= before);
        assertThat(kafkaRecords("DLQ.counted", 1)).hasSize(1);
    }

    @Test
    void aRollbackIsFollowedByThePauseThatIsConfigured() throws Exception {
        createQueue("paused", Map.of("redelivery.delay.ms", "400", "redelivery.delay.multiplier", "3"));
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(session.createQueue("paused"));
        send("paused", connection.createSession().createTextMessage("first"));
        assertThat(text(consumer.receive(SOON_MS))).isEqualTo("first");

        long rolledBackNanos = System.nanoTime();
        session.rollback();
        send("paused", connection.createSession().createTextMessage("second"));
        assertThat(text(consumer.receive(SOON_MS))).isEqualTo("second");
        assertThat(text(consumer.receive(SOON_MS))).isEqualTo("first");
        assertThat(since(rolledBackNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(400));

        rolledBackNanos = System.nanoTime();
        session.rollback();
        send("paused", connection.createSession().createTextMessage("third"));
        assertThat(text(consumer.receive(SOON_MS))).isEqualTo("third");
        assertThat(text(consumer.receive(SOON_MS))).isEqualTo("second");
        assertThat(since(rolledBackNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        Message again = consumer.receive(SOON_MS);
        assertThat(text(again)).isEqualTo("first");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
        assertThat(since(rolledBackNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(1_200));
        session.commit();
        assertThat(consumer.receive(NOT_MS)).isNull();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void createQueue(String name, Map<String, String> configuration) throws Exception {
        client.admin().create(name, DestinationKind.QUEUE, 1, 3, configuration).get(30, TimeUnit.SECONDS);
    }

    private static boolean isThere(String name) {
        return client.admin().describe(List.of(name)).join().size() == 1;
    }

    private void listen(String queue) throws JMSException {
        Session session = connection.createSession();
        session.createConsumer(session.createQueue(queue)).setMessageListener(this::failOnPoison);
    }

    private void failOnPoison(Message message) {
        try {
            if (text(message).equals("poison")) {
                int count = message.getIntProperty("JMSXDeliveryCount");
                counts.add(count);
                throw new UnsupportedOperationException("delivery " + count);
            }
            processed.add(text(message));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(String queue, Message message) throws JMSException {
        try (Session session = connection.createSession()) {
            session.createProducer(session.createQueue(queue)).send(message);
        }
    }

    private static String text(Message message) throws JMSException {
        return ((TextMessage) message).getText();
    }

    private static List<ConsumerRecord<byte[], byte[]>> kafkaRecords(String topic, int count) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrapServers(), "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var records = new CopyOnWriteArrayList<ConsumerRecord<byte[], byte[]>>();
            Wait.until("records of " + topic, SOON, () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= count && consumer.position(partition) >= end(consumer, partition);
            });
            return records;
        }
    }

    private static long end(KafkaConsumer<?, ?> consumer, TopicPartition partition) {
        return consumer.endOffsets(List.of(partition)).get(partition);
    }

    private static Map<String, String> headers(ConsumerRecord<?, ?> read) {
        Map<String, String> headers = new HashMap<>();
        read.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }
}
