package io.millrace.client;

import io.millrace.client.network.Connection;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one owner, at most one to each broker. A broker that cannot be reached is tried again after a
 * pause that grows, as long as the owner asks for it.
 *
 * <p>Owned by the loop, on which all its connections live.
 *
 * <pre>
 *   (asked for) ──► CONNECTING ──► OPEN
 *        ▲              │ refused    │ lost
 *        └── pause ◄────┴────────────┘
 * </pre>
 */
final class BrokerConnections {
    /** What the owner is told, on the loop, never from within a call of its own. */
    interface Owner {
        /** Something may go on: a broker was reached, or may be tried again. */
        void onProgressPossible();

        /** A broker was not reached or was lost: another may lead its partitions by now. */
        void onBrokerLost(BrokerNode broker, String why);
    }

    private static final class Link {
        private final BrokerNode broker;
        private @Nullable Connection connection;
        private boolean connecting;
        private int failures;
        private long retryAtNanos;

        Link(BrokerNode broker) {
            this.broker = broker;
        }
    }

    private final EventLoop loop;
    private final ClientConfiguration configuration;
    private final Backoff backoff;
    private final Owner owner;
    private final Map<Integer, Link> links = new HashMap<>();
    private boolean closed;

    BrokerConnections(EventLoop loop, ClientConfiguration configuration, Backoff backoff, Owner owner) {
        this.loop = loop;
        this.configuration = configuration;
        this.backoff = backoff;
        this.owner = owner;
    }

    /** The connection to a broker. Null where there is none now: it is being made, and the owner will be told. */
    @Nullable
    Connection openTo(BrokerNode broker) {
        if (closed) {
            return null;
        }
        Link link = links.get(broker.id());
        if (link == null || !link.broker.equals(broker)) {
            close(link);
            link = new Link(broker);
            links.put(broker.id(), link);
        }
        if (link.connection != null && link.connection.isOpen()) {
            return link.connection;
        }
        if (!link.connecting && link.connection == null && System.nanoTime() - link.retryAtNanos >= 0) {
            connect(link);
        }
        return null;
    }

    private void connect(Link link) {
        link.connecting = true;
        Connection.connect(
                        loop,
                        link.broker.host(),
                        link.broker.port(),
                        configuration.clientId(),
                        configuration.requestTimeout())
                .whenComplete((connection, failure) -> Loops.run(loop, () -> onConnected(link, connection, failure)));
    }

    private void onConnected(Link link, @Nullable Connection connection, @Nullable Throwable failure) {
        link.connecting = false;
        boolean superseded = closed || links.get(link.broker.id()) != link;
        if (connection == null || failure != null) {
            if (!superseded) {
                onLost(link, Failures.messageOf(failure));
            }
            return;
        }
        if (superseded) {
            connection.close();
            return;
        }
        link.connection = connection;
        link.failures = 0;
        connection.closeFuture().thenRun(() -> {
            if (link.connection == connection && links.get(link.broker.id()) == link) {
                link.connection = null;
                onLost(link, "the connection ended");
            }
        });
        owner.onProgressPossible();
    }

    private void onLost(Link link, String why) {
        if (closed) {
            return;
        }
        link.failures++;
        long pauseNanos = backoff.pauseNanos(link.failures);
        link.retryAtNanos = System.nanoTime() + pauseNanos;
        loop.schedule(owner::onProgressPossible, pauseNanos, TimeUnit.NANOSECONDS);
        owner.onBrokerLost(link.broker, why);
    }

    private static void close(@Nullable Link link) {
        if (link != null && link.connection != null) {
            link.connection.close();
        }
    }

    /** Closes all connections; there will be no others. The owner is told nothing any more. */
    void close() {
        closed = true;
        links.values().forEach(BrokerConnections::close);
        links.clear();
    }
}
