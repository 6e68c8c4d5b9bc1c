package io.millrace.server.replica;

import io.millrace.client.network.Connection;
import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.MetadataStore;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the other brokers for one purpose, one to each, opened when first needed and again after each end.
 *
 * <p>Thread-safe. A broker that registers anew, perhaps at another address, gets a new connection; one
 * whose registration has gone keeps the one it has.
 */
public final class BrokerConnections implements AutoCloseable {
    private record Key(int brokerId, long brokerEpoch) {}

    private final MetadataStore store;
    private final EventLoopGroup loops;
    private final String clientId;
    private final Duration requestTimeout;
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>(); // as many as there are brokers
    private volatile IntConsumer lostListener = brokerId -> {};
    private volatile boolean isClosed;

    private record Entry(Key key, CompletableFuture<Connection> connection) {
        boolean isUsable(Key wanted) {
            return key.equals(wanted) && (!connection.isDone() || isOpen());
        }

        boolean isOpen() {
            return connection.isDone()
                    && !connection.isCompletedExceptionally()
                    && connection.join().isOpen();
        }

        void close() {
            connection.thenAccept(Connection::close);
        }
    }

    /** @param clientId told to the other broker with each request */
    public BrokerConnections(MetadataStore store, EventLoopGroup loops, String clientId, Duration requestTimeout) {
        this.store = store;
        this.loops = loops;
        this.clientId = clientId;
        this.requestTimeout = requestTimeout;
    }

    /**
     * The connection to a broker; fails when the broker cannot be reached, or is not registered and no connection is left of the time when it was.
     */
    public CompletableFuture<Connection> to(int brokerId) {
        BrokerRegistration broker = store.image().brokers().get(brokerId);
        if (isClosed) {
            return none(brokerId, "this broker is stopping");
        }
        Entry known = entries.get(brokerId);
        if (broker == null) {
            // Perhaps only its session has ended, and its next registration cannot be seen before ZooKeeper is back.
            return known != null && known.isOpen() ? known.connection : none(brokerId, "it is not registered");
        }
        var key = new Key(brokerId, broker.brokerEpoch());
        if (known != null && known.isUsable(key)) {
            return known.connection;
        }
        return entries.compute(brokerId, (id, entry) -> replaced(entry, key, broker)).connection;
    }

    private static CompletableFuture<Connection> none(int brokerId, String reason) {
        return CompletableFuture.failedFuture(
                new IllegalStateException("no connection to broker " + brokerId + ": " + reason));
    }

    private Entry replaced(@Nullable Entry entry, Key key, BrokerRegistration broker) {
        if (entry != null && entry.isUsable(key)) {
            return entry;
        }
        if (entry != null) {
            entry.close();
        }
        CompletableFuture<Connection> connection =
                Connection.connect(loops, broker.host(), broker.port(), clientId, requestTimeout);
        connection.thenAccept(opened -> opened.closeFuture().thenRun(() -> lostListener.accept(broker.brokerId())));
        return new Entry(key, connection);
    }

    /** Calls back with the broker's id, on an event loop, whenever a connection that was open ends. Set before the first use. */
    void onLost(IntConsumer listener) {
        lostListener = listener;
    }

    @Override
    public void close() {
        isClosed = true;
        entries.values().forEach(Entry::close);
    }
}
