package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ClusterListener;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.ProducerIdBlock;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker that stands for controller goes on until somebody holds the office, however elections and images interleave. */
class ControllerElectionTest {
    private static final int BROKER = 1;
    private static final int OTHER = 2;

    private final StepLoop loop = new StepLoop();
    private final Elections store = new Elections();
    private final Controller controller = new Controller(BROKER, store, ControllerConfiguration.DEFAULTS, loop);

    @BeforeEach
    void standForElection() {
        controller.start();
        store.show(ClusterImage.NO_CONTROLLER, 1);
        assertThat(store.expectedEpochs).containsExactly(1);
    }

    @Test
    void whoIsOvertakenByOneThatIsGoneAlreadyStandsAgain() {
        store.show(OTHER, 2);
        store.show(ClusterImage.NO_CONTROLLER, 2);

        store.running.complete(Optional.empty());
        loop.passTime();

        assertThat(store.expectedEpochs).containsExactly(1, 2);
    }

    @Test
    void whoIsOvertakenByOneThatHoldsTheOfficeDoesNot() {
        store.show(OTHER, 2);

        store.running.complete(Optional.empty());
        loop.passTime();

        assertThat(store.expectedEpochs).containsExactly(1);
    }

    @Test
    void whoWinsButCannotLoadNorResignStandsAgain() {
        var session = new SilentSession(2);
        store.running.complete(Optional.of(session));
        store.show(BROKER, 2);

        session.loading.completeExceptionally(new MetadataException("the connection was lost"));
        loop.passTime();

        assertThat(controller.isActive()).isFalse();
        assertThat(store.expectedEpochs).containsExactly(1, 2);
    }

    @Test
    void whoIsClosedStandsNoMore() {
        controller.close();

        store.running.complete(Optional.empty());
        loop.passTime();

        assertThat(store.expectedEpochs).containsExactly(1);
    }

    /** The test's own thread as a loop; what is scheduled comes when the test lets time pass. */
    private static final class StepLoop implements Loop {
        private final Queue<Runnable> scheduled = new ArrayDeque<>();

        void passTime() {
            var due = new ArrayList<>(scheduled);
            scheduled.clear();
            due.forEach(Runnable::run);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void atEndOfRound(Runnable task) {
            task.run();
        }

        @Override
        public Cancellable schedule(long delayMs, Runnable task) {
            scheduled.add(task);
            return () -> scheduled.remove(task);
        }
    }

    /** Shows what the test says, and ends elections when it says so. */
    private static final class Elections implements MetadataStore {
        private final List<ClusterListener> listeners = new ArrayList<>();
        private final List<Integer> expectedEpochs = new ArrayList<>();
        private CompletableFuture<Optional<ControllerSession>> running = new CompletableFuture<>();
        private ClusterImage image = ClusterImage.EMPTY;

        void show(int controllerId, int controllerEpoch) {
            var own = new BrokerRegistration(BROKER, 7, "localhost", 9092, null, new UUID(0, 1), BrokerStart.CLEAN);
            image = ClusterImage.EMPTY
                    .withClusterId("cluster")
                    .withController(controllerId, controllerEpoch)
                    .withBrokers(Map.of(BROKER, own));
            listeners.forEach(listener -> listener.onImage(image));
        }

        @Override
        public CompletableFuture<Optional<ControllerSession>> electController(
                int brokerId, int expectedControllerEpoch, boolean usurp) {
            expectedEpochs.add(expectedControllerEpoch);
            running = new CompletableFuture<>();
            return running;
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
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<ProducerIdBlock> allocateProducerIds(int brokerId) {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}
    }

    /** Of an office that ZooKeeper gave, and does not let go of. */
    private static final class SilentSession implements ControllerSession {
        private final int controllerEpoch;
        private final CompletableFuture<ClusterImage> loading = new CompletableFuture<>();

        SilentSession(int controllerEpoch) {
            this.controllerEpoch = controllerEpoch;
        }

        @Override
        public int controllerEpoch() {
            return controllerEpoch;
        }

        @Override
        public CompletableFuture<Void> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<ClusterImage> load() {
            return loading;
        }

        @Override
        public CompletableFuture<Void> commit(List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> resign() {
            return CompletableFuture.failedFuture(new MetadataException("the connection was lost"));
        }
    }
}
