package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooKeeper;

/** A ZooKeeper in this process, and the stores of brokers on it. */
final class TestStores implements AutoCloseable {
    private static final int SESSION_TIMEOUT_MS = 4_000;

    private final List<ZooKeeperMetadataStore> stores = new ArrayList<>();
    private final TestingServer server;

    private TestStores(TestingServer server) {
        this.server = server;
    }

    static TestStores start() throws Exception {
        return new TestStores(new TestingServer(true));
    }

    TestingServer server() {
        return server;
    }

    ZooKeeperMetadataStore store() {
        var store = ZooKeeperMetadataStore.connect(
                new ZooKeeperConfiguration(server.getConnectString() + "/test/millrace", SESSION_TIMEOUT_MS));
        stores.add(store);
        return store;
    }

    /** Closes the oldest store that is open. */
    void closeFirst() {
        stores.remove(0).close();
    }

    static BrokerRegistration broker(int brokerId) {
        return BrokerRegistration.wanted(brokerId, "127.0.0.1", 9090 + brokerId, "rack-" + brokerId, UUID.randomUUID());
    }

    static TopicImage topic(String name, int partitions) {
        return topic(name, Collections.nCopies(partitions, List.of(3, 2, 1)));
    }

    static TopicImage topic(String name, List<List<Integer>> assignment) {
        var state = new PartitionState(3, 0, 0, List.of(3, 2, 1), List.of());
        return new TopicImage(
                UUID.randomUUID(),
                name,
                DestinationKind.QUEUE,
                Map.of("min.insync.replicas", "2"),
                assignment,
                Collections.nCopies(assignment.size(), state));
    }

    static ControllerSession elected(ZooKeeperMetadataStore store, int brokerId, int expectedEpoch, boolean usurp)
            throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
        var session = store.electController(brokerId, expectedEpoch, usurp)
                .get(10, SECONDS)
                .orElseThrow();
        session.load().get(10, SECONDS);
        return session;
    }

    static ClusterImage awaitImage(ZooKeeperMetadataStore store, Predicate<ClusterImage> expected) throws Exception {
        var seen = new CompletableFuture<ClusterImage>();
        store.listen(image -> {
            if (expected.test(image)) {
                seen.complete(image);
            }
        });
        return seen.get(20, SECONDS);
    }

    /** Ends the session on the server as if it had timed out: another client takes it over and closes it. */
    void expireSessionOf(ZooKeeperMetadataStore store) throws Exception {
        ZooKeeper handle = store.connection().handle();
        var connected = new CompletableFuture<Void>();
        var twin = new ZooKeeper(
                server.getConnectString(),
                SESSION_TIMEOUT_MS,
                event -> connected.complete(null),
                handle.getSessionId(),
                handle.getSessionPasswd());
        connected.get(10, SECONDS);
        twin.close();
    }

    @Override
    public void close() throws IOException {
        stores.forEach(ZooKeeperMetadataStore::close);
        server.close();
    }
}
