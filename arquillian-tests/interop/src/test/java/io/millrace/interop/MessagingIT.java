package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jakarta Messaging on real brokers, beside Kafka's own client. */
class MessagingIT {
    private static final long SOON_MS = 30_000;
    private static final long NOT_MS = 500;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private Connection connection;

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
        cluster.createTopic("from-jms", 1, 3);
        cluster.createTopic("from-kafka", 1, 3);
        cluster.createTopic("committed-by-kafka", 1, 3);
        cluster.createQueue("work-from-kafka", 1, 3);
        cluster.createQueue("transacted", 1, 3);
        cluster.createQueue("killed", 1, 3);
        cluster.createQueue("browsed", 2, 3);
        cluster.createTopic("selected", 2, 3);
        cluster.createTopic("kept", 2, 3);
        cluster.createQueue("ordered", 1, 3);
    }

    @AfterAll
    static void stopCluster() {
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
    void theKafkaClientReadsWhatJmsHasSent() throws JMSException {
        Session session = connection.createSession();
        TextMessage message = session.createTextMessage("Gr\u00fc\u00dfe");
        message.setStringProperty("JMSXGroupID", "ann");
        message.setStringProperty("city", "Z\u00fcrich");
        message.setIntProperty("count", 5);
        session.createProducer(session.createTopic("from-jms")).send(message);

        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrapServers(), "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition("from-jms", 0)));
            consumer.seekToBeginning(consumer.assignment());
            var record = consumer.poll(Duration.ofMillis(SOON_MS)).iterator().next();

            assertThat(record.key()).isEqualTo("ann".getBytes(UTF_8));
            assertThat(record.value()).isEqualTo("Gr\u00fc\u00dfe".getBytes(UTF_8));
            assertThat(record.timestamp()).isEqualTo(message.getJMSTimestamp());
            List<String> headers = new ArrayList<>();
            for (Header header : record.headers()) {
                headers.add(header.key() + "=" + new String(header.value(), UTF_8));
            }
            assertThat(headers)
                    .containsExactly(
                            "JMS_Millrace_Body=text",
                            "JMSMessageID=" + message.getJMSMessageID(),
                            "city=Z\u00fcrich",
                            "count=5",
                            "JMS_Millrace_Types=count:int");
        }
    }

    @Test
    void jmsReadsWhatTheKafkaClientHasSentToATopicAndToAQueue() throws Exception {
        Session session = connection.createSession();
        MessageConsumer topic = session.createConsumer(session.createTopic("from-kafka"));
        MessageConsumer queue = session.createConsumer(session.createQueue("work-from-kafka"));
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String name : List.of("from-kafka", "work-from-kafka")) {
                var record = new ProducerRecord<>(name, "ann".getBytes(UTF_8), "hello".getBytes(UTF_8));
                record.headers().add("trace-id", "7f".getBytes(UTF_8)).add("city", "Rome".getBytes(UTF_8));
                producer.send(record).get();
            }
        }

        for (MessageConsumer consumer : List.of(topic, queue)) {
            Message message = consumer.receive(SOON_MS);
            assertThat(message).isInstanceOf(BytesMessage.class);
            assertThat(message.getBody(byte[].class)).isEqualTo("hello".getBytes(UTF_8));
            assertThat(message.getStringProperty("JMSXGroupID")).isEqualTo("ann");
            assertThat(message.getStringProperty("city")).isEqualTo("Rome");
            assertThat(message.getStringProperty("trace-id")).isEqualTo("7f");
        }
    }

    @Test
    void aSubscriberGetsWhatTheKafkaClientHasCommittedAndNothingElse() throws Exception {
        Session session = connection.createSession();
        MessageConsumer subscriber = session.createConsumer(session.createTopic("committed-by-kafka"));
        Map<String, Object> settings =
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "transactional.id", "messaging");
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (String text : List.of("aborted", "committed")) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("committed-by-kafka", text.getBytes(UTF_8)))
                        .get();
                assertThat(subscriber.receive(NOT_MS))
                        .as("'%s' before its end", text)
                        .isNull();
                if (text.equals("aborted")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }

        assertThat(subscriber.receive(SOON_MS).getBody(byte[].class)).isEqualTo("committed".getBytes(UTF_8));
        assertThat(subscriber.receive(NOT_MS)).isNull();
    }

    @Test
    void transactionsAndRedeliveryAreAsTheSpecificationSays() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        var queue = session.createQueue("transacted");
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        producer.send(session.createTextMessage("rolled back"));
        session.rollback();
        producer.send(session.createTextMessage("a"));
        producer.send(session.createTextMessage("b"));
        session.commit();
        assertReceived(consumer, "a", 1);
        session.rollback();
        assertReceived(consumer, "a", 2);
        session.commit();
        assertReceived(consumer, "b", 1);
        session.close();

        Session other = connection.createSession();
        MessageConsumer next = other.createConsumer(queue);
        assertReceived(next, "b", 2);
        assertThat(next.receive(NOT_MS)).isNull();
    }

    @Test
    void aQueueHeedsPriorityDelayAndExpiration() throws JMSException {
        Session session = connection.createSession();
        var queue = session.createQueue("ordered");
        MessageProducer producer = session.createProducer(queue);
        long delayMs = 5_000;
        long dueMs = System.currentTimeMillis() + delayMs;
        producer.setDeliveryDelay(delayMs);
        producer.send(session.createTextMessage("late"));
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("expired"), DeliveryMode.PERSISTENT, 9, 1);
        producer.send(session.createTextMessage("low"), DeliveryMode.PERSISTENT, 1, 0);
        producer.send(session.createTextMessage("plain"));
        producer.send(session.createTextMessage("high"), DeliveryMode.PERSISTENT, 8, 0);

        MessageConsumer consumer = session.createConsumer(queue);
        for (String text : List.of("high", "plain", "low", "late")) {
            assertReceived(consumer, text, 1);
        }
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueMs);
        assertThat(consumer.receive(NOT_MS)).isNull();
    }

    @Test
    void aDurableSubscriptionKeepsWhatIsSentWhileNobodyReadsIt() throws JMSException {
        Session session = connection.createSession();
        var topic = session.createTopic("kept");
        session.createSharedDurableConsumer(topic, "audit").close();
        session.createProducer(topic).send(session.createTextMessage("1"));
        int killed = cluster.leaderOf("kept", 0);
        cluster.kill(killed);
        Session other = connection.createSession();
        other.createProducer(topic).send(session.createTextMessage("2"));

        MessageConsumer consumer = session.createSharedDurableConsumer(topic, "audit");
        Set<String> received = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            received.add(consumer.receive(SOON_MS).getBody(String.class));
        }
        consumer.close();
        MessageConsumer again = session.createSharedDurableConsumer(topic, "audit");
        assertThat(received).containsExactlyInAnyOrder("1", "2");
        assertThat(again.receive(NOT_MS)).isNull();
        again.close();
        session.unsubscribe("audit");
        restart(killed, "kept");
    }

    private static void assertReceived(MessageConsumer consumer, String text, int deliveryCount) throws JMSException {
        TextMessage message = (TextMessage) consumer.receive(SOON_MS);
        assertThat(message).as(text).isNotNull();
        assertThat(message.getText()).isEqualTo(text);
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(deliveryCount);
        assertThat(message.getJMSRedelivered()).isEqualTo(deliveryCount > 1);
    }

    @Test
    void aKilledLeaderCostsNoMessageAndNoAcknowledgementAndNoException() {
        Set<String> sent = ConcurrentHashMap.newKeySet();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        List<String> repeated = new CopyOnWriteArrayList<>();
        Set<String> unmarked = ConcurrentHashMap.newKeySet();
        List<Exception> failed = new ArrayList<>();
        var stop = new AtomicBoolean();
        var sender = started(failed, () -> {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("killed"));
            for (int i = 0; !stop.get(); i++) {
                producer.send(session.createTextMessage("m" + i));
                sent.add("m" + i);
            }
        });
        var receiver = started(failed, () -> {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("killed"));
            boolean isDrained = false;
            while (!isDrained) {
                Message message = consumer.receive(stop.get() && acknowledged.containsAll(sent) ? NOT_MS : SOON_MS);
                if (message == null) {
                    isDrained = true;
                } else if (!acknowledged.add(((TextMessage) message).getText())) {
                    repeated.add(((TextMessage) message).getText());
                    if (!message.getJMSRedelivered() || message.getIntProperty("JMSXDeliveryCount") < 2) {
                        unmarked.add(((TextMessage) message).getText());
                    }
                }
            }
        });
        Wait.until("messages flow", Duration.ofSeconds(60), () -> acknowledged.size() > 200);

        int killed = cluster.leaderOf("killed", 0);
        cluster.kill(killed);
        int before = acknowledged.size();
        Wait.until("messages flow again", Duration.ofSeconds(60), () -> acknowledged.size() > before + 200);
        stop.set(true);
        join(sender);
        Wait.until("all are received", Duration.ofSeconds(60), () -> acknowledged.containsAll(sent));
        join(receiver);
        restart(killed, "killed");

        assertThat(failed).isEmpty();
        assertThat(acknowledged).containsAll(sent);
        // A message is acknowledged before the next one is taken, so that a kill finds one acknowledgement under way.
        assertThat(repeated).as("messages received again").hasSizeLessThanOrEqualTo(1);
        assertThat(unmarked).as("messages received again without a mark").isEmpty();
    }

    @Test
    void aBrowserShowsEveryMessageOnceWhileALeaderIsKilled() throws JMSException {
        cluster.startAll();
        cluster.awaitInSync("browsed");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("browsed"));
        Set<String> sent = new HashSet<>();
        for (int i = 0; i < 600; i++) {
            TextMessage message = session.createTextMessage(i + "x".repeat(10_000));
            message.setStringProperty("JMSXGroupID", "group" + i % 8);
            message.setIntProperty("i", i);
            producer.send(message);
            sent.add(message.getText());
        }
        var queue = session.createQueue("browsed");
        List<String> shown = new ArrayList<>();

        var pass = session.createBrowser(queue).getEnumeration();
        shown.add(((TextMessage) pass.nextElement()).getText());
        int killed = cluster.leaderOf("browsed", 0);
        cluster.kill(killed);
        while (pass.hasMoreElements()) {
            shown.add(((TextMessage) pass.nextElement()).getText());
        }
        restart(killed, "browsed");

        assertThat(shown).hasSize(600).containsExactlyInAnyOrderElementsOf(sent);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (int i = 0; i < 100; i++) {
                sent.remove(((TextMessage) consumer.receive(SOON_MS)).getText());
            }
        }
        assertThat(texts(session.createBrowser(queue).getEnumeration())).containsExactlyInAnyOrderElementsOf(sent);
        sent.removeIf(text -> Integer.parseInt(text.substring(0, text.indexOf('x'))) < 300);
        assertThat(texts(session.createBrowser(queue, "i >= 300").getEnumeration()))
                .containsExactlyInAnyOrderElementsOf(sent);
    }

    private static void restart(int broker, String destination) {
        cluster.start(broker);
        cluster.awaitInSync(destination);
    }

    private static List<String> texts(Enumeration<?> pass) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (pass.hasMoreElements()) {
            texts.add(((TextMessage) pass.nextElement()).getText());
        }
        return texts;
    }

    @Test
    void aSubscriberGetsWhatItsSelectorMatchesAlsoOfKafkaRecords() throws Exception {
        Session session = connection.createSession();
        MessageConsumer subscriber = session.createConsumer(session.createTopic("selected"), "region = 'EU'");
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String region : List.of("US", "EU", "ASIA")) {
                var record = new ProducerRecord<byte[], byte[]>("selected", region.getBytes(UTF_8));
                record.headers().add("region", region.getBytes(UTF_8));
                producer.send(record).get(30, TimeUnit.SECONDS);
            }
        }

        assertThat(subscriber.receive(SOON_MS).getBody(byte[].class)).isEqualTo("EU".getBytes(UTF_8));
        assertThat(subscriber.receive(NOT_MS)).isNull();
    }

    private interface Work {
        void run() throws JMSException;
    }

    private static Thread started(List<Exception> failed, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (JMSException e) {
                synchronized (failed) {
                    failed.add(e);
                }
            }
        });
        thread.start();
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(thread.isAlive()).as("the thread has not ended").isFalse();
    }
}
