package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.curator.RetryPolicy;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous operations on ZooKeeper, each sent once: Curator keeps the session, and nothing here repeats an operation whose outcome
 * is unknown.
 *
 * <p>Thread-safe. Futures complete on the executor given, in the order in which the server answered; they fail with
 * {@link ZooKeeperFailure}.
 */
final class ZooKeeperConnection implements AutoCloseable {
    /** Hears of the session, on the executor. */
    interface SessionListener {
        /** Connected, again or for the first time; the session may be another one than before. */
        void onConnected();

        /** Not connected for the moment; the session may still live. */
        void onSuspended();

        /** The session has ended, or must be taken to have ended. */
        void onLost();

        /** The servers did not accept this broker's login. The session is useless; see {@link #reset}. */
        void onRefused();
    }

    private static final System.Logger LOGGER = System.getLogger(ZooKeeperConnection.class.getName());
    /** A single request of 1 MiB or more kills the connection without saying why. */
    static final int REQUEST_BYTES_MAX = 900 * 1024;

    private static final RetryPolicy NEVER = new RetryNTimes(0, 0);
    private static final int MAX_CLOSE_WAIT_MS = 1_000;

    private final CuratorFramework curator;
    private final Executor executor;
    private final SessionListener listener;
    private final String connectString;
    private final ClientSettings settings;
    private final LoginObserver handles;
    private final boolean isEncrypted;
    private final NewZnodes newZnodes;

    /** @param servers of the configuration's connect string */
    ZooKeeperConnection(
            String servers, ZooKeeperConfiguration configuration, Executor executor, SessionListener listener) {
        this.executor = executor;
        this.listener = listener;
        this.connectString = servers;
        this.settings = new ClientSettings(configuration.security());
        this.isEncrypted = configuration.security().tls().isPresent();
        this.newZnodes = NewZnodes.of(configuration.security());
        this.handles = new LoginObserver(() -> executor.execute(listener::onRefused));
        int sessionTimeoutMs = configuration.sessionTimeoutMs();
        this.curator = CuratorFrameworkFactory.builder()
                .connectString(servers)
                .sessionTimeoutMs(sessionTimeoutMs)
                .connectionTimeoutMs(sessionTimeoutMs)
                .maxCloseWaitMs(MAX_CLOSE_WAIT_MS)
                .retryPolicy(NEVER)
                // The addresses that the servers tell each other need not be reachable from here.
                .ensembleTracker(false)
                .zkClientConfig(settings.config())
                .zookeeperFactory(handles)
                .build();
        curator.getConnectionStateListenable().addListener((client, state) -> onState(state, listener), executor);
    }

    private static void onState(ConnectionState state, SessionListener listener) {
        if (state == ConnectionState.CONNECTED || state == ConnectionState.RECONNECTED) {
            listener.onConnected();
        } else if (state == ConnectionState.LOST) {
            listener.onLost();
        } else if (!state.isConnected()) {
            listener.onSuspended();
        }
    }

    void start() {
        curator.start();
    }

    /** Begins with a new session, which a refused one needs. */
    @SuppressWarnings("checkstyle:IllegalCatch") // Curator declares Exception
    void reset() {
        try {
            curator.getZookeeperClient().reset();
        } catch (Exception e) {
            LOGGER.log(Level.WARNING, () -> "Cannot begin a new session with " + connectString + ": " + e);
        }
    }

    /** For tests: who hears of the session, on the executor. */
    SessionListener listener() {
        return listener;
    }

    /** Tells why there is no session. */
    ConnectionProbe probe() {
        return new ConnectionProbe(connectString, isEncrypted, settings.config());
    }

    NewZnodes newZnodes() {
        return newZnodes;
    }

    boolean isConnected() {
        return curator.getZookeeperClient().isConnected();
    }

    long sessionId() {
        return handle().getSessionId();
    }

    /** The session that is connected at this moment, whatever Curator has told of it; or {@link LoginObserver#NO_SESSION}. Does not block. */
    long connectedSession() {
        return handles.connectedSession();
    }

    /** Whether there is a session now, and it is another one. */
    boolean hasOtherSession(long sessionId) {
        try {
            long present = sessionId();
            return present != LoginObserver.NO_SESSION && present != sessionId;
        } catch (ZooKeeperFailure notConnected) {
            LOGGER.log(Level.DEBUG, notConnected::getMessage);
            return false;
        }
    }

    CompletableFuture<Node> get(String path) {
        var answer = new Answer<Node>("read", path);
        return answer.send(zooKeeper -> zooKeeper.getData(
                path, false, (rc, p, context, data, stat) -> answer.on(rc, () -> new Node(data, stat)), null));
    }

    CompletableFuture<List<String>> children(String path) {
        var answer = new Answer<List<String>>("list", path);
        return answer.send(zooKeeper ->
                zooKeeper.getChildren(path, false, (rc, p, context, names) -> answer.on(rc, () -> names), null));
    }

    /** Who may do what with a znode. */
    CompletableFuture<List<ACL>> access(String path) {
        var answer = new Answer<List<ACL>>("read the access list of", path);
        return answer.send(zooKeeper -> zooKeeper.getACL(
                path, new Stat(), (rc, p, context, access, stat) -> answer.on(rc, () -> access), null));
    }

    CompletableFuture<Stat> set(String path, byte[] data, int expectedVersion) {
        var answer = new Answer<Stat>("write", path);
        return answer.send(zooKeeper -> zooKeeper.setData(
                path, data, expectedVersion, (rc, p, context, stat) -> answer.on(rc, () -> stat), null));
    }

    CompletableFuture<List<OpResult>> multi(String what, List<Op> operations) {
        var answer = new Answer<List<OpResult>>(what, operations.get(0).getPath());
        return answer.send(zooKeeper -> zooKeeper.multi(
                operations, (rc, p, context, results) -> answer.on(rc, () -> results, firstFailed(results)), null));
    }

    /** Those before the one that failed are told to be well, those behind it to be inconsistent. */
    private static int firstFailed(@Nullable List<OpResult> results) {
        for (int i = 0; results != null && i < results.size(); i++) {
            boolean isFailed = results.get(i) instanceof OpResult.ErrorResult error
                    && error.getErr() != KeeperException.Code.OK.intValue()
                    && error.getErr() != KeeperException.Code.RUNTIMEINCONSISTENCY.intValue();
            if (isFailed) {
                return i;
            }
        }
        return -1;
    }

    /** Later reads see at least everything that any session had written before this call. */
    CompletableFuture<Boolean> sync(String path) {
        var answer = new Answer<Boolean>("sync", path);
        return answer.send(zooKeeper -> zooKeeper.sync(path, (rc, p, context) -> answer.on(rc, () -> true), null));
    }

    /** Watches a whole tree until the session ends. Adding the same watcher again changes nothing. */
    CompletableFuture<Boolean> watchTree(String path, Watcher watcher) {
        var answer = new Answer<Boolean>("watch", path);
        return answer.send(zooKeeper -> zooKeeper.addWatch(
                path, watcher, AddWatchMode.PERSISTENT_RECURSIVE, (rc, p, context) -> answer.on(rc, () -> true), null));
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // Curator declares Exception and throws what it last heard of
    ZooKeeper handle() {
        try {
            return curator.getZookeeperClient().getZooKeeper();
        } catch (KeeperException e) {
            throw new ZooKeeperFailure(e.code(), "connect to " + connectString, e);
        } catch (Exception e) {
            throw new ZooKeeperFailure(KeeperException.Code.CONNECTIONLOSS, "connect to " + connectString, e);
        }
    }

    /** Ends the session, which removes its ephemeral znodes. Bounded by Curator and by the session's timeout. */
    @Override
    public void close() {
        curator.close();
        settings.close();
    }

    @FunctionalInterface
    private interface Sending {
        void to(ZooKeeper zooKeeper);
    }

    @FunctionalInterface
    private interface Value<T> {
        T get();
    }

    private final class Answer<T> {
        private final CompletableFuture<T> future = new CompletableFuture<>();
        private final String verb;
        private final String path;

        Answer(String verb, String path) {
            this.verb = verb;
            this.path = path;
        }

        CompletableFuture<T> send(Sending sending) {
            try {
                sending.to(handle());
            } catch (MetadataException e) {
                executor.execute(() -> future.completeExceptionally(e));
            }
            return future;
        }

        void on(int resultCode, Value<T> value) {
            on(resultCode, value, -1);
        }

        private void on(int resultCode, Value<T> value, int failedOperation) {
            var code =
                    Optional.ofNullable(KeeperException.Code.get(resultCode)).orElse(KeeperException.Code.SYSTEMERROR);
            executor.execute(() -> {
                if (code == KeeperException.Code.OK) {
                    future.complete(value.get());
                } else {
                    future.completeExceptionally(new ZooKeeperFailure(
                            code, verb + " " + path, KeeperException.create(code, path), failedOperation));
                }
            });
        }
    }
}
