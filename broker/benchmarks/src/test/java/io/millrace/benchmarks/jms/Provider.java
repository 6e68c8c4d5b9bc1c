package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A provider under measurement: its connection factory, and the brokers' processes. Connections close with it. */
final class Provider implements AutoCloseable {
    static final int BODY_BYTES = 1024;
    static final Duration RECEIVE_MAX = Duration.ofSeconds(20);

    private static final int FILL_BATCH = 500;

    private final ConnectionFactory factory;
    private final List<ProcessHandle> brokers;
    private final List<Connection> connections = new ArrayList<>();

    Provider(ConnectionFactory factory, List<ProcessHandle> brokers) {
        this.factory = factory;
        this.brokers = List.copyOf(brokers);
    }

    ConnectionFactory factory() {
        return factory;
    }

    Stopwatch stopwatch() {
        return new Stopwatch(() -> brokers.stream()
                .map(broker -> broker.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus));
    }

    /** A new connection, started. */
    Connection connect() throws JMSException {
        Connection connection = factory.createConnection();
        connections.add(connection);
        connection.start();
        return connection;
    }

    /** A new connection with a client id, started. */
    Connection connectAs(String clientId) throws JMSException {
        Connection connection = factory.createConnection();
        connections.add(connection);
        connection.setClientID(clientId);
        connection.start();
        return connection;
    }

    static BytesMessage message(Session session, int bytes) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[bytes]);
        return message;
    }

    /** What a message that fills a queue is told before it is sent. */
    interface Mark {
        void mark(Message message, long index) throws JMSException;
    }

    /** Persistent messages, sent in transactions; not measured. */
    void fill(String queue, long count, int bytes, Mark mark) throws JMSException {
        Connection connection = connect();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        for (long i = 0; i < count; i++) {
            Message message = message(session, bytes);
            mark.mark(message, i);
            producer.send(message);
            if ((i + 1) % FILL_BATCH == 0) {
                session.commit();
            }
        }
        session.commit();
        connection.close();
    }

    /**
     * Empties the queue.
     *
     * @throws IllegalStateException where it has not held exactly this number of messages
     */
    void drain(String queue, long expected) throws JMSException {
        Connection connection = connect();
        Session session = connection.createSession(false, Session.DUPS_OK_ACKNOWLEDGE);
        Queue destination = session.createQueue(queue);
        MessageConsumer consumer = session.createConsumer(destination);
        for (long i = 0; i < expected; i++) {
            if (consumer.receive(RECEIVE_MAX.toMillis()) == null) {
                throw new IllegalStateException("queue " + queue + " held " + i + " messages where " + expected
                        + " were sent, or did not deliver the next within " + RECEIVE_MAX);
            }
        }
        if (consumer.receiveNoWait() != null) {
            throw new IllegalStateException("queue " + queue + " held more than the " + expected + " messages sent");
        }
        connection.close();
    }

    @Override
    public void close() throws JMSException {
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
