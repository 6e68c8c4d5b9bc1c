package io.millrace.metadata.zookeeper;

import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/** Opens sessions for Curator and hears when a login is refused, of which Curator tells nobody. Thread-safe. */
final class LoginObserver implements ZookeeperFactory {
    /** In the place of a session's id. */
    static final long NO_SESSION = 0;

    @SuppressWarnings("NullAway") // an event of the session names no path
    private static final WatchedEvent REFUSED = new WatchedEvent(EventType.None, KeeperState.AuthFailed, null);

    private final Runnable onRefused;
    private volatile @Nullable ZooKeeper latest;

    LoginObserver(Runnable onRefused) {
        this.onRefused = onRefused;
    }

    @Override
    public ZooKeeper newZooKeeper(String servers, int sessionTimeoutMs, Watcher watcher, boolean canBeReadOnly)
            throws Exception {
        return newZooKeeper(servers, sessionTimeoutMs, watcher, canBeReadOnly, new ZKClientConfig());
    }

    @Override
    public ZooKeeper newZooKeeper(
            String servers, int sessionTimeoutMs, Watcher watcher, boolean canBeReadOnly, ZKClientConfig config)
            throws Exception {
        Watcher observing = event -> {
            // A login that could not even begin is told of by an event without a state.
            boolean isRefused = event.getState() == null || event.getState() == KeeperState.AuthFailed;
            if (isRefused) {
                onRefused.run();
            }
            watcher.process(isRefused ? REFUSED : event);
        };
        var opened = new ZooKeeper(servers, sessionTimeoutMs, observing, canBeReadOnly, config);
        latest = opened;
        return opened;
    }

    /** The session of the handle that was opened last, if it is connected at this moment; or {@link #NO_SESSION}. Does not block. */
    long connectedSession() {
        ZooKeeper present = latest;
        return present != null && present.getState().isConnected() ? present.getSessionId() : NO_SESSION;
    }
}
