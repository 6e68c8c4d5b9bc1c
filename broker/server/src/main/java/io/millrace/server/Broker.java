package io.millrace.server;

import io.millrace.server.configuration.ConfigurationException;

/** A broker process. Thread-safe. */
public final class Broker implements AutoCloseable {
    private Broker() {}

    /**
     * Starts a broker; it serves when this returns.
     *
     * @throws ConfigurationException if the configuration does not fit this machine
     */
    @SuppressWarnings("DoNotCallSuggester")
    public static Broker start(BrokerConfiguration configuration) {
        throw new UnsupportedOperationException("not yet: broker " + configuration.brokerId());
    }

    public int brokerId() {
        return 0;
    }

    /** The port it listens on. */
    public int port() {
        return 0;
    }

    /** Moves leaderships away, then stops; bounded in time. Idempotent. */
    @Override
    public void close() {}

    /** Waits until {@link #close} has ended. */
    public void awaitClosed() {}
}
