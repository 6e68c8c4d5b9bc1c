package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands a destination's messages to the sessions of a pool (chapter 6.1.8), as many at a time as the pool's owner wants.
 *
 * <p>Its own thread waits for messages and for a session, and never calls a message listener: that does the thread that the
 * server session brings. Other methods may be called by any thread.
 */
final class MillraceConnectionConsumer implements ConnectionConsumer {
    private static final Duration IDLE_WAIT = Duration.ofSeconds(60);
    /** After a pool that could not give a session. */
    private static final Duration POOL_PAUSE = Duration.ofMillis(100);

    /**
     * What a pool takes.
     *
     * @param maxMessages the most that one of its sessions gets at a time
     */
    record Load(ServerSessionPool pool, int maxMessages) {
        /** @throws JMSException where an application's arguments are none */
        static Load of(@Nullable ServerSessionPool pool, int maxMessages) throws JMSException {
            if (pool == null) {
                throw new JMSException("The server session pool is null; a connection consumer needs one");
            }
            if (maxMessages < 1) {
                throw new JMSException("maxMessages is " + maxMessages
                        + "; it must be at least 1, as it is what a server session gets at a time");
            }
            return new Load(pool, maxMessages);
        }
    }

    private final MillraceConnection connection;
    private final MillraceDestination destination;
    private final PooledSource source;
    private final MessageDecoder decoder;
    private final Load load;
    private final Bell bell;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean ended;
    private boolean failing; // of the thread

    private MillraceConnectionConsumer(
            MillraceConnection connection,
            MillraceDestination destination,
            DestinationSources.Origin origin,
            Bell bell,
            Load load) {
        this.connection = connection;
        this.destination = destination;
        this.source = new PooledSource(origin.source(), bell);
        this.decoder = origin.decoder();
        this.load = load;
        this.bell = bell;
        this.thread = Threads.newDaemon(
                "millrace-connection-consumer-" + destination.getName(), this::run, connection::onException);
    }

    /** Begins to receive from somewhere. */
    @FunctionalInterface
    interface Opening {
        /** @param prefetchMax how many messages are acquired ahead at most */
        DestinationSources.Origin open(Bell bell, int prefetchMax) throws JMSException;
    }

    /** Begins to receive; {@link #start} must follow. */
    static MillraceConnectionConsumer open(
            MillraceConnection connection, MillraceDestination destination, Opening opening, Load load)
            throws JMSException {
        Bell bell = new Bell();
        DestinationSources.Origin origin = opening.open(bell, load.maxMessages());
        return new MillraceConnectionConsumer(connection, destination, origin, bell, load);
    }

    void start() {
        thread.start();
    }

    /** The connection was started: what has arrived may be handed out. */
    void wake() {
        bell.ring();
    }

    private void run() {
        try {
            while (!closed) {
                long rings = bell.rings();
                if (!handOutBatch()) {
                    bell.awaitRing(rings, waitAtMost());
                }
            }
            awaitSettled();
        } catch (InterruptedException ignored) {
            // Somebody wants the thread to end; it is ours alone, so it does.
        } finally {
            source.close();
            source.end();
            connection.onClosed(this);
        }
    }

    /** Sessions may go on with what they have for as long as the connection lives. */
    private void awaitSettled() throws InterruptedException {
        long rings = bell.rings();
        while (!ended && !source.isSettled()) {
            bell.awaitRing(rings, IDLE_WAIT);
            rings = bell.rings();
        }
    }

    private Duration waitAtMost() {
        long untilNanos = source.waitingUntilNanos() - System.nanoTime();
        return untilNanos > 0 && untilNanos < IDLE_WAIT.toNanos() ? Duration.ofNanos(untilNanos) : IDLE_WAIT;
    }

    /** @return whether there may be more at once */
    private boolean handOutBatch() throws InterruptedException {
        List<Delivery> batch = new ArrayList<>();
        try {
            if (connection.isStarted()) {
                collect(batch);
            }
            if (batch.isEmpty()) {
                return false;
            }
            handOut(batch);
            failing = false;
            return true;
        } catch (JMSException e) {
            giveBack(batch);
            tellOnce(e);
            bell.awaitRing(bell.rings(), POOL_PAUSE);
            return true;
        }
    }

    private void collect(List<Delivery> batch) throws JMSException {
        while (batch.size() < load.maxMessages() && !closed) {
            Delivery next = source.poll();
            if (next == null) {
                return;
            }
            if (MessageDecoder.isExpired(decoder.decode(next.content()), connection.nowMs())) {
                source.settle(List.of(next), AcknowledgeType.ACCEPT);
            } else {
                batch.add(next);
            }
        }
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // the pool is the application server's code and may throw anything
    private void handOut(List<Delivery> batch) throws JMSException {
        try {
            ServerSession serverSession = load.pool().getServerSession();
            if (serverSession == null || !(serverSession.getSession() instanceof MillraceSession session)) {
                throw new JMSException("The server session pool of " + destination + " gave "
                        + (serverSession == null
                                ? "no server session"
                                : "a server session whose session is not Millrace's")
                        + "; its sessions must be made by the connection of the connection consumer");
            }
            if (closed) {
                giveBack(batch);
                batch.clear(); // the session is run all the same, as only that takes it back to its pool
            }
            session.pooled().assign(batch, decoder);
            start(serverSession, session, batch);
        } catch (RuntimeException e) {
            throw Failures.caused(new JMSException("The server session pool of " + destination + " failed: " + e), e);
        }
    }

    private static void start(ServerSession serverSession, MillraceSession session, List<Delivery> batch)
            throws JMSException {
        boolean started = false;
        try {
            serverSession.start();
            started = true;
        } finally {
            if (!started) {
                // What it has begun to deliver, if anything, is its own.
                batch.retainAll(session.pooled().withdraw(batch));
            }
        }
    }

    /** As if it had not been handed out. */
    private void giveBack(List<Delivery> batch) {
        if (!batch.isEmpty()) {
            source.settle(batch.stream().map(Delivery::undone).toList(), AcknowledgeType.RELEASE);
        }
    }

    /** Until it works again. */
    private void tellOnce(JMSException failure) {
        if (!failing && !closed) {
            failing = true;
            connection.onException(failure);
        }
    }

    @Override
    public ServerSessionPool getServerSessionPool() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The connection consumer of " + destination + " is closed");
        }
        return load.pool();
    }

    /** Hands out nothing any more. Does not wait: sessions go on with what they have, and settle it. */
    @Override
    public void close() {
        shut();
    }

    /** Hands out nothing any more. */
    void shut() {
        closed = true;
        bell.ring();
        source.close();
    }

    /** Of the connection, whose sessions are closed: waits for the thread, which a pool may hold up. */
    void closeForGood(Duration timeout) {
        shut();
        ended = true;
        bell.ring();
        if (Thread.currentThread() != thread) {
            Threads.join(thread, timeout);
        }
        source.end();
    }
}
