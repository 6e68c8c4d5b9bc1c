package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataChange.ChangeAssignment;
import io.millrace.metadata.MetadataChange.ChangeConfiguration;
import io.millrace.metadata.MetadataChange.ChangePartitions;
import io.millrace.metadata.MetadataChange.ChangeSettings;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.MetadataChange.DeleteTopic;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.SupersededRegistrationException;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ZooKeeperMetadataStoreTest {
    private static final int SESSION_TIMEOUT_MS = 4_000;

    private final List<ZooKeeperMetadataStore> stores = new ArrayList<>();
    private TestingServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(true);
    }

    @AfterEach
    void stopAll() throws Exception {
        stores.forEach(ZooKeeperMetadataStore::close);
        server.close();
    }

    @Test
    void aNewClusterIsLaidOutOnceAndAllSeeTheSameId() throws Exception {
        var first = store();
        var second = store();

        var firstImage = awaitImage(first, image -> !image.clusterId().isEmpty());
        var secondImage = awaitImage(second, image -> !image.clusterId().isEmpty());

        assertThat(firstImage.clusterId()).isEqualTo(secondImage.clusterId());
        assertThat(firstImage.controllerId()).isEqualTo(ClusterImage.NO_CONTROLLER);
    }

    @Test
    void registeredBrokersAreSeenByAll() throws Exception {
        var first = store();
        var second = store();

        var registration = first.register(broker(1)).get(10, SECONDS);

        var image = awaitImage(second, seen -> seen.brokers().containsKey(1));
        assertThat(image.brokers().get(1)).isEqualTo(registration);
        assertThat(registration.brokerEpoch()).isPositive();
    }

    @Test
    void aClosedStoreLeavesAtOnce() throws Exception {
        var first = store();
        var second = store();
        first.register(broker(1)).get(10, SECONDS);
        awaitImage(second, image -> image.brokers().containsKey(1));

        first.close();

        awaitImage(second, image -> image.brokers().isEmpty());
    }

    @Test
    void anElectionHasOneWinner() throws Exception {
        var first = store();
        var second = store();

        var sessions = List.of(
                first.electController(1, 0, false).get(10, SECONDS),
                second.electController(2, 0, false).get(10, SECONDS));

        assertThat(sessions.stream().filter(java.util.Optional::isPresent)).hasSize(1);
        assertThat(sessions.get(0)).isPresent();
        awaitImage(second, image -> image.controllerId() == 1 && image.controllerEpoch() == 1);
    }

    @Test
    void aUsurpedControllerCannotWrite() throws Exception {
        var first = store();
        var second = store();
        var zombie = elected(first, 1, 0, false);
        var heir = elected(second, 2, 1, true);

        var written = zombie.commit(List.of(new CreateTopic(topic("orders", 1))));

        assertThatThrownBy(() -> written.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
        heir.commit(List.of(new CreateTopic(topic("payments", 1)))).get(10, SECONDS);
        var image = awaitImage(first, seen -> seen.topicCount() > 0);
        assertThat(image.topics()).extracting(TopicImage::name).containsExactly("payments");
        assertThat(image.controllerEpoch()).isEqualTo(2);
    }

    @Test
    void aControllerThatMissedAWriteIsRefused() throws Exception {
        var first = store();
        var second = store();
        var earlier = elected(first, 1, 0, false);
        var later = elected(second, 2, 1, true);
        later.resign().get(10, SECONDS);

        var refused = earlier.commit(List.of(new CreateTopic(topic("orders", 1))));

        assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
    }

    @Test
    void aResignedOfficeIsVacantAtOnce() throws Exception {
        var first = store();
        var second = store();
        var session = elected(first, 1, 0, false);
        awaitImage(second, image -> image.controllerId() == 1);

        session.resign().get(10, SECONDS);

        awaitImage(second, image -> image.controllerId() == ClusterImage.NO_CONTROLLER);
        assertThat(elected(second, 2, 1, false).controllerEpoch()).isEqualTo(2);
    }

    @Test
    void topicsAreCreatedChangedAndDeleted() throws Exception {
        var writer = store();
        var reader = store();
        var session = elected(writer, 1, 0, false);
        var created = topic("orders", 3);

        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var afterCreation = awaitImage(reader, image -> image.topicCount() == 1);
        var state = new PartitionState(2, 7, 9, List.of(2), List.of(3));
        session.commit(List.of(
                        new ChangePartitions(created.topicId(), Map.of(1, state)),
                        new ChangeConfiguration(created.topicId(), Map.of("retention.ms", "5"))))
                .get(10, SECONDS);
        var afterChange = awaitImage(reader, image -> image.topic("orders")
                .filter(topic -> topic.partitions().get(1).equals(state)
                        && topic.configuration().containsKey("retention.ms"))
                .isPresent());
        session.commit(List.of(new DeleteTopic(created.topicId()))).get(10, SECONDS);

        assertThat(afterCreation.topic("orders")).contains(created);
        assertThat(afterChange.topic("orders").orElseThrow().partitions().get(0))
                .isEqualTo(created.partitions().get(0));
        awaitImage(reader, image -> image.topicCount() == 0);
    }

    @Test
    void aTopicGetsMorePartitions() throws Exception {
        var writer = store();
        var reader = store();
        var session = elected(writer, 1, 0, false);
        var created = topic("orders", 2);
        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var state = new PartitionState(1, 0, 0, List.of(1), List.of());

        session.commit(List.of(new ChangeAssignment(
                        created.topicId(), Map.of(2, PartitionAssignment.settled(List.of(1))), Map.of(2, state))))
                .get(10, SECONDS);

        var grown = awaitImage(reader, image -> image.topic("orders")
                .filter(topic -> topic.partitionCount() == 3)
                .isPresent());
        assertThat(grown.topic("orders").orElseThrow().partition(2)).contains(state);
        assertThat(grown.topic("orders").orElseThrow().partition(1))
                .contains(created.partitions().get(1));
    }

    @Test
    void settingsOfBrokersAndClientsAreSetReplacedAndEnded() throws Exception {
        var writer = store();
        var reader = store();
        var session = elected(writer, 1, 0, false);
        var client = new SettingsScope(Map.of(SettingsScope.CLIENT_ID, "reports"));

        session.commit(List.of(
                        new ChangeSettings(SettingsScope.broker(1), Map.of("log.retention.ms", "5")),
                        new ChangeSettings(client, Map.of("consumer_byte_rate", "1000.0"))))
                .get(10, SECONDS);
        var set = awaitImage(reader, image -> image.settings().size() == 2);
        session.commit(List.of(
                        new ChangeSettings(SettingsScope.broker(1), Map.of("log.retention.ms", "6")),
                        new ChangeSettings(client, Map.of())))
                .get(10, SECONDS);

        assertThat(set.settings(client)).containsOnly(Map.entry("consumer_byte_rate", "1000.0"));
        var changed = awaitImage(reader, image -> image.settings().size() == 1);
        assertThat(changed.settings(SettingsScope.broker(1))).containsOnly(Map.entry("log.retention.ms", "6"));
        awaitImage(store(), image -> image.settings().equals(changed.settings()));
    }

    @Test
    void aTopicCreatedAgainUnderItsNameIsAnotherTopic() throws Exception {
        var writer = store();
        var reader = store();
        var session = elected(writer, 1, 0, false);
        var former = topic("orders", 2);
        var latter = topic("orders", 5);
        session.commit(List.of(new CreateTopic(former))).get(10, SECONDS);

        session.commit(List.of(new DeleteTopic(former.topicId()), new CreateTopic(latter)))
                .get(10, SECONDS);

        var image = awaitImage(
                reader,
                seen -> seen.topic(latter.topicId()).isPresent()
                        && seen.topic(former.topicId()).isEmpty());
        assertThat(image.topic("orders")).contains(latter);
    }

    @Test
    void aTopicTooLargeForItsZnodeIsRefusedAndTheSessionGoesOn() throws Exception {
        var session = elected(store(), 1, 0, false);
        var replicas = Collections.nCopies(60_000, List.of(1, 2, 3));

        var refused = session.commit(List.of(new CreateTopic(topic("huge", replicas))));

        assertThatThrownBy(() -> refused.get(10, SECONDS))
                .hasCauseInstanceOf(MetadataException.class)
                .hasMessageContaining("262144");
        session.commit(List.of(new CreateTopic(topic("orders", 1)))).get(10, SECONDS);
    }

    @Test
    void manyTopicsAreWrittenInSeveralStepsAndAllSeen() throws Exception {
        var writer = store();
        var reader = store();
        var session = elected(writer, 1, 0, false);
        var changes = new ArrayList<io.millrace.metadata.MetadataChange>();
        for (int i = 0; i < 2_000; i++) {
            changes.add(new CreateTopic(topic("topic-" + i, 5)));
        }

        session.commit(changes).get(20, SECONDS);

        var image = awaitImage(reader, seen -> seen.topicCount() == 2_000);
        assertThat(new HashSet<>(image.topics()))
                .isEqualTo(changes.stream()
                        .map(change -> ((CreateTopic) change).topic())
                        .collect(java.util.stream.Collectors.toSet()));
    }

    @Test
    void whatChangedWhileTheServerWasAwayIsSeenAfterwards() throws Exception {
        var writer = store();
        var session = elected(writer, 1, 0, false);
        var kept = topic("kept", 1);
        var dropped = topic("dropped", 1);
        session.commit(List.of(new CreateTopic(kept), new CreateTopic(dropped))).get(10, SECONDS);
        var reader = store();
        awaitImage(reader, image -> image.topicCount() == 2);

        server.restart();
        session.commit(List.of(new DeleteTopic(dropped.topicId()), new CreateTopic(topic("new", 1))))
                .get(30, SECONDS);

        var image = awaitImage(
                reader,
                seen -> seen.topic("new").isPresent() && seen.topic("dropped").isEmpty());
        assertThat(image.topic("kept")).contains(kept);
    }

    @Test
    void aBrokerWhoseSessionExpiredRegistersAgainWithANewerEpoch() throws Exception {
        var store = store();
        var observer = store();
        var before = store.register(broker(1)).get(10, SECONDS);

        expireSessionOf(store);

        var image = awaitImage(
                observer,
                seen -> seen.brokers().containsKey(1) && seen.brokers().get(1).brokerEpoch() > before.brokerEpoch());
        assertThat(image.brokers().get(1).incarnationId()).isEqualTo(before.incarnationId());
    }

    @Test
    void aBrokerRestartedAtItsOwnAddressTakesItsRegistrationOver() throws Exception {
        var former = store();
        var before = former.register(broker(1)).get(10, SECONDS);
        var restarted = store();

        var after = restarted.register(broker(1)).get(2, SECONDS);

        assertThat(after.brokerEpoch()).isGreaterThan(before.brokerEpoch());
        assertThat(after.incarnationId()).isNotEqualTo(before.incarnationId());
    }

    @Test
    void aSecondBrokerOfTheSameIdIsRefused() throws Exception {
        var first = store();
        first.register(broker(1)).get(10, SECONDS);
        var second = store();

        var refused = second.register(BrokerRegistration.wanted(1, "127.0.0.1", 9999, null, UUID.randomUUID()));

        assertThatThrownBy(() -> refused.get(30, SECONDS))
                .hasCauseInstanceOf(MetadataException.class)
                .hasMessageContaining("broker.id 1 is taken by the broker at 127.0.0.1:9091");
    }

    @Test
    void producerIdsAreHandedOutOnce() throws Exception {
        var first = store();
        var second = store();
        var allocations = new ArrayList<CompletableFuture<io.millrace.metadata.ProducerIdBlock>>();
        for (int i = 0; i < 4; i++) {
            allocations.add(first.allocateProducerIds(1));
            allocations.add(second.allocateProducerIds(2));
        }

        var firstIds = new HashSet<Long>();
        for (var allocation : allocations) {
            firstIds.add(allocation.get(20, SECONDS).firstProducerId());
        }

        assertThat(firstIds).containsExactlyInAnyOrder(0L, 1000L, 2000L, 3000L, 4000L, 5000L, 6000L, 7000L);
    }

    @Test
    void closingIsBoundedWhenTheServerIsGone() throws Exception {
        var store = store();
        store.register(broker(1)).get(10, SECONDS);
        server.stop();

        var closing = CompletableFuture.runAsync(store::close);

        closing.get(15, SECONDS);
        assertThat(closing).isCompleted();
    }

    @Test
    void otherReplicasAndTheirStatesAreSeenTogetherAndByTheNextController() throws Exception {
        var store = store();
        var session = elected(store, 1, 0, false);
        var created = topic("moving", 2);
        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var move = new Reassignment(List.of(3, 2, 1), List.of(4, 3, 2), 1_000);
        var state = new PartitionState(3, 1, 1, List.of(3, 2, 1), List.of());

        session.commit(List.of(new ChangeAssignment(
                        created.topicId(), Map.of(1, PartitionAssignment.moving(move)), Map.of(1, state))))
                .get(10, SECONDS);

        var expected = created.withAssignment(Map.of(1, PartitionAssignment.moving(move)), Map.of(1, state));
        var other = store();
        var seen = awaitImage(other, image -> image.topic("moving")
                .filter(topic -> topic.reassignment(1).isPresent())
                .isPresent());
        assertThat(seen.topic("moving")).contains(expected);
        assertThat(expected.assignment().get(1)).containsExactly(4, 3, 2, 1);
        var next = elected(other, 2, 1, true);
        next.commit(List.of(new ChangeAssignment(
                        created.topicId(),
                        Map.of(1, PartitionAssignment.settled(List.of(4, 3, 2))),
                        Map.of(1, new PartitionState(4, 2, 2, List.of(4, 3, 2), List.of())))))
                .get(10, SECONDS);
        var settled = awaitImage(store, image -> image.topic("moving")
                .filter(topic -> topic.reassignments().isEmpty())
                .isPresent());
        assertThat(settled.topic("moving").orElseThrow().assignment().get(1)).containsExactly(4, 3, 2);
    }

    @Test
    void anElectionIsRefusedOnceTheElectedHasStartedAnewAndTheSessionGoesOn() throws Exception {
        var first = store();
        var second = store();
        var known = first.register(broker(3)).get(10, SECONDS);
        var session = elected(second, 1, 0, false);
        first.close();
        var again = store().register(broker(3)).get(10, SECONDS);

        var refused = session.commit(List.of(new CreateTopic(topic("orders", 1))), List.of(known));

        assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(SupersededRegistrationException.class);
        session.commit(List.of(new CreateTopic(topic("payments", 1))), List.of(again))
                .get(10, SECONDS);
        var image = awaitImage(second, seen -> seen.topicCount() > 0);
        assertThat(image.topics()).extracting(TopicImage::name).containsExactly("payments");
        assertThat(again.start().number()).isEqualTo(known.start().number() + 1);
    }

    @Test
    void aStartIsCleanAfterTheMarkOfTheLatestEpochOnly() throws Exception {
        var noMark = LastShutdown.marked(OptionalLong.empty());
        var first = store().register(broker(1), noMark).get(10, SECONDS);
        stores.remove(0).close();
        var second = store().register(broker(1), LastShutdown.marked(OptionalLong.of(first.brokerEpoch())))
                .get(10, SECONDS);
        stores.remove(0).close();
        var third = store().register(broker(1), LastShutdown.marked(OptionalLong.of(first.brokerEpoch())))
                .get(10, SECONDS);

        assertThat(first.start().isUnclean()).isFalse();
        assertThat(second.start().isUnclean()).isFalse();
        assertThat(third.start().isUnclean()).isTrue();
    }

    @Test
    void anUncleanStartThatWasSettledIsCleanAlsoInTheNextSession() throws Exception {
        var former = store();
        former.register(broker(1)).get(10, SECONDS);
        former.close();
        var store = store();
        var registered = store.register(broker(1), LastShutdown.marked(OptionalLong.empty()))
                .get(10, SECONDS);
        var unclean = awaitImage(store, image -> image.brokers().containsKey(1));

        store.settleStart(registered.brokerEpoch() - 1).get(10, SECONDS);
        boolean isSettledEarly = !store.image().brokers().get(1).start().isUnclean();
        store.settleStart(registered.brokerEpoch()).get(10, SECONDS);

        assertThat(unclean.brokers().get(1).start().isUnclean()).isTrue();
        assertThat(isSettledEarly).isFalse();
        var settled = awaitImage(store, image -> !image.brokers().get(1).start().isUnclean());
        assertThat(settled.brokers().get(1).brokerEpoch()).isEqualTo(registered.brokerEpoch());
        expireSessionOf(store);
        var again = awaitImage(
                store,
                image -> image.brokers().containsKey(1)
                        && image.brokers().get(1).brokerEpoch() > registered.brokerEpoch());
        assertThat(again.brokers().get(1).start().isUnclean()).isFalse();
    }

    private ZooKeeperMetadataStore store() {
        var store = ZooKeeperMetadataStore.connect(
                new ZooKeeperConfiguration(server.getConnectString() + "/test/millrace", SESSION_TIMEOUT_MS));
        stores.add(store);
        return store;
    }

    private static BrokerRegistration broker(int brokerId) {
        return BrokerRegistration.wanted(brokerId, "127.0.0.1", 9090 + brokerId, "rack-" + brokerId, UUID.randomUUID());
    }

    private static TopicImage topic(String name, int partitions) {
        return topic(name, Collections.nCopies(partitions, List.of(3, 2, 1)));
    }

    private static TopicImage topic(String name, List<List<Integer>> assignment) {
        var state = new PartitionState(3, 0, 0, List.of(3, 2, 1), List.of());
        return new TopicImage(
                UUID.randomUUID(),
                name,
                DestinationKind.QUEUE,
                Map.of("min.insync.replicas", "2"),
                assignment,
                Collections.nCopies(assignment.size(), state));
    }

    private static ControllerSession elected(
            ZooKeeperMetadataStore store, int brokerId, int expectedEpoch, boolean usurp)
            throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
        var session = store.electController(brokerId, expectedEpoch, usurp)
                .get(10, SECONDS)
                .orElseThrow();
        session.load().get(10, SECONDS);
        return session;
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

    /** Ends the session on the server as if it had timed out: another client takes it over and closes it. */
    private void expireSessionOf(ZooKeeperMetadataStore store) throws Exception {
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
}
