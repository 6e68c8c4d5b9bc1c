package io.millrace.ra.outbound;

import io.millrace.jms.MillraceSession;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.TransactionInProgressException;
import jakarta.resource.spi.ConnectionEvent;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application's session: the handle of a managed connection.
 *
 * <p>Belongs to one thread at a time, as sessions do.
 */
public final class SessionHandle implements QueueSession, TopicSession {
    private final List<ConsumerHandle> consumers = new ArrayList<>();
    private final List<QueueBrowser> browsers = new ArrayList<>();
    private @Nullable MillraceManagedConnection connection;
    private @Nullable ConnectionHandle parent;
    private int mode = Session.AUTO_ACKNOWLEDGE;
    private boolean inOwnTransaction;

    SessionHandle(MillraceManagedConnection connection) {
        this.connection = connection;
    }

    void open(ConnectionHandle openedBy, int sessionMode) {
        parent = openedBy;
        mode = sessionMode;
    }

    void start() throws JMSException {
        connection().physical().start();
    }

    void moveTo(MillraceManagedConnection other) {
        if (connection != null) {
            connection.forget(this);
        }
        connection = other;
    }

    private MillraceManagedConnection connection() throws JMSException {
        if (connection == null) {
            throw JmsFailures.closed("The session");
        }
        return connection;
    }

    /** Tells the server, once, of a transaction that the application demarcates itself. */
    void use() throws JMSException {
        MillraceManagedConnection current = connection();
        if (mode == Session.SESSION_TRANSACTED && !current.isInTransaction() && !inOwnTransaction) {
            inOwnTransaction = true;
            current.onApplicationTransaction(ConnectionEvent.LOCAL_TRANSACTION_STARTED, this);
        }
    }

    /** The session that does the work. */
    private MillraceSession physical() throws JMSException {
        use();
        return connection().session(mode);
    }

    /** Its producer for any destination. */
    MessageProducer physicalProducer() throws JMSException {
        return connection().producerOf(physical());
    }

    @Override
    public boolean getTransacted() throws JMSException {
        return mode == Session.SESSION_TRANSACTED || connection().isInTransaction();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        return getTransacted() ? Session.SESSION_TRANSACTED : mode;
    }

    @Override
    public void commit() throws JMSException {
        MillraceSession session = ownTransaction("commit");
        session.commit();
        endOwnTransaction(ConnectionEvent.LOCAL_TRANSACTION_COMMITTED);
    }

    @Override
    public void rollback() throws JMSException {
        MillraceSession session = ownTransaction("rollback");
        session.rollback();
        endOwnTransaction(ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK);
    }

    private MillraceSession ownTransaction(String operation) throws JMSException {
        if (connection().isInTransaction()) {
            throw new TransactionInProgressException(
                    operation + " is the server's task while its transaction is under way; use UserTransaction");
        }
        if (mode != Session.SESSION_TRANSACTED) {
            throw new jakarta.jms.IllegalStateException(
                    operation + " needs a transacted session, but this one's mode is " + mode);
        }
        return physical();
    }

    private void endOwnTransaction(int event) throws JMSException {
        inOwnTransaction = false;
        connection().onApplicationTransaction(event, this);
    }

    @Override
    public void recover() throws JMSException {
        physical().recover();
    }

    /** Idempotent: the managed connection goes back to the pool. */
    @Override
    public void close() throws JMSException {
        MillraceManagedConnection open = connection;
        if (open == null) {
            return;
        }
        try {
            if (inOwnTransaction && !open.isInTransaction()) {
                rollback();
            }
            closeChildren();
        } finally {
            connection = null;
            if (parent != null) {
                parent.onClosed(this);
            }
            open.onClosed(this);
        }
    }

    /** The server takes the connection away. */
    void invalidate() {
        try {
            closeChildren();
        } catch (JMSException ignored) {
            // The session under them is closed or rolled back next.
        }
        connection = null;
        inOwnTransaction = false;
        if (parent != null) {
            parent.onClosed(this);
        }
    }

    private void closeChildren() throws JMSException {
        List<ConsumerHandle> openConsumers = List.copyOf(consumers);
        List<QueueBrowser> openBrowsers = List.copyOf(browsers);
        consumers.clear();
        browsers.clear();
        for (ConsumerHandle consumer : openConsumers) {
            consumer.close();
        }
        for (QueueBrowser browser : openBrowsers) {
            browser.close();
        }
    }

    void onClosed(ConsumerHandle consumer) {
        consumers.remove(consumer);
    }

    @Override
    public MessageProducer createProducer(@Nullable Destination destination) throws JMSException {
        return new ProducerHandle(this, destination);
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        return new ProducerHandle(this, queue);
    }

    @Override
    public TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        return new ProducerHandle(this, topic);
    }

    private ConsumerHandle consumer(MessageConsumer physical) {
        ConsumerHandle consumer = new ConsumerHandle(this, physical);
        consumers.add(consumer);
        return consumer;
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return consumer(physical().createConsumer(destination));
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector) throws JMSException {
        return consumer(physical().createConsumer(destination, selector));
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(physical().createConsumer(destination, selector, noLocal));
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return consumer(physical().createConsumer(queue));
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        return consumer(physical().createConsumer(queue, selector));
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return consumer(physical().createConsumer(topic));
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(physical().createConsumer(topic, selector, noLocal));
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String subscription) throws JMSException {
        return consumer(physical().createSharedConsumer(topic, subscription));
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String subscription, @Nullable String selector)
            throws JMSException {
        return consumer(physical().createSharedConsumer(topic, subscription, selector));
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return consumer(physical().createDurableConsumer(topic, name));
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(physical().createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return consumer(physical().createSharedDurableConsumer(topic, name));
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        return consumer(physical().createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return consumer(physical().createDurableSubscriber(topic, name));
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(physical().createDurableSubscriber(topic, name, selector, noLocal));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return remember(physical().createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        return remember(physical().createBrowser(queue, selector));
    }

    private QueueBrowser remember(QueueBrowser browser) {
        browsers.add(browser);
        return browser;
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        physical().unsubscribe(name);
    }

    @Override
    public Queue createQueue(String name) throws JMSException {
        return physical().createQueue(name);
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        return physical().createTopic(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        return physical().createTemporaryQueue();
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        return physical().createTemporaryTopic();
    }

    @Override
    public Message createMessage() throws JMSException {
        return physical().createMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        return physical().createTextMessage();
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        return physical().createTextMessage(text);
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        return physical().createBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        return physical().createMapMessage();
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        return physical().createStreamMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        return physical().createObjectMessage();
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        return physical().createObjectMessage(object);
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        connection();
        return null;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        throw JmsFailures.forbidden("setMessageListener");
    }

    /** Part of the specification's optional server sessions, which a resource adapter replaces. */
    @Override
    public void run() {
        throw new IllegalStateException(
                "run() is for server sessions, which this session is not; use a message-driven bean");
    }
}
