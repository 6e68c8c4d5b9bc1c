package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ClusterListener;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.ProducerIdBlock;
import io.millrace.metadata.zookeeper.Paths.ConnectString;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's metadata in ZooKeeper.
 *
 * <p>All state belongs to one thread, {@code millrace-metadata}. After every connect it sets the watch, makes sure that what it reads is
 * not older than before, reads everything and registers the broker; then it follows the watch.
 *
 * <p>Curator tells of sessions, but may be wrong; one that is connected and not followed is found by looking.
 *
 * <pre>
 * DISCONNECTED --connected--> ESTABLISHING --all read, registered--> ESTABLISHED
 *      ^                        |    ^ failed: after a pause              |
 *      +-------suspended--------+----+----------suspended-----------------+
 * </pre>
 */
public final class ZooKeeperMetadataStore implements MetadataStore {
    private static final System.Logger LOGGER = System.getLogger(ZooKeeperMetadataStore.class.getName());
    private static final long PAUSE_MS = 200;
    private static final long REFUSED_PAUSE_MS = 2_000;
    private static final long CLOSE_MAX_MS = 5_000;
    private static final long SESSION_LOOK_MS = 500;

    private final Paths paths;
    private final ScheduledThreadPoolExecutor thread;
    private final ZooKeeperConnection connection;
    private final StoreOpening opening;
    private final HeldOffice office;
    private final ClusterMirror mirror;
    private final TreeReader reader;
    private final TreeLayout layout;
    private final ProducerIds producerIds;
    private final int registrationAttemptsMax;
    private final SecureRandom random = new SecureRandom();
    private final Watcher watcher;
    private final SessionEvents sessionEvents = new SessionEvents();

    private final List<ClusterListener> listeners = new ArrayList<>();
    private final List<CompletableFuture<Void>> awaitingEstablished = new ArrayList<>();
    private volatile ClusterImage image = ClusterImage.EMPTY;
    private volatile boolean closed;
    private boolean established;
    private boolean hasLoaded;
    private boolean isPublishing;
    private int attempt;
    /** The session that the latest attempt began in, while that is not over without success. */
    private long followedSession = LoginObserver.NO_SESSION;

    private @Nullable ZooKeeperRegistration registration;
    private @Nullable CompletableFuture<BrokerRegistration> registered;

    private ZooKeeperMetadataStore(ZooKeeperConfiguration configuration) {
        var connect = ConnectString.parse(configuration.connectString());
        paths = connect.paths();
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            var created = new Thread(task, "millrace-metadata");
            created.setDaemon(true);
            return created;
        });
        // After close ZooKeeper's own threads may still deliver what nobody waits for.
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        opening = new StoreOpening(configuration);
        connection = new ZooKeeperConnection(connect.servers(), configuration, thread, sessionEvents);
        office = new HeldOffice(connection);
        thread.schedule(
                () -> opening.onTimeUp(connection.isConnected(), connection.probe()),
                configuration.connectionTimeoutMs(),
                TimeUnit.MILLISECONDS);
        mirror = new ClusterMirror(paths);
        reader = new TreeReader(connection, paths, mirror, this::onProgress);
        layout = new TreeLayout(connection, paths);
        producerIds = new ProducerIds(connection, paths, this::pause);
        registrationAttemptsMax = (int) (2L * configuration.sessionTimeoutMs() / PAUSE_MS) + 1;
        watcher = event -> thread.execute(() -> reader.onEvent(event));
    }

    /**
     * Opens a store and begins to connect; returns at once. What is asked meanwhile waits for the connection.
     *
     * @throws MetadataException if the connect string names no server, or a file with keys or certificates cannot be used
     */
    public static ZooKeeperMetadataStore connect(ZooKeeperConfiguration configuration) {
        configuration.security().tls().ifPresent(ZooKeeperTls::check);
        var store = new ZooKeeperMetadataStore(configuration);
        store.connection.start();
        store.lookAfterSession();
        return store;
    }

    /**
     * Completes when all metadata have been read for the first time. Fails with a {@link MetadataException} that says what is wrong: at once
     * when ZooKeeper refuses this broker, and after {@code zookeeper.connection.timeout.ms} and a few seconds when it does not serve.
     */
    public CompletableFuture<Void> opened() {
        return opening.done();
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public void listen(ClusterListener listener) {
        thread.execute(() -> {
            listeners.add(listener);
            if (hasLoaded) {
                listener.onImage(image);
            }
        });
    }

    @Override
    public CompletableFuture<BrokerRegistration> register(BrokerRegistration wanted, LastShutdown lastShutdown) {
        var result = new CompletableFuture<BrokerRegistration>();
        thread.execute(() -> {
            registration = new ZooKeeperRegistration(
                    connection, paths, wanted, lastShutdown, this::pause, registrationAttemptsMax);
            registered = result;
            if (established) {
                establish();
            }
        });
        return result;
    }

    @Override
    public CompletableFuture<Void> settleStart(long brokerEpoch) {
        return whenEstablished().thenCompose(ready -> {
            var own = registration;
            return own == null ? CompletableFuture.completedFuture(null) : own.settle(brokerEpoch);
        });
    }

    @Override
    public CompletableFuture<Optional<ControllerSession>> electController(
            int brokerId, int expectedControllerEpoch, boolean usurp) {
        return whenEstablished()
                .thenCompose(ready -> new ZooKeeperElection(connection, paths, brokerId, random.nextLong(), this::pause)
                        .run(expectedControllerEpoch, usurp))
                .thenApply(won -> won.map(this::session));
    }

    private ControllerSession session(ZooKeeperElection.Won won) {
        var access = new ZooKeeperControllerSession.Access(connection, paths, thread, random::nextLong, this::pause);
        var session =
                new ZooKeeperControllerSession(access, won, () -> reader.scan().thenApply(read -> told()));
        office.take(session, won.sessionId());
        return session;
    }

    /** What has been read, of which the listeners have heard: an image that they hear of later is not older. */
    private ClusterMirror.Snapshot told() {
        publish();
        return mirror.snapshot();
    }

    @Override
    public CompletableFuture<ProducerIdBlock> allocateProducerIds(int brokerId) {
        return whenEstablished().thenCompose(ready -> producerIds.allocate());
    }

    /** Completes on the store's thread once everything has been read in the present session. */
    private CompletableFuture<Void> whenEstablished() {
        var ready = new CompletableFuture<Void>();
        thread.execute(() -> {
            if (established) {
                ready.complete(null);
            } else {
                awaitingEstablished.add(ready);
            }
        });
        return ready;
    }

    private CompletableFuture<Void> pause() {
        var over = new CompletableFuture<Void>();
        thread.schedule(() -> over.complete(null), PAUSE_MS, TimeUnit.MILLISECONDS);
        return over;
    }

    /** Curator may take the present session for lost, and tells nothing more while that lives. So we look ourselves now and then. */
    private void lookAfterSession() {
        thread.schedule(
                () -> {
                    long present = connection.connectedSession();
                    if (present != LoginObserver.NO_SESSION && present != followedSession) {
                        sessionEvents.onConnected();
                    }
                    lookAfterSession();
                },
                SESSION_LOOK_MS,
                TimeUnit.MILLISECONDS);
    }

    private void establish() {
        if (closed) {
            return;
        }
        int current = ++attempt;
        established = false;
        followedSession = connection.connectedSession();
        reader.reset("connected anew");
        connection
                .watchTree(paths.root(), watcher)
                .thenCompose(watching -> layout.ensure())
                .thenCompose(laidOut -> connection.sync(paths.root()))
                .thenCompose(synced -> reader.scan())
                .thenRun(this::onLoaded)
                .thenCompose(loaded -> ensureRegistered())
                .whenComplete((done, failure) -> {
                    if (current == attempt) {
                        onAttempt(failure);
                    }
                });
    }

    private void onLoaded() {
        if (!hasLoaded) {
            hasLoaded = true;
            LOGGER.log(Level.INFO, () -> "Loaded the metadata from " + paths.root() + ": " + mirror.image());
        }
        publish();
        opening.onLoaded();
    }

    private CompletableFuture<Void> ensureRegistered() {
        var wanted = registration;
        var result = registered;
        if (wanted == null || result == null) {
            return CompletableFuture.completedFuture(null);
        }
        return wanted.register()
                .handle((broker, failure) -> {
                    boolean isRefused = failure != null && !ZooKeeperFailure.isUnanswered(failure);
                    if (broker != null) {
                        result.complete(broker);
                    } else if (isRefused && !result.isDone()) {
                        registration = null;
                        result.completeExceptionally(ZooKeeperFailure.unwrapped(failure));
                        return null;
                    }
                    return failure;
                })
                .thenCompose(failure -> failure == null
                        ? CompletableFuture.<Void>completedFuture(null)
                        : CompletableFuture.<Void>failedFuture(failure));
    }

    private void onAttempt(@Nullable Throwable failure) {
        if (failure == null) {
            established = true;
            if (registered != null && !registered.isDone()) {
                // It was asked for after this attempt had passed that point.
                establish();
                return;
            }
            var ready = List.copyOf(awaitingEstablished);
            awaitingEstablished.clear();
            ready.forEach(each -> each.complete(null));
            return;
        }
        followedSession = LoginObserver.NO_SESSION;
        opening.onFailure(failure);
        LOGGER.log(
                ZooKeeperFailure.isUnanswered(failure) ? Level.DEBUG : Level.WARNING,
                () -> "Could not read the metadata or register; trying again: "
                        + ZooKeeperFailure.unwrapped(failure).getMessage());
        int failed = attempt;
        pause().thenRun(() -> {
            if (failed == attempt && connection.isConnected()) {
                establish();
            }
        });
    }

    private void onProgress() {
        if (reader.hasMissed() && established) {
            establish();
        } else if (hasLoaded && !isPublishing) {
            // What follows in the queue belongs to the same burst of changes and is told together.
            isPublishing = true;
            thread.execute(this::publish);
        }
    }

    private void publish() {
        isPublishing = false;
        var latest = mirror.image();
        if (latest != image && hasLoaded) {
            image = latest;
            listeners.forEach(listener -> listener.onImage(latest));
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Closing asks the server to end the session; a server that does not answer must not hold us up.
        var closing = new Thread(connection::close, "millrace-metadata-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(CLOSE_MAX_MS);
            thread.execute(this::failWaiting);
            thread.shutdown();
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            if (!thread.awaitTermination(CLOSE_MAX_MS, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void failWaiting() {
        var gone = new MetadataException("the metadata store was closed");
        awaitingEstablished.forEach(each -> each.completeExceptionally(gone));
        awaitingEstablished.clear();
        opening.onClosed();
        reader.reset("the store was closed");
        var result = registered;
        if (result != null) {
            result.completeExceptionally(gone);
        }
    }

    /** For tests: the session in force. */
    ZooKeeperConnection connection() {
        return connection;
    }

    private final class SessionEvents implements ZooKeeperConnection.SessionListener {
        @Override
        public void onConnected() {
            office.endIfSessionIsOver();
            establish();
        }

        @Override
        public void onSuspended() {
            // Leaders go on with what they know; the office of controller is safe by its epoch.
            attempt++;
            established = false;
            followedSession = LoginObserver.NO_SESSION;
            reader.reset("the connection was lost");
        }

        @Override
        public void onLost() {
            onSuspended();
            office.end();
        }

        @Override
        public void onRefused() {
            if (opening.isUnderWay()) {
                opening.onLoginRefused();
            }
            LOGGER.log(
                    Level.WARNING,
                    () -> "Not logged in to ZooKeeper at " + paths.root() + ": " + ZooKeeperFailure.LOGIN_REFUSED);
            thread.schedule(
                    () -> {
                        if (!closed) {
                            connection.reset();
                        }
                    },
                    REFUSED_PAUSE_MS,
                    TimeUnit.MILLISECONDS);
        }
    }
}
