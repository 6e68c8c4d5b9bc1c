package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SessionExpiryTest {
    private static final int SESSION_TIMEOUT_MS = 1_000;

    private final List<ZooKeeperMetadataStore> stores = new ArrayList<>();
    private TestZooKeeper server;

    @BeforeEach
    void startServer(@TempDir Path directory) throws Exception {
        server = TestZooKeeper.start(directory);
    }

    @AfterEach
    void stopAll() {
        stores.forEach(ZooKeeperMetadataStore::close);
        server.close();
    }

    @Test
    void aBrokerRegistersAgainEachTimeItsSessionEnds() throws Exception {
        var store = store();
        var observer = store();
        long epoch = store.register(broker()).get(10, SECONDS).brokerEpoch();

        for (int i = 0; i < 5; i++) {
            long before = epoch;
            server.expire(store.connection().sessionId());
            var image = awaitImage(observer, seen -> epochOf(seen) > before);
            epoch = epochOf(image);
        }

        assertThat(awaitImage(store, seen -> seen.brokers().containsKey(1))
                        .brokers()
                        .get(1)
                        .start()
                        .number())
                .isEqualTo(6);
    }

    @Test
    void aSessionThatIsReplacedIsNoticed() throws Exception {
        var store = store();
        var observer = store();
        long epoch = store.register(broker()).get(10, SECONDS).brokerEpoch();
        var office = elected(store, 1, 0);

        store.connection().reset();

        awaitImage(observer, seen -> epochOf(seen) > epoch);
        office.lost().get(10, SECONDS);
        var next = elected(observer, 2, 1);
        next.commit(List.of(new CreateTopic(topic("orders")))).get(10, SECONDS);
        awaitImage(store, seen -> seen.topic("orders").isPresent() && epochOf(seen) > epoch);
    }

    @Test
    void aControllerIsToldThatItsSessionEndedAndWritesNoMore() throws Exception {
        var store = store();
        var session = elected(store, 1, 0);

        server.expire(store.connection().sessionId());

        session.lost().get(10, SECONDS);
        var refused = session.commit(List.of(new CreateTopic(topic("orders"))));
        assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
        var next = elected(store, 1, 1);
        next.commit(List.of(new CreateTopic(topic("orders")))).get(10, SECONDS);
        assertThat(next.lost()).isNotDone();
    }

    @Test
    void aWriteWhoseAnswerWasLostWithTheSessionIsKnownToHaveHappened() throws Exception {
        try (var swallower = AnswerSwallower.before(server.port())) {
            var store = connected("127.0.0.1:" + swallower.port(), SESSION_TIMEOUT_MS);
            var observer = store();
            var session = elected(store, 1, 0);
            long sessionId = store.connection().sessionId();

            var swallowed = swallower.swallow();
            var written = session.commit(List.of(new CreateTopic(topic("orders"))));
            awaitImage(observer, seen -> seen.topic("orders").isPresent());
            swallowed.get(10, SECONDS);
            swallower.letThrough();
            server.expire(sessionId);

            written.get(20, SECONDS);
            session.lost().get(10, SECONDS);
            var refused = session.commit(List.of(new CreateTopic(topic("payments"))));
            assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
        }
    }

    @Test
    void theOfficeIsFreeForOthersOnceTheSessionOfTheControllerEnded() throws Exception {
        var store = store();
        var heir = store();
        var session = elected(store, 1, 0);
        awaitImage(heir, seen -> seen.controllerId() == 1);

        server.expire(store.connection().sessionId());

        awaitImage(heir, seen -> seen.controllerId() == ClusterImage.NO_CONTROLLER);
        assertThat(elected(heir, 2, 1).controllerEpoch()).isEqualTo(2);
        session.lost().get(10, SECONDS);
    }

    @Test
    void aControllerWithoutAConnectionForLongerThanItsSessionIsControllerNoMore() throws Exception {
        var store = store();
        var session = elected(store, 1, 0);

        server.stop();

        session.lost().get(10, SECONDS);
        server.startAgain();
        assertThat(elected(store, 1, 1).controllerEpoch()).isEqualTo(2);
    }

    @Test
    void aShortLossOfTheConnectionCostsNoOffice() throws Exception {
        var store = store(10_000);
        var session = elected(store, 1, 0);

        server.stop();
        server.startAgain();

        session.commit(List.of(new CreateTopic(topic("orders")))).get(20, SECONDS);
        assertThat(session.lost()).isNotDone();
    }

    /** Curator does so when it learns of the end of the session before only after it has learnt that this one began. */
    @Test
    void aSessionThatIsTakenForLostAndLivesIsFollowedAgain() throws Exception {
        var store = store();
        store.register(broker()).get(10, SECONDS);

        var told = new CompletableFuture<Void>();
        store.listen(image -> {
            if (told.complete(null)) {
                store.connection().listener().onLost();
            }
        });
        told.get(10, SECONDS);

        assertThat(elected(store, 1, 0).controllerEpoch()).isEqualTo(1);
    }

    @Test
    void aRegistrationThatIsReplacedIsNeverMissed() throws Exception {
        var former = store();
        var observer = store();
        long before = former.register(broker()).get(10, SECONDS).brokerEpoch();
        awaitImage(observer, seen -> epochOf(seen) == before);
        Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        observer.listen(image -> sizes.add(image.brokers().size()));

        store().register(broker()).get(10, SECONDS);

        awaitImage(observer, seen -> epochOf(seen) > before);
        assertThat(sizes).containsOnly(1);
    }

    private ZooKeeperMetadataStore store() {
        return store(SESSION_TIMEOUT_MS);
    }

    private ZooKeeperMetadataStore store(int sessionTimeoutMs) {
        return connected(server.connectString(), sessionTimeoutMs);
    }

    private ZooKeeperMetadataStore connected(String connectString, int sessionTimeoutMs) {
        var store = ZooKeeperMetadataStore.connect(new ZooKeeperConfiguration(connectString, sessionTimeoutMs));
        stores.add(store);
        return store;
    }

    private static ControllerSession elected(ZooKeeperMetadataStore store, int brokerId, int expectedEpoch)
            throws Exception {
        var session = store.electController(brokerId, expectedEpoch, false)
                .get(20, SECONDS)
                .orElseThrow();
        session.load().get(10, SECONDS);
        return session;
    }

    private static long epochOf(ClusterImage image) {
        BrokerRegistration broker = image.brokers().get(1);
        return broker == null ? -1 : broker.brokerEpoch();
    }

    private static BrokerRegistration broker() {
        return BrokerRegistration.wanted(1, "127.0.0.1", 9091, null, UUID.randomUUID());
    }

    private static TopicImage topic(String name) {
        var state = new PartitionState(1, 0, 0, List.of(1), List.of());
        return new TopicImage(
                UUID.randomUUID(), name, DestinationKind.QUEUE, Map.of(), List.of(List.of(1)), List.of(state));
    }

    private static ClusterImage awaitImage(ZooKeeperMetadataStore store, Predicate<ClusterImage> expected)
            throws Exception {
        var seen = new CompletableFuture<ClusterImage>();
        store.listen(image -> {
            if (expected.test(image)) {
                seen.complete(image);
            }
        });
        return seen.get(20, SECONDS);
    }
}
