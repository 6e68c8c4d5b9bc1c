package io.millrace.jms;

import io.millrace.client.ClusterClient;
import io.millrace.jms.SubscriptionSources.Kind;
import io.millrace.jms.SubscriptionSources.Wish;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An application's connection: sessions over one cluster client, delivering while started.
 *
 * <p>Safe for use by any thread. A broker that is lost is invisible here: the client below finds the next leader; what
 * cannot go on at all is told to the exception listener.
 */
public final class MillraceConnection implements QueueConnection, TopicConnection {
    private static final System.Logger LOGGER = System.getLogger(MillraceConnection.class.getName());

    private static final long CLOSED_CHECK_MS = 50;
    private static final int CLIENT_DIGEST_BYTES = 12;

    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final MessagingDomain domain;
    private final InstantSource clock;
    private final Runnable onClosed;
    private final String randomId = Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-";
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final List<MillraceSession> sessions = new CopyOnWriteArrayList<>();
    private final List<MillraceConnectionConsumer> connectionConsumers = new CopyOnWriteArrayList<>();
    private final ConnectionTemporaries temporaries;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Whether it was waited for listeners: until then they use a connection that is closing. */
    private volatile boolean ended;

    private final ReentrantLock exceptionLock = new ReentrantLock();
    private volatile @Nullable ExceptionListener exceptionListener;
    /** The five below are guarded by this. */
    private @Nullable String clientId;

    private String clientIdPrefix = "ID:";
    private boolean clientIdClaimed;
    private boolean used;
    private boolean started;

    /** @param onClosed called once when the connection has closed */
    MillraceConnection(
            ClusterLink link,
            ConnectionSettings settings,
            MessagingDomain domain,
            InstantSource clock,
            Runnable onClosed)
            throws JMSException {
        this.link = link;
        this.settings = settings;
        this.domain = domain;
        this.clock = clock;
        this.onClosed = onClosed;
        this.temporaries = new ConnectionTemporaries(link, clock, this::onException);
        String administered = settings.clientId();
        if (administered != null) {
            claim(administered);
            used = true;
        }
    }

    /**
     * A connection over a client that the caller has opened, and closes after the connection. Nothing is asked of the
     * cluster before the connection is used. For resource adapters.
     */
    public static MillraceConnection open(ClusterClient client, ConnectionSettings settings) throws JMSException {
        ClusterLink link = new ClusterLink(client);
        return new MillraceConnection(link, settings, MessagingDomain.BOTH, InstantSource.system(), link::close);
    }

    @Override
    public MillraceSession createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(domain, transacted ? Session.SESSION_TRANSACTED : requireNotTransacted(acknowledgeMode));
    }

    @Override
    public MillraceSession createSession(int sessionMode) throws JMSException {
        return newSession(domain, sessionMode);
    }

    @Override
    public MillraceSession createSession() throws JMSException {
        return newSession(domain, Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(
                MessagingDomain.QUEUE, transacted ? Session.SESSION_TRANSACTED : requireNotTransacted(acknowledgeMode));
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(
                MessagingDomain.TOPIC, transacted ? Session.SESSION_TRANSACTED : requireNotTransacted(acknowledgeMode));
    }

    private static int requireNotTransacted(int acknowledgeMode) throws JMSException {
        if (acknowledgeMode == Session.SESSION_TRANSACTED) {
            throw new JMSException(
                    "The session is not to be transacted, but its acknowledge mode is SESSION_TRANSACTED; "
                            + "choose AUTO_ACKNOWLEDGE, CLIENT_ACKNOWLEDGE or DUPS_OK_ACKNOWLEDGE, or a transacted session");
        }
        return acknowledgeMode;
    }

    private MillraceSession newSession(MessagingDomain sessionDomain, int sessionMode) throws JMSException {
        if (sessionMode < Session.SESSION_TRANSACTED || sessionMode > Session.DUPS_OK_ACKNOWLEDGE) {
            throw new JMSException("The session mode is " + sessionMode + "; it must be SESSION_TRANSACTED (0), "
                    + "AUTO_ACKNOWLEDGE (1), CLIENT_ACKNOWLEDGE (2) or DUPS_OK_ACKNOWLEDGE (3)");
        }
        synchronized (this) {
            use();
            MillraceSession session = new MillraceSession(this, link, settings, sessionDomain, sessionMode);
            sessions.add(session);
            if (started) {
                session.delivery().start();
            }
            if (!isUsable()) {
                // Closed by another thread meanwhile, which may not have seen this session.
                session.close(false);
            }
            requireOpen();
            return session;
        }
    }

    @Override
    public synchronized @Nullable String getClientID() throws JMSException {
        requireOpen();
        return clientId;
    }

    @Override
    public synchronized void setClientID(@Nullable String newClientId) throws JMSException {
        requireOpen();
        if (clientId != null) {
            throw new IllegalStateException("The client id is '" + clientId + "' already; it is set once");
        }
        if (used) {
            throw new IllegalStateException(
                    "The connection was used already; the client id must be set right after the connection was created");
        }
        if (newClientId == null || newClientId.isEmpty()) {
            throw new InvalidClientIDException("The client id is " + (newClientId == null ? "null" : "empty"));
        }
        claim(newClientId);
    }

    private synchronized void claim(String newClientId) throws InvalidClientIDException {
        if (!link.claimClientId(newClientId)) {
            throw new InvalidClientIDException("The client id '" + newClientId
                    + "' is in use by another connection; close that, or choose another");
        }
        clientId = newClientId;
        clientIdClaimed = true;
        clientIdPrefix = "ID:" + digest(newClientId) + ".";
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        use();
        return new MillraceConnectionMetaData();
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        use();
        return exceptionListener;
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        use();
        exceptionListener = listener;
    }

    /**
     * Tells the listener what nobody's call can throw, one call at a time (chapter 6.1.7). The listener may close the
     * connection: a call that waits for its turn gives up then.
     */
    @SuppressWarnings("checkstyle:IllegalCatch") // the application's code may throw anything
    void onException(JMSException exception) {
        ExceptionListener listener = exceptionListener;
        if (listener == null || closed.get()) {
            LOGGER.log(Level.WARNING, () -> "A connection without an exception listener: " + exception.getMessage());
            return;
        }
        if (!awaitTurn()) {
            return;
        }
        try {
            listener.onException(exception);
        } catch (RuntimeException | Error e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "The exception listener " + listener.getClass().getName() + " threw",
                    e);
        } finally {
            exceptionLock.unlock();
        }
    }

    /** @return false where the connection has closed meanwhile; closing waits for the thread that would wait here */
    private boolean awaitTurn() {
        try {
            while (!closed.get()) {
                if (exceptionLock.tryLock(CLOSED_CHECK_MS, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    @Override
    public synchronized void start() throws JMSException {
        use();
        started = true;
        sessions.forEach(session -> session.delivery().start());
        connectionConsumers.forEach(MillraceConnectionConsumer::wake);
    }

    /** Waits for deliveries in progress. */
    @Override
    public void stop() throws JMSException {
        for (MillraceSession session : sessions) {
            session.delivery().requireNotInListener("stop its connection");
        }
        synchronized (this) {
            use();
            started = false;
        }
        for (MillraceSession session : sessions) {
            session.delivery().stop();
        }
    }

    /** Closes the sessions, waiting for listeners and sends in progress. */
    @Override
    public void close() throws JMSException {
        for (MillraceSession session : sessions) {
            session.delivery().requireNotInListener("close its connection");
            session.requireNotInCompletion("close its connection");
        }
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        connectionConsumers.forEach(MillraceConnectionConsumer::shut);
        closeSessions();
        ended = true;
        closeSessions();
        connectionConsumers.forEach(consumer -> consumer.closeForGood(settings.closeTimeout()));
        connectionConsumers.clear();
        temporaries.close();
        String claimed = claimedClientId();
        if (claimed != null) {
            link.releaseClientId(claimed);
        }
        onClosed.run();
    }

    /** Also those that listeners in progress create meanwhile. */
    private void closeSessions() {
        while (!sessions.isEmpty()) {
            List<MillraceSession> closing = List.copyOf(sessions);
            closing.forEach(session -> session.close(false));
            sessions.removeAll(closing);
        }
    }

    /** Short and with no character that an id cannot have; of two client ids never the same. */
    private static String digest(String clientId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(clientId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, CLIENT_DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new java.lang.IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private synchronized @Nullable String claimedClientId() {
        return clientIdClaimed ? clientId : null;
    }

    void onClosed(MillraceSession session) {
        sessions.remove(session);
    }

    void onClosed(MillraceConnectionConsumer consumer) {
        connectionConsumers.remove(consumer);
    }

    synchronized boolean isStarted() {
        return started;
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        return newConnectionConsumer(destination, selector, pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return newConnectionConsumer(queue, selector, pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return newConnectionConsumer(topic, selector, pool, maxMessages);
    }

    private ConnectionConsumer newConnectionConsumer(
            @Nullable Destination destination,
            @Nullable String selector,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        use();
        MillraceDestination ours = MillraceDestination.require(destination);
        DestinationSources sources = new DestinationSources(link, settings, temporaries);
        return started(
                ours,
                (bell, prefetchMax) -> sources.open(ours, selector, bell, prefetchMax),
                MillraceConnectionConsumer.Load.of(pool, maxMessages));
    }

    private ConnectionConsumer started(
            MillraceDestination destination,
            MillraceConnectionConsumer.Opening opening,
            MillraceConnectionConsumer.Load load)
            throws JMSException {
        MillraceConnectionConsumer consumer = MillraceConnectionConsumer.open(this, destination, opening, load);
        connectionConsumers.add(consumer);
        consumer.start();
        if (!isUsable()) {
            // Closed by another thread meanwhile, which may not have seen this consumer.
            consumer.closeForGood(settings.closeTimeout());
        }
        requireOpen();
        return consumer;
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a durable connection consumer");
        return newConnectionConsumer(
                new Wish(Kind.DURABLE, getClientID(), topic, name, selector, false), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a shared connection consumer");
        return newConnectionConsumer(
                new Wish(Kind.SHARED, getClientID(), topic, name, selector, false), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        domain.require(MessagingDomain.TOPIC, "create a shared durable connection consumer");
        return newConnectionConsumer(
                new Wish(Kind.SHARED_DURABLE, getClientID(), topic, name, selector, false), pool, maxMessages);
    }

    private ConnectionConsumer newConnectionConsumer(Wish wish, @Nullable ServerSessionPool pool, int maxMessages)
            throws JMSException {
        use();
        MillraceTopic topic = wish.requireTopic();
        var load = MillraceConnectionConsumer.Load.of(pool, maxMessages);
        var sources = new SubscriptionSources(link, settings, new DestinationSources(link, settings, temporaries));
        return started(topic, (bell, prefetchMax) -> sources.open(wish, bell, prefetchMax), load);
    }

    private synchronized void use() throws IllegalStateException {
        requireOpen();
        used = true;
    }

    /** Whether the caller may use it: a message listener in progress may, until closing has waited for it (chapter 6.1.8). */
    private boolean isUsable() {
        return !closed.get()
                || (!ended
                        && sessions.stream()
                                .anyMatch(session -> session.delivery().isInListener()));
    }

    private void requireOpen() throws IllegalStateException {
        if (!isUsable()) {
            throw new IllegalStateException("The connection is closed");
        }
    }

    ConnectionTemporaries temporaries() {
        return temporaries;
    }

    /**
     * Ends all temporary destinations, as the end of the connection does. For a resource adapter whose server gives the connection to another application; there must
     * be no consumers of them.
     */
    public void deleteTemporaryDestinations() {
        temporaries.deleteAll();
    }

    /** What the ids of this connection's messages begin with, and no others. */
    synchronized String idPrefix() {
        return clientIdPrefix + randomId;
    }

    /** What the ids of messages begin with that connections of its client id have sent, this one or others; without a client id nothing of the kind. */
    synchronized String clientIdPrefix() {
        return clientId == null ? idPrefix() : clientIdPrefix;
    }

    /** What the ids of another session's messages begin with. */
    String nextSessionIdPrefix() {
        return idPrefix() + sessionCount.incrementAndGet() + "-";
    }

    long nowMs() {
        return clock.millis();
    }
}
