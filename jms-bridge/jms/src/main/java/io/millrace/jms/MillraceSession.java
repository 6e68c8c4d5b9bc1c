package io.millrace.jms;

import io.millrace.jms.SubscriptionSources.Kind;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
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
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSubscriber;
import java.io.Serializable;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A session: sends and receives in order, one thread at a time.
 *
 * <p>Which thread that is may change; two at a time are found out and refused. Only {@link #close} and messages'
 * {@code acknowledge()} may be called by any thread at any time. With message listeners the session's own thread uses
 * it.
 *
 * <p>Besides the application, whoever made the session may begin and end transactions
 * ({@link #beginTransaction}): a resource adapter does so for its container.
 */
public final class MillraceSession implements SessionShorthand {
    private static final System.Logger LOGGER = System.getLogger(MillraceSession.class.getName());

    private final MillraceConnection connection;
    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final MessagingDomain domain;
    private final int sessionMode;
    private final String idPrefix;
    private long messageCount;
    private final SessionUse use = new SessionUse();
    private final AsyncSends asyncSends;
    private final SessionSending sending;
    private final SessionReception reception;
    private final SessionConsumers consumers;
    private final SessionSubscriptions subscriptions;
    private final SessionTransaction transaction;
    private final SessionDelivery delivery;
    private final SessionRun pooled;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Whether it was waited for listeners: until then they use a session that is closing. */
    private volatile boolean ended;

    /** @param sessionMode one of the constants of {@link Session} */
    MillraceSession(
            MillraceConnection connection,
            ClusterLink link,
            ConnectionSettings settings,
            MessagingDomain domain,
            int sessionMode) {
        this.connection = connection;
        this.link = link;
        this.settings = settings;
        this.domain = domain;
        this.sessionMode = sessionMode;
        int sessionNumber = link.nextSessionNumber();
        this.idPrefix = connection.nextSessionIdPrefix();
        this.asyncSends =
                new AsyncSends("millrace-completions-" + sessionNumber, link.sendTimeout(), connection::onException);
        this.sending = new SessionSending(link, settings.createDestinations(), sessionNumber, asyncSends);
        this.reception = new SessionReception(this, link);
        this.consumers = new SessionConsumers(this, link, settings, reception);
        this.subscriptions =
                new SessionSubscriptions(this, link, consumers.subscriptions(settings), consumers, reception.bell());
        this.transaction = new SessionTransaction(sessionMode, use, sending, reception);
        this.pooled = new SessionRun(this, reception);
        this.delivery = new SessionDelivery(
                this, reception, "millrace-session-" + sessionNumber, settings.closeTimeout(), connection::onException);
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        requireOpen();
        return new MillraceBytesMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        requireOpen();
        return new MillraceMessage();
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        requireOpen();
        return new MillraceTextMessage(text);
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        requireOpen();
        return new MillraceMapMessage();
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        requireOpen();
        MillraceObjectMessage message = new MillraceObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        requireOpen();
        return new MillraceStreamMessage();
    }

    @Override
    public boolean getTransacted() throws JMSException {
        requireOpen();
        return transaction.isTransacted();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        requireOpen();
        return sessionMode;
    }

    @Override
    public Queue createQueue(String queueName) throws JMSException {
        requireOpen();
        domain.require(MessagingDomain.QUEUE, "create a queue");
        return MillraceDestination.queue(MillraceDestination.requireName(queueName));
    }

    @Override
    public Topic createTopic(String topicName) throws JMSException {
        requireOpen();
        domain.require(MessagingDomain.TOPIC, "create a topic");
        return MillraceDestination.topic(MillraceDestination.requireName(topicName));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        requireOpen();
        domain.require(MessagingDomain.QUEUE, "create a temporary queue");
        return temporaries().createQueue();
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        requireOpen();
        domain.require(MessagingDomain.TOPIC, "create a temporary topic");
        return temporaries().createTopic();
    }

    @Override
    public MessageProducer createProducer(@Nullable Destination destination) throws JMSException {
        return newProducer(destination);
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        return newProducer(queue);
    }

    @Override
    public TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        return newProducer(topic);
    }

    private MillraceMessageProducer newProducer(@Nullable Destination destination) throws JMSException {
        requireOpen();
        if (destination == null) {
            return new MillraceMessageProducer(this, null);
        }
        MillraceDestination ours = MillraceDestination.require(destination);
        link.require(ours, settings.createDestinations());
        return new MillraceMessageProducer(this, ours);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return newConsumer(destination, selector, noLocal);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        return newConsumer(queue, selector, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return newConsumer(topic, selector, noLocal);
    }

    private MillraceMessageConsumer newConsumer(
            @Nullable Destination destination, @Nullable String selector, boolean noLocal) throws JMSException {
        requireOpen();
        return consumers.create(destination, selector, noLocal);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a shared consumer");
        return subscriptions.create(Kind.SHARED, topic, name, selector, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a durable subscriber");
        return subscriptions.create(Kind.DURABLE, topic, name, selector, noLocal);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a durable consumer");
        return subscriptions.create(Kind.DURABLE, topic, name, selector, noLocal);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a shared durable consumer");
        return subscriptions.create(Kind.SHARED_DURABLE, topic, name, selector, false);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        domain.require(MessagingDomain.QUEUE, "create a browser");
        return consumers.browse(queue, selector);
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        domain.require(MessagingDomain.TOPIC, "unsubscribe");
        subscriptions.unsubscribe(name);
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        requireOpen();
        return pooled.listener();
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        requireOpen();
        pooled.setListener(listener);
    }

    @Override
    public void run() {
        pooled.run();
    }

    @Override
    public void commit() throws JMSException {
        requireOpen();
        requireNotInCompletion("commit");
        transaction.commit();
    }

    @Override
    public void rollback() throws JMSException {
        requireOpen();
        requireNotInCompletion("roll back");
        transaction.rollback();
    }

    @Override
    public void recover() throws JMSException {
        requireOpen();
        transaction.recover();
    }

    /**
     * Acknowledges all messages that the session has received, where it is in CLIENT_ACKNOWLEDGE mode; nothing in
     * others. May be called by any thread.
     */
    public void acknowledge() throws JMSException {
        requireOpen();
        transaction.acknowledge();
    }

    /**
     * Makes everything from now on part of a transaction, whatever the session's mode: what is sent is held back, what
     * is received is settled at its end. For a resource adapter's local transactions.
     */
    public void beginTransaction() throws JMSException {
        requireOpen();
        transaction.beginManaged();
    }

    /**
     * Ends the transaction that {@link #beginTransaction} began.
     *
     * @throws jakarta.jms.TransactionRolledBackException where sends failed; what was received is delivered again
     */
    public void commitTransaction() throws JMSException {
        requireOpen();
        transaction.commitManaged();
    }

    /** Ends the transaction that {@link #beginTransaction} began: nothing is sent, what was received comes again. */
    public void rollbackTransaction() throws JMSException {
        requireOpen();
        transaction.rollbackManaged();
    }

    @Override
    public void close() throws JMSException {
        delivery.requireNotInListener("close its session");
        requireNotInCompletion("close its session");
        close(true);
    }

    /** Ends the session, waiting for listeners in progress; what it has not settled goes back. */
    void close(boolean tellConnection) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            delivery.close();
        } catch (JMSException e) {
            LOGGER.log(Level.WARNING, e::getMessage);
        }
        ended = true;
        asyncSends.close(link.sendTimeout());
        sending.rollback();
        pooled.close();
        reception.close();
        delivery.awaitEnd();
        if (tellConnection) {
            connection.onClosed(this);
        }
    }

    void requireNotInCompletion(String operation) throws IllegalStateException {
        if (asyncSends.isCalling()) {
            throw new IllegalStateException(
                    "A completion listener cannot " + operation + ": that waits for the listener");
        }
    }

    boolean isClosed() {
        return closed.get();
    }

    /** Whether the caller may use it: a message listener in progress may, until closing has waited for it (chapter 6.1.8). */
    boolean isUsable() {
        return !closed.get() || (!ended && delivery.isInListener());
    }

    void requireOpen() throws IllegalStateException {
        if (!isUsable()) {
            throw new IllegalStateException("The session is closed");
        }
    }

    /** Its connection's. */
    ConnectionTemporaries temporaries() {
        return connection.temporaries();
    }

    SessionUse use() {
        return use;
    }

    SessionSending sending() {
        return sending;
    }

    SessionTransaction transaction() {
        return transaction;
    }

    /** Its part in an application server's pool. */
    SessionRun pooled() {
        return pooled;
    }

    SessionDelivery delivery() {
        return delivery;
    }

    long nowMs() {
        return connection.nowMs();
    }

    /** Its connection's; null where that has none. */
    @Nullable
    String clientId() throws JMSException {
        return connection.getClientID();
    }

    /** What the ids of its connection's messages begin with. */
    String ownIdPrefix() {
        return connection.idPrefix();
    }

    /** What the ids of messages begin with that connections with its client id have sent, now or before. */
    String ownClientIdPrefix() {
        return connection.clientIdPrefix();
    }

    String nextMessageId() {
        return idPrefix + ++messageCount;
    }
}
