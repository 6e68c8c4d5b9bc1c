package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether the metadata could be read for the first time. Ends early where only an operator can help, and late, but surely, where ZooKeeper
 * does not serve.
 *
 * <p>Owned by the store's thread.
 */
final class StoreOpening {
    private final ZooKeeperConfiguration configuration;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable String lastFailure;

    StoreOpening(ZooKeeperConfiguration configuration) {
        this.configuration = configuration;
    }

    CompletableFuture<Void> done() {
        return done;
    }

    boolean isUnderWay() {
        return !done.isDone();
    }

    void onLoaded() {
        done.complete(null);
    }

    void onLoginRefused() {
        fail("ZooKeeper at zookeeper.connect=" + configuration.connectString() + " cannot be used: "
                + ZooKeeperFailure.LOGIN_REFUSED);
    }

    void onFailure(Throwable failure) {
        lastFailure = ZooKeeperFailure.unwrapped(failure).getMessage();
        if (ZooKeeperFailure.isRefusal(failure)) {
            fail("ZooKeeper at zookeeper.connect=" + configuration.connectString() + " cannot be used: " + lastFailure);
        }
    }

    /** @param isConnected whether there is a session; if not, the probe says why */
    void onTimeUp(boolean isConnected, ConnectionProbe probe) {
        if (!isUnderWay()) {
            return;
        }
        String late = "ZooKeeper at zookeeper.connect=" + configuration.connectString()
                + " did not serve the metadata within zookeeper.connection.timeout.ms="
                + configuration.connectionTimeoutMs() + ": ";
        if (isConnected) {
            fail(late + (lastFailure == null ? "they are still being read" : lastFailure));
        } else {
            probe.run().thenAccept(findings -> fail(late + findings));
        }
    }

    private void fail(String message) {
        done.completeExceptionally(new MetadataException(message));
    }

    void onClosed() {
        fail("the metadata store was closed");
    }
}
