package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.testkit.ProcessCluster;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers with selectors on queues of real brokers. */
class QueueSelectorIT {
    private static final long SOON_MS = 30_000;
    private static final long NOT_MS = 500;
    private static final int MANY = 100_000;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private Connection connection;

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
        cluster.createQueue("shared-out", 2, 3);
        cluster.createQueue("released", 1, 3);
        cluster.createQueue("deep", 1, 3);
        cluster.createQueue("led-anew", 1, 3);
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
    void consumersWithDisjointSelectorsShareAQueueAndABrowserShowsWhatIsLeft() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("shared-out");
        Session[] senders = {connection.createSession(), connection.createSession()};
        for (int i = 0; i < 30; i++) {
            send(senders[i % 2], queue, List.of("red", "blue", "green").get(i % 3), i);
        }
        MessageConsumer red = session.createConsumer(queue, "color = 'red'");
        MessageConsumer blue = connection.createSession().createConsumer(queue, "color = 'blue' AND i >= 10");

        assertThat(numbers(red, 10)).containsExactlyInAnyOrder(0, 3, 6, 9, 12, 15, 18, 21, 24, 27);
        assertThat(numbers(blue, 7)).containsExactlyInAnyOrder(10, 13, 16, 19, 22, 25, 28);
        assertThat(red.receive(NOT_MS)).isNull();
        assertThat(blue.receive(NOT_MS)).isNull();
        assertThat(numbers(session.createBrowser(queue, "color <> 'green'").getEnumeration()))
                .containsExactlyInAnyOrder(1, 4, 7);

        send(session, queue, "red", 30);
        assertThat(numbers(red, 1)).containsExactly(30);
        assertThat(numbers(session.createConsumer(queue), 13)).contains(1, 4, 7);
    }

    @Test
    void whatIsRolledBackBehindTheScanIsDelivered() throws JMSException {
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        Session session = connection.createSession();
        Queue queue = session.createQueue("released");
        send(session, queue, "red", 0);
        send(session, queue, "blue", 1);
        MessageConsumer holder = transacted.createConsumer(queue);
        assertThat(numbers(holder, 2)).containsExactly(0, 1);
        holder.close(); // takes no more, and keeps what the transaction has
        MessageConsumer red = session.createConsumer(queue, "color = 'red'");
        send(session, queue, "red", 2);
        assertThat(numbers(red, 1)).containsExactly(2);
        assertThat(red.receive(NOT_MS)).isNull();

        transacted.rollback();
        transacted.close();

        Message message = red.receive(SOON_MS);
        assertThat(message.getIntProperty("i")).isZero();
        assertThat(message.getJMSRedelivered()).isTrue();
        assertThat(red.receive(NOT_MS)).isNull();
    }

    @Test
    void aMatchBehindManyOthersIsFoundWhileOthersAreServed() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("deep");
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrapServers(), "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < MANY; i++) {
                // With keys, that is in message groups.
                var record = new ProducerRecord<>("deep", ("key" + i).getBytes(UTF_8), new byte[100]);
                record.headers().add("color", "blue".getBytes(UTF_8));
                producer.send(record);
            }
        }
        send(session, queue, "red", MANY);

        MessageConsumer red = session.createConsumer(queue, "color = 'red'");
        MessageConsumer any = connection.createSession().createConsumer(queue);
        assertThat(any.receive(SOON_MS).getStringProperty("color")).isEqualTo("blue");
        assertThat(numbers(red, 1)).containsExactly(MANY);
        send(session, queue, "red", MANY + 1);
        assertThat(numbers(red, 1)).containsExactly(MANY + 1);
        assertThat(any.receive(SOON_MS).getStringProperty("color")).isEqualTo("blue");
    }

    @Test
    void theNextLeaderSearchesAnewAndARestartedBrokerToo() throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("led-anew");
        for (int i = 0; i < 20; i++) {
            send(session, queue, i % 2 == 0 ? "red" : "blue", i);
        }
        MessageConsumer red = session.createConsumer(queue, "color = 'red'");
        for (int i = 0; i < 10; i += 2) {
            Message message = red.receive(SOON_MS);
            assertThat(message.getIntProperty("i")).isEqualTo(i);
            message.acknowledge();
        }

        int killed = cluster.leaderOf("led-anew", 0);
        cluster.kill(killed);
        send(session, queue, "red", 20);
        for (int i = 10; i <= 20; i += 2) {
            Message message = red.receive(SOON_MS);
            assertThat(message.getIntProperty("i")).isEqualTo(i);
            message.acknowledge();
        }
        cluster.start(killed);
        cluster.awaitInSync("led-anew");
        cluster.kill(cluster.leaderOf("led-anew", 0));
        send(session, queue, "red", 22);

        assertThat(numbers(red, 1)).containsExactly(22);
        MessageConsumer rest = connection.createSession().createConsumer(queue);
        for (int i = 1; i < 20; i += 2) {
            Message message = rest.receive(SOON_MS);
            assertThat(message.getIntProperty("i")).isEqualTo(i);
            // Nobody has delivered it, however far ahead the selector has found others.
            assertThat(message.getJMSRedelivered())
                    .as("message %d is redelivered", i)
                    .isFalse();
        }
        cluster.startAll();
    }

    private static void send(Session session, Queue queue, String color, int i) throws JMSException {
        TextMessage message = session.createTextMessage(color + i);
        message.setStringProperty("color", color);
        message.setIntProperty("i", i);
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(message);
        }
    }

    private static List<Integer> numbers(MessageConsumer consumer, int count) throws JMSException {
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(SOON_MS);
            assertThat(message).as("message %d of %d", i + 1, count).isNotNull();
            numbers.add(message.getIntProperty("i"));
        }
        return numbers;
    }

    private static List<Integer> numbers(Enumeration<?> pass) throws JMSException {
        var numbers = new ArrayList<Integer>();
        while (pass.hasMoreElements()) {
            numbers.add(((Message) pass.nextElement()).getIntProperty("i"));
        }
        return numbers;
    }
}
