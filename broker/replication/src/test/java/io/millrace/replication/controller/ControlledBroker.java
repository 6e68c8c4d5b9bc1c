package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperMetadataStore;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.LostReplica;
import io.millrace.replication.ReplicaReport;
import io.millrace.replication.ThreadLoop;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A broker without replicas: it follows the metadata in a real ZooKeeper, stands for controller and sends heartbeats, which reach the other
 * controllers of the process by a call.
 */
final class ControlledBroker implements AutoCloseable {
    private final int id;
    private final Map<Integer, ControlledBroker> all;
    private final ThreadLoop loop;
    private final ZooKeeperMetadataStore store;
    private final Controller controller;
    private final BrokerLifecycle lifecycle;

    /** @param all those of the cluster, by id; this one is added */
    ControlledBroker(
            int id, Map<Integer, ControlledBroker> all, String zooKeeper, ControllerConfiguration configuration) {
        this.id = id;
        this.all = all;
        loop = new ThreadLoop("test-control-" + id);
        store = ZooKeeperMetadataStore.connect(new ZooKeeperConfiguration(zooKeeper, 6_000));
        controller = new Controller(id, store, configuration, loop);
        lifecycle = new BrokerLifecycle(store, controller, new Calls(), configuration, loop, NOTHING_TO_REPORT);
        all.put(id, this);
    }

    void start() throws Exception {
        controller.start();
        var wanted = BrokerRegistration.wanted(id, "127.0.0.1", 9_000 + id, null, UUID.randomUUID());
        lifecycle.start(wanted, LastShutdown.HARMLESS).get(20, TimeUnit.SECONDS);
    }

    int id() {
        return id;
    }

    Controller controller() {
        return controller;
    }

    ClusterImage image() {
        return store.image();
    }

    MetadataStore store() {
        return store;
    }

    /** Goes without asking; its session ends at once. */
    @Override
    public void close() {
        all.remove(id);
        lifecycle.close();
        store.close();
        controller.close();
        loop.close();
    }

    private static final ReplicaReport NOTHING_TO_REPORT = new ReplicaReport() {
        @Override
        public boolean disownsLeadership() {
            return false;
        }

        @Override
        public List<LostReplica> lostReplicas() {
            return List.of();
        }
    };

    private final class Calls implements ControllerTransport {
        @Override
        public CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat) {
            ControlledBroker called = all.get(controllerId);
            return called == null
                    ? CompletableFuture.completedFuture(HeartbeatResult.refused(ErrorCode.NOT_CONTROLLER))
                    : called.controller.heartbeat(heartbeat);
        }

        @Override
        public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(
                int controllerId, InSyncReplicasChange change) {
            return CompletableFuture.completedFuture(InSyncReplicasChangeResult.refused(ErrorCode.NOT_CONTROLLER));
        }
    }
}
