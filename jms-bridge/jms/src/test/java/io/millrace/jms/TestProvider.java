package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.InMemoryCluster;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** This provider over a cluster in memory; closing it finds whatever a test has left behind. */
final class TestProvider implements AutoCloseable {
    /** How long a test waits for what must come. */
    static final long SOON_MS = 10_000;
    /** How long a test waits for what must not come. */
    static final long NOT_MS = 150;

    private static final Duration METADATA_AGE_MAX = Duration.ofMillis(100);

    final InMemoryCluster cluster;
    final SharedLinks links;
    private final List<Connection> connections = new ArrayList<>();

    TestProvider() {
        this(1);
    }

    TestProvider(int defaultPartitions) {
        this.cluster = new InMemoryCluster(defaultPartitions);
        this.links =
                new SharedLinks(configuration -> cluster.newClient(configuration.withMetadataMaxAge(METADATA_AGE_MAX)));
    }

    MillraceConnectionFactory factory() {
        return factory("");
    }

    MillraceConnectionFactory factory(String query) {
        return new MillraceConnectionFactory("millrace://in-memory:1" + query, links);
    }

    Connection connection() throws JMSException {
        return opened(factory().createConnection());
    }

    <T extends Connection> T opened(T connection) {
        connections.add(connection);
        return connection;
    }

    Connection started() throws JMSException {
        Connection connection = connection();
        connection.start();
        return connection;
    }

    Session session(int mode) throws JMSException {
        return started().createSession(mode);
    }

    static void send(Session session, String queue, String... texts) throws JMSException {
        try (var producer = session.createProducer(session.createQueue(queue))) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    static String receive(MessageConsumer consumer) throws JMSException {
        return text(consumer.receive(SOON_MS));
    }

    static void assertNothing(MessageConsumer consumer) throws JMSException {
        assertThat(text(consumer.receive(NOT_MS))).isNull();
    }

    /** Waits until something holds that another thread brings about. */
    static void eventually(String what, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + Duration.ofMillis(SOON_MS).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s did not come in time", what).isLessThan(deadlineNanos);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() throws JMSException {
        for (Connection connection : connections) {
            connection.close();
        }
        assertThat(cluster.openCount())
                .as("clients, producers and consumers left open")
                .isZero();
        eventually("the end of all threads", () -> threads().isEmpty());
    }

    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("millrace-") || name.startsWith("in-memory-"))
                .toList();
    }
}
