package io.millrace.metadata;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One broker's view of an {@link InMemoryMetadata}.
 *
 * <p>Every request travels through the executor, takes effect there, and is answered through it again, so that an executor that delays
 * lets other brokers act in between. While disconnected, requests and images wait; {@link #crash} drops them for ever.
 */
public final class InMemoryMetadataStore implements MetadataStore {
    private final InMemoryMetadata metadata;
    private final Executor executor;
    private final List<ClusterListener> listeners = new ArrayList<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    /** Won here in the present session. */
    private final List<Session> inOffice = new ArrayList<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private boolean connected = true;
    private volatile boolean closed;
    private @Nullable BrokerRegistration wanted;
    private LastShutdown lastShutdown = LastShutdown.HARMLESS;

    InMemoryMetadataStore(InMemoryMetadata metadata, Executor executor) {
        this.metadata = metadata;
        this.executor = executor;
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public void listen(ClusterListener listener) {
        executor.execute(() -> {
            listeners.add(listener);
            if (image != ClusterImage.EMPTY) {
                listener.onImage(image);
            }
        });
    }

    @Override
    public CompletableFuture<BrokerRegistration> register(BrokerRegistration registration, LastShutdown last) {
        return request(() -> {
            wanted = registration;
            lastShutdown = last;
            return metadata.register(this, registration, last);
        });
    }

    @Override
    public CompletableFuture<Void> settleStart(long brokerEpoch) {
        return request(() -> {
            metadata.settleStart(this, brokerEpoch);
            return null;
        });
    }

    @Override
    public CompletableFuture<Optional<ControllerSession>> electController(
            int brokerId, int expectedControllerEpoch, boolean usurp) {
        return request(() ->
                metadata.elect(this, brokerId, expectedControllerEpoch, usurp).map(this::inOffice));
    }

    private ControllerSession inOffice(int controllerEpoch) {
        var session = new Session(controllerEpoch);
        inOffice.add(session);
        return session;
    }

    @Override
    public CompletableFuture<ProducerIdBlock> allocateProducerIds(int brokerId) {
        return request(metadata::allocateProducerIds);
    }

    /** Loses the connection: nothing arrives and nothing is answered until {@link #reconnect}. */
    public void disconnect() {
        synchronized (waiting) {
            connected = false;
        }
    }

    public void reconnect() {
        List<Runnable> due;
        synchronized (waiting) {
            connected = true;
            due = List.copyOf(waiting);
            waiting.clear();
        }
        due.forEach(executor::execute);
    }

    /** Ends the session as if it had timed out; a living store registers again at once. */
    public void expireSession() {
        metadata.endSession(this);
        later(() -> {
            inOffice.forEach(session -> session.lost.complete(null));
            inOffice.clear();
        });
        var registration = wanted;
        if (registration != null && !closed) {
            register(registration, lastShutdown);
        }
    }

    /** Ends the session and lets nothing arrive any more, like the death of the process followed by the session's timeout. */
    public void crash() {
        closed = true;
        metadata.remove(this);
        metadata.endSession(this);
    }

    /** Lets nothing arrive any more, but what belongs to the session stays until {@link #expireSession}. */
    public void freeze() {
        closed = true;
        metadata.remove(this);
    }

    @Override
    public void close() {
        crash();
    }

    void deliver(ClusterImage latest) {
        later(() -> {
            image = latest;
            List.copyOf(listeners).forEach(listener -> listener.onImage(latest));
        });
    }

    private <T> CompletableFuture<T> request(Supplier<T> operation) {
        var answer = new CompletableFuture<T>();
        later(() -> {
            try {
                T result = operation.get();
                later(() -> answer.complete(result));
            } catch (MetadataException e) {
                later(() -> answer.completeExceptionally(e));
            }
        });
        return answer;
    }

    private void later(Runnable step) {
        Runnable guarded = () -> {
            if (!closed) {
                step.run();
            }
        };
        synchronized (waiting) {
            if (!connected) {
                waiting.add(guarded);
                return;
            }
        }
        executor.execute(guarded);
    }

    private final class Session implements ControllerSession {
        private final int controllerEpoch;
        private final CompletableFuture<Void> lost = new CompletableFuture<>();

        Session(int controllerEpoch) {
            this.controllerEpoch = controllerEpoch;
        }

        @Override
        public int controllerEpoch() {
            return controllerEpoch;
        }

        @Override
        public CompletableFuture<ClusterImage> load() {
            return request(metadata::image);
        }

        @Override
        public CompletableFuture<Void> commit(List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
            return request(() -> {
                metadata.commit(controllerEpoch, changes, trusted);
                return null;
            });
        }

        @Override
        public CompletableFuture<Void> lost() {
            return lost;
        }

        @Override
        public CompletableFuture<Void> resign() {
            return request(() -> {
                metadata.resign(controllerEpoch);
                return null;
            });
        }
    }
}
