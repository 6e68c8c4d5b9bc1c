package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataChange.ChangeAssignment;
import io.millrace.metadata.MetadataChange.ChangeSettings;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.MetadataChange.DeleteTopic;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.SettingsScope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ZooKeeperMetadataStoreTest {
    private TestStores cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = TestStores.start();
    }

    @AfterEach
    void stopAll() throws Exception {
        cluster.close();
    }

    @Test
    void aNewClusterIsLaidOutOnceAndAllSeeTheSameId() throws Exception {
        var first = cluster.store();
        var second = cluster.store();

        var firstImage =
                TestStores.awaitImage(first, image -> !image.clusterId().isEmpty());
        var secondImage =
                TestStores.awaitImage(second, image -> !image.clusterId().isEmpty());

        assertThat(firstImage.clusterId()).isEqualTo(secondImage.clusterId());
        assertThat(firstImage.controllerId()).isEqualTo(ClusterImage.NO_CONTROLLER);
    }

    @Test
    void registeredBrokersAreSeenByAll() throws Exception {
        var first = cluster.store();
        var second = cluster.store();

        var registration = first.register(TestStores.broker(1)).get(10, SECONDS);

        var image = TestStores.awaitImage(second, seen -> seen.brokers().containsKey(1));
        assertThat(image.brokers().get(1)).isEqualTo(registration);
        assertThat(registration.brokerEpoch()).isPositive();
    }

    @Test
    void aClosedStoreLeavesAtOnce() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
        first.register(TestStores.broker(1)).get(10, SECONDS);
        TestStores.awaitImage(second, image -> image.brokers().containsKey(1));

        first.close();

        TestStores.awaitImage(second, image -> image.brokers().isEmpty());
    }

    @Test
    void aTopicGetsMorePartitions() throws Exception {
        var writer = cluster.store();
        var reader = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var created = TestStores.topic("orders", 2);
        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var state = new PartitionState(1, 0, 0, List.of(1), List.of());

        session.commit(List.of(new ChangeAssignment(
                        created.topicId(), Map.of(2, PartitionAssignment.settled(List.of(1))), Map.of(2, state))))
                .get(10, SECONDS);

        var grown = TestStores.awaitImage(reader, image -> image.topic("orders")
                .filter(topic -> topic.partitionCount() == 3)
                .isPresent());
        assertThat(grown.topic("orders").orElseThrow().partition(2)).contains(state);
        assertThat(grown.topic("orders").orElseThrow().partition(1))
                .contains(created.partitions().get(1));
    }

    @Test
    void settingsOfBrokersAndClientsAreSetReplacedAndEnded() throws Exception {
        var writer = cluster.store();
        var reader = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var client = new SettingsScope(Map.of(SettingsScope.CLIENT_ID, "reports"));

        session.commit(List.of(
                        new ChangeSettings(SettingsScope.broker(1), Map.of("log.retention.ms", "5")),
                        new ChangeSettings(client, Map.of("consumer_byte_rate", "1000.0"))))
                .get(10, SECONDS);
        var set = TestStores.awaitImage(reader, image -> image.settings().size() == 2);
        session.commit(List.of(
                        new ChangeSettings(SettingsScope.broker(1), Map.of("log.retention.ms", "6")),
                        new ChangeSettings(client, Map.of())))
                .get(10, SECONDS);

        assertThat(set.settings(client)).containsOnly(Map.entry("consumer_byte_rate", "1000.0"));
        var changed = TestStores.awaitImage(reader, image -> image.settings().size() == 1);
        assertThat(changed.settings(SettingsScope.broker(1))).containsOnly(Map.entry("log.retention.ms", "6"));
        TestStores.awaitImage(cluster.store(), image -> image.settings().equals(changed.settings()));
    }

    @Test
    void whatChangedWhileTheServerWasAwayIsSeenAfterwards() throws Exception {
        var writer = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var kept = TestStores.topic("kept", 1);
        var dropped = TestStores.topic("dropped", 1);
        session.commit(List.of(new CreateTopic(kept), new CreateTopic(dropped))).get(10, SECONDS);
        var reader = cluster.store();
        TestStores.awaitImage(reader, image -> image.topicCount() == 2);

        cluster.server().restart();
        session.commit(List.of(new DeleteTopic(dropped.topicId()), new CreateTopic(TestStores.topic("new", 1))))
                .get(30, SECONDS);

        var image = TestStores.awaitImage(
                reader,
                seen -> seen.topic("new").isPresent() && seen.topic("dropped").isEmpty());
        assertThat(image.topic("kept")).contains(kept);
    }

    @Test
    void aBrokerWhoseSessionExpiredRegistersAgainWithANewerEpoch() throws Exception {
        var store = cluster.store();
        var observer = cluster.store();
        var before = store.register(TestStores.broker(1)).get(10, SECONDS);

        cluster.expireSessionOf(store);

        var image = TestStores.awaitImage(
                observer,
                seen -> seen.brokers().containsKey(1) && seen.brokers().get(1).brokerEpoch() > before.brokerEpoch());
        assertThat(image.brokers().get(1).incarnationId()).isEqualTo(before.incarnationId());
    }

    @Test
    void aBrokerRestartedAtItsOwnAddressTakesItsRegistrationOver() throws Exception {
        var former = cluster.store();
        var before = former.register(TestStores.broker(1)).get(10, SECONDS);
        var restarted = cluster.store();

        var after = restarted.register(TestStores.broker(1)).get(2, SECONDS);

        assertThat(after.brokerEpoch()).isGreaterThan(before.brokerEpoch());
        assertThat(after.incarnationId()).isNotEqualTo(before.incarnationId());
    }

    @Test
    void aSecondBrokerOfTheSameIdIsRefused() throws Exception {
        var first = cluster.store();
        first.register(TestStores.broker(1)).get(10, SECONDS);
        var second = cluster.store();

        var refused = second.register(BrokerRegistration.wanted(1, "127.0.0.1", 9999, null, UUID.randomUUID()));

        assertThatThrownBy(() -> refused.get(30, SECONDS))
                .hasCauseInstanceOf(MetadataException.class)
                .hasMessageContaining("broker.id 1 is taken by the broker at 127.0.0.1:9091");
    }

    @Test
    void producerIdsAreHandedOutOnce() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
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
        var store = cluster.store();
        store.register(TestStores.broker(1)).get(10, SECONDS);
        cluster.server().stop();

        var closing = CompletableFuture.runAsync(store::close);

        closing.get(15, SECONDS);
        assertThat(closing).isCompleted();
    }

    @Test
    void aStartIsCleanAfterTheMarkOfTheLatestEpochOnly() throws Exception {
        var noMark = LastShutdown.marked(OptionalLong.empty());
        var first = cluster.store().register(TestStores.broker(1), noMark).get(10, SECONDS);
        cluster.closeFirst();
        var second = cluster.store()
                .register(TestStores.broker(1), LastShutdown.marked(OptionalLong.of(first.brokerEpoch())))
                .get(10, SECONDS);
        cluster.closeFirst();
        var third = cluster.store()
                .register(TestStores.broker(1), LastShutdown.marked(OptionalLong.of(first.brokerEpoch())))
                .get(10, SECONDS);

        assertThat(first.start().isUnclean()).isFalse();
        assertThat(second.start().isUnclean()).isFalse();
        assertThat(third.start().isUnclean()).isTrue();
    }

    @Test
    void anUncleanStartThatWasSettledIsCleanAlsoInTheNextSession() throws Exception {
        var former = cluster.store();
        former.register(TestStores.broker(1)).get(10, SECONDS);
        former.close();
        var store = cluster.store();
        var registered = store.register(TestStores.broker(1), LastShutdown.marked(OptionalLong.empty()))
                .get(10, SECONDS);
        var unclean = TestStores.awaitImage(store, image -> image.brokers().containsKey(1));

        store.settleStart(registered.brokerEpoch() - 1).get(10, SECONDS);
        boolean isSettledEarly = !store.image().brokers().get(1).start().isUnclean();
        store.settleStart(registered.brokerEpoch()).get(10, SECONDS);

        assertThat(unclean.brokers().get(1).start().isUnclean()).isTrue();
        assertThat(isSettledEarly).isFalse();
        var settled = TestStores.awaitImage(
                store, image -> !image.brokers().get(1).start().isUnclean());
        assertThat(settled.brokers().get(1).brokerEpoch()).isEqualTo(registered.brokerEpoch());
        cluster.expireSessionOf(store);
        var again = TestStores.awaitImage(
                store,
                image -> image.brokers().containsKey(1)
                        && image.brokers().get(1).brokerEpoch() > registered.brokerEpoch());
        assertThat(again.brokers().get(1).start().isUnclean()).isFalse();
    }
}
