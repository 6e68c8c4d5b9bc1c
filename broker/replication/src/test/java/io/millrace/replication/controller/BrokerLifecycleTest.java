package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ClusterListener;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.ProducerIdBlock;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.LostReplica;
import io.millrace.replication.ManualLoop;
import io.millrace.replication.ReplicaReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BrokerLifecycleTest {
    private static final int BROKER = 1;
    private static final int CONTROLLER = 2;
    private static final UUID EARLIER = new UUID(0, 1);
    private static final UUID OWN = new UUID(0, 2);
    private static final BrokerStart UNCLEAN = new BrokerStart(1, true);

    private final FakeStore store = new FakeStore();
    private final FakeController controller = new FakeController();
    private final BrokerLifecycle lifecycle = new BrokerLifecycle(
            store,
            new Controller(BROKER, store, ControllerConfiguration.DEFAULTS, new ManualLoop()),
            controller,
            ControllerConfiguration.DEFAULTS,
            new ManualLoop(),
            new NothingToReport());

    @Test
    void theRegistrationOfAnEarlierLifeIsNotUsedAsOnesOwn() {
        lifecycle.start(registration(BrokerRegistration.NO_EPOCH, OWN, BrokerStart.CLEAN));

        store.show(registration(10, EARLIER, BrokerStart.CLEAN));
        assertThat(controller.heartbeats).isEmpty();

        store.show(registration(11, OWN, BrokerStart.CLEAN));
        assertThat(controller.heartbeats)
                .extracting(BrokerHeartbeat::brokerEpoch)
                .containsExactly(11L);
    }

    @Test
    void aLifeThatComesAfterThisOneEndsItsHeartbeats() {
        lifecycle.start(registration(BrokerRegistration.NO_EPOCH, OWN, BrokerStart.CLEAN));
        store.show(registration(11, OWN, BrokerStart.CLEAN));
        controller.answer();

        store.show(registration(12, new UUID(0, 3), BrokerStart.CLEAN));
        lifecycle.hurry();

        assertThat(controller.heartbeats).hasSize(1);
    }

    @Test
    void theCleanStartOfAnEarlierLifeLetsNobodyServe() {
        var serving = lifecycle.start(registration(BrokerRegistration.NO_EPOCH, OWN, BrokerStart.CLEAN));
        store.show(registration(10, EARLIER, BrokerStart.CLEAN));

        store.show(registration(11, OWN, UNCLEAN));
        controller.answer();
        assertThat(serving).isNotDone();
        assertThat(store.settled).containsExactly(11L);

        store.show(registration(11, OWN, BrokerStart.CLEAN));
        controller.answer();
        assertThat(serving).isCompleted();
    }

    private static BrokerRegistration registration(long brokerEpoch, UUID incarnationId, BrokerStart start) {
        return new BrokerRegistration(BROKER, brokerEpoch, "localhost", 9092, null, incarnationId, start);
    }

    /** Shows what the test says, and never registers anybody. */
    private static final class FakeStore implements MetadataStore {
        private final List<ClusterListener> listeners = new ArrayList<>();
        private final List<Long> settled = new ArrayList<>();
        private ClusterImage image = ClusterImage.EMPTY;

        void show(BrokerRegistration registration) {
            image = ClusterImage.EMPTY
                    .withClusterId("cluster")
                    .withController(CONTROLLER, 1)
                    .withBrokers(Map.of(BROKER, registration));
            listeners.forEach(listener -> listener.onImage(image));
        }

        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public void listen(ClusterListener listener) {
            listeners.add(listener);
        }

        @Override
        public CompletableFuture<BrokerRegistration> register(BrokerRegistration wanted, LastShutdown lastShutdown) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> settleStart(long brokerEpoch) {
            settled.add(brokerEpoch);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Optional<ControllerSession>> electController(
                int brokerId, int expectedControllerEpoch, boolean usurp) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public CompletableFuture<ProducerIdBlock> allocateProducerIds(int brokerId) {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}
    }

    /** A controller on another broker, which accepts a heartbeat when the test says so. */
    private static final class FakeController implements ControllerTransport {
        private final List<BrokerHeartbeat> heartbeats = new ArrayList<>();
        private CompletableFuture<HeartbeatResult> open = new CompletableFuture<>();

        void answer() {
            open.complete(new HeartbeatResult(ErrorCode.NONE, false, false, Set.of()));
        }

        @Override
        public CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat) {
            heartbeats.add(heartbeat);
            open = new CompletableFuture<>();
            return open;
        }

        @Override
        public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(
                int controllerId, InSyncReplicasChange change) {
            return new CompletableFuture<>();
        }
    }

    private static final class NothingToReport implements ReplicaReport {
        @Override
        public boolean disownsLeadership() {
            return false;
        }

        @Override
        public List<LostReplica> lostReplicas() {
            return List.of();
        }
    }
}
