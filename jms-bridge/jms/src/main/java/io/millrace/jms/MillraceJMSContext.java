package io.millrace.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The simplified API over a connection and one session of it; also over those that a resource adapter hands out.
 *
 * <p>Belongs to one thread at a time, as its session does; {@link #close} may be called by any.
 */
public final class MillraceJMSContext implements JMSContext {
    private final SharedConnection shared;
    private final int sessionMode;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean autoStart = true;
    private @Nullable Session session;
    private @Nullable MessageProducer producer;

    /** The connection of a context and those created from it: the last one closes it. */
    private record SharedConnection(Connection connection, AtomicInteger contexts) {}

    private MillraceJMSContext(SharedConnection shared, int sessionMode) {
        this.shared = shared;
        this.sessionMode = sessionMode;
        shared.contexts.incrementAndGet();
    }

    /** A context that owns this connection. */
    public static MillraceJMSContext over(Connection connection, int sessionMode) {
        return new MillraceJMSContext(
                new SharedConnection(connection, new AtomicInteger()), requireSessionMode(sessionMode));
    }

    static int requireSessionMode(int sessionMode) {
        if (sessionMode < SESSION_TRANSACTED || sessionMode > DUPS_OK_ACKNOWLEDGE) {
            throw new JMSRuntimeException("The session mode is " + sessionMode + "; it must be SESSION_TRANSACTED (0), "
                    + "AUTO_ACKNOWLEDGE (1), CLIENT_ACKNOWLEDGE (2) or DUPS_OK_ACKNOWLEDGE (3)");
        }
        return sessionMode;
    }

    @Override
    public JMSContext createContext(int newSessionMode) {
        requireOpen();
        return new MillraceJMSContext(shared, requireSessionMode(newSessionMode));
    }

    @Override
    public JMSProducer createProducer() {
        return new MillraceJMSProducer(this, Unchecked.get(this::producer));
    }

    /** The session is made when it is needed first, as a client id can be set only before. */
    private synchronized Session session() throws JMSException {
        requireOpen();
        if (session == null) {
            session = shared.connection.createSession(sessionMode);
        }
        return session;
    }

    private synchronized MessageProducer producer() throws JMSException {
        if (producer == null) {
            producer = session().createProducer(null);
        }
        return producer;
    }

    private <T> T use(Use<T> use) {
        return Unchecked.get(() -> use.of(session()));
    }

    @FunctionalInterface
    private interface Use<T> {
        T of(Session session) throws JMSException;
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateRuntimeException("The context is closed");
        }
    }

    private Connection connection() {
        requireOpen();
        return shared.connection;
    }

    @Override
    public @Nullable String getClientID() {
        return Unchecked.getNullable(() -> connection().getClientID());
    }

    @Override
    public void setClientID(@Nullable String clientId) {
        Unchecked.run(() -> connection().setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return Unchecked.get(() -> connection().getMetaData());
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        return Unchecked.getNullable(() -> connection().getExceptionListener());
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        Unchecked.run(() -> connection().setExceptionListener(listener));
    }

    @Override
    public void start() {
        Unchecked.run(() -> connection().start());
    }

    @Override
    public void stop() {
        Unchecked.run(() -> connection().stop());
    }

    @Override
    public void setAutoStart(boolean newAutoStart) {
        requireOpen();
        autoStart = newAutoStart;
    }

    @Override
    public boolean getAutoStart() {
        requireOpen();
        return autoStart;
    }

    @Override
    public void close() {
        if (closed.get()) {
            return;
        }
        Session closing = currentSession();
        if (closing != null) {
            Unchecked.run(closing::close);
        }
        if (closed.compareAndSet(false, true) && shared.contexts.decrementAndGet() == 0) {
            Unchecked.run(shared.connection::close);
        }
    }

    private synchronized @Nullable Session currentSession() {
        return session;
    }

    @Override
    public BytesMessage createBytesMessage() {
        return use(Session::createBytesMessage);
    }

    @Override
    public MapMessage createMapMessage() {
        return use(Session::createMapMessage);
    }

    @Override
    public Message createMessage() {
        return use(Session::createMessage);
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return use(Session::createObjectMessage);
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return use(current -> current.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return use(Session::createStreamMessage);
    }

    @Override
    public TextMessage createTextMessage() {
        return use(Session::createTextMessage);
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return use(current -> current.createTextMessage(text));
    }

    @Override
    public boolean getTransacted() {
        requireOpen();
        return sessionMode == SESSION_TRANSACTED;
    }

    @Override
    public int getSessionMode() {
        requireOpen();
        return sessionMode;
    }

    @Override
    public void commit() {
        Unchecked.run(() -> session().commit());
    }

    @Override
    public void rollback() {
        Unchecked.run(() -> session().rollback());
    }

    @Override
    public void recover() {
        Unchecked.run(() -> session().recover());
    }

    @Override
    public void acknowledge() {
        requireOpen();
        if (sessionMode != CLIENT_ACKNOWLEDGE) {
            return; // without effect in other modes, says the specification
        }
        if (Unchecked.get(this::session) instanceof MillraceSession ours) {
            Unchecked.run(ours::acknowledge);
        } else {
            throw new JMSRuntimeException(
                    "The session belongs to a container; acknowledge by the message's acknowledge()");
        }
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return newConsumer(current -> current.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector) {
        return newConsumer(current -> current.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal) {
        return newConsumer(current -> current.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return newConsumer(current -> current.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal) {
        return newConsumer(current -> current.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return newConsumer(current -> current.createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector) {
        return newConsumer(current -> current.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return newConsumer(current -> current.createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector) {
        return newConsumer(current -> current.createSharedConsumer(topic, name, selector));
    }

    private JMSConsumer newConsumer(Use<MessageConsumer> made) {
        JMSConsumer consumer = new MillraceJMSConsumer(use(made));
        if (autoStart) {
            start();
        }
        return consumer;
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return use(current -> current.createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) {
        return use(current -> current.createBrowser(queue, selector));
    }

    @Override
    public Queue createQueue(String queueName) {
        return use(current -> current.createQueue(queueName));
    }

    @Override
    public Topic createTopic(String topicName) {
        return use(current -> current.createTopic(topicName));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return use(Session::createTemporaryQueue);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return use(Session::createTemporaryTopic);
    }

    @Override
    public void unsubscribe(String name) {
        Unchecked.run(() -> session().unsubscribe(name));
    }
}
