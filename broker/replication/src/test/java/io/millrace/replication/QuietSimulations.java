package io.millrace.replication;

import io.millrace.protocol.WatchedBuffers;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Keeps what fails in simulations out of the log, unless one seed is replayed, and has Netty watch some of their buffers only: to watch all of them takes three
 * quarters of the time.
 */
final class QuietSimulations implements BeforeAllCallback, AfterAllCallback {
    /** Kept, for otherwise the configuration of the logger may be forgotten. */
    private static final Logger LOGGER = Logger.getLogger("io.millrace");

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(SeededRuns.isReplay() ? Level.FINE : Level.OFF);
        WatchedBuffers.some();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        WatchedBuffers.all();
    }
}
