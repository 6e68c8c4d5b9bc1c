package io.millrace.server;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.Endpoint;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A broker in this process. Thread-safe.
 *
 * <pre>
 *   starting --registered and unfenced--> serving --close--> leaving --leaderships moved, or time up--> closed
 * </pre>
 */
public final class Broker implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Broker.class.getName());

    private final BrokerConfiguration configuration;
    private final BrokerParts parts;
    private final ClosingSteps closing;
    private final AtomicBoolean isClosing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean hasFailed;

    private Broker(BrokerConfiguration configuration, BrokerParts parts, ClosingSteps closing) {
        this.configuration = configuration;
        this.parts = parts;
        this.closing = closing;
    }

    /**
     * Starts a broker; it serves when this returns.
     *
     * @throws ConfigurationException if the configuration does not fit this machine
     * @throws BrokerStartException if what a broker needs is not there: ZooKeeper, its port, its folder
     */
    public static Broker start(BrokerConfiguration configuration) {
        configuration
                .unknownKeys()
                .forEach(key -> LOGGER.log(WARNING, () -> "The setting " + key + " means nothing here and is ignored"));
        var closing = new ClosingSteps();
        boolean isStarted = false;
        try {
            var parts = BrokerParts.open(configuration, closing);
            parts.serve();
            isStarted = true;
            LOGGER.log(INFO, () -> "Broker " + configuration.brokerId() + " serves at " + parts.advertised());
            var broker = new Broker(configuration, parts, closing);
            parts.onNoDirectoryLeft(broker::giveUp);
            return broker;
        } finally {
            if (!isStarted) {
                closing.run();
            }
        }
    }

    public int brokerId() {
        return configuration.brokerId();
    }

    /** The port it listens on. */
    public int port() {
        return parts.port();
    }

    /** Where clients reach it. */
    public Endpoint advertised() {
        return parts.advertised();
    }

    /** Moves leaderships away, then stops; bounded in time. Idempotent; a second caller waits for the first. */
    @Override
    public void close() {
        if (isClosing.compareAndSet(false, true)) {
            LOGGER.log(INFO, () -> "Broker " + brokerId() + " is stopping");
            parts.leave();
            end();
        }
        awaitClosed();
    }

    /** Stops at once, without moving leaderships away: what a crash looks like to the others. Idempotent. */
    public void abort() {
        if (isClosing.compareAndSet(false, true)) {
            end();
        }
    }

    /** Without a log directory a broker is of no use; others lead on. */
    private void giveUp() {
        if (isClosing.compareAndSet(false, true)) {
            hasFailed = true;
            LOGGER.log(ERROR, () -> "Broker " + brokerId() + " stops: all of its log directories are offline");
            new Thread(this::end, "millrace-stop").start();
        }
    }

    /** Whether the broker has stopped by itself, because it could not go on. */
    public boolean hasFailed() {
        return hasFailed;
    }

    private void end() {
        try {
            closing.run();
        } finally {
            closed.countDown();
            LOGGER.log(INFO, () -> "Broker " + brokerId() + " has stopped");
        }
    }

    /** Waits until {@link #close} or {@link #abort} has ended; returns early, still interrupted, when the thread is. */
    public void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
