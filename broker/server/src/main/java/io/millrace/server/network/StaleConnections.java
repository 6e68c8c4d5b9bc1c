package io.millrace.server.network;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Closes the connections of one event loop that are idle or too slow, by looking at all of them now and then: no timer for each.
 *
 * <p>Owned by the event loop.
 */
final class StaleConnections {
    private static final long LOOK_PAUSE_MAX_MS = 1000;

    private final Set<ServerConnection> connections = new HashSet<>();

    static StaleConnections on(EventLoop loop, NetworkLimits limits) {
        var stale = new StaleConnections();
        long shortest = Math.min(limits.receiveTimeoutMs(), limits.idleMaxMs());
        long pauseMs = Math.max(1, Math.min(LOOK_PAUSE_MAX_MS, shortest / 4));
        loop.scheduleWithFixedDelay(stale::close, pauseMs, pauseMs, TimeUnit.MILLISECONDS);
        return stale;
    }

    void add(ServerConnection connection) {
        connections.add(connection);
    }

    void remove(ServerConnection connection) {
        connections.remove(connection);
    }

    private void close() {
        long nowNanos = System.nanoTime();
        new ArrayList<>(connections).forEach(connection -> connection.closeIfStale(nowNanos));
    }
}
