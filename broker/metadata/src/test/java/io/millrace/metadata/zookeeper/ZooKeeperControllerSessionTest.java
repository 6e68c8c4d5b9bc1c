package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.MetadataChange.ChangeAssignment;
import io.millrace.metadata.MetadataChange.ChangeConfiguration;
import io.millrace.metadata.MetadataChange.ChangePartitions;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.MetadataChange.DeleteTopic;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.SupersededRegistrationException;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ZooKeeperControllerSessionTest {
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
    void anElectionHasOneWinner() throws Exception {
        var first = cluster.store();
        var second = cluster.store();

        var sessions = List.of(
                first.electController(1, 0, false).get(10, SECONDS),
                second.electController(2, 0, false).get(10, SECONDS));

        assertThat(sessions.stream().filter(java.util.Optional::isPresent)).hasSize(1);
        assertThat(sessions.get(0)).isPresent();
        TestStores.awaitImage(second, image -> image.controllerId() == 1 && image.controllerEpoch() == 1);
    }

    @Test
    void aUsurpedControllerCannotWrite() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
        var zombie = TestStores.elected(first, 1, 0, false);
        var heir = TestStores.elected(second, 2, 1, true);

        var written = zombie.commit(List.of(new CreateTopic(TestStores.topic("orders", 1))));

        assertThatThrownBy(() -> written.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
        heir.commit(List.of(new CreateTopic(TestStores.topic("payments", 1)))).get(10, SECONDS);
        var image = TestStores.awaitImage(first, seen -> seen.topicCount() > 0);
        assertThat(image.topics()).extracting(TopicImage::name).containsExactly("payments");
        assertThat(image.controllerEpoch()).isEqualTo(2);
    }

    @Test
    void aControllerThatMissedAWriteIsRefused() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
        var earlier = TestStores.elected(first, 1, 0, false);
        var later = TestStores.elected(second, 2, 1, true);
        later.resign().get(10, SECONDS);

        var refused = earlier.commit(List.of(new CreateTopic(TestStores.topic("orders", 1))));

        assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(FencedException.class);
    }

    @Test
    void aResignedOfficeIsVacantAtOnce() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
        var session = TestStores.elected(first, 1, 0, false);
        TestStores.awaitImage(second, image -> image.controllerId() == 1);

        session.resign().get(10, SECONDS);

        TestStores.awaitImage(second, image -> image.controllerId() == ClusterImage.NO_CONTROLLER);
        assertThat(TestStores.elected(second, 2, 1, false).controllerEpoch()).isEqualTo(2);
    }

    @Test
    void topicsAreCreatedChangedAndDeleted() throws Exception {
        var writer = cluster.store();
        var reader = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var created = TestStores.topic("orders", 3);

        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var afterCreation = TestStores.awaitImage(reader, image -> image.topicCount() == 1);
        var state = new PartitionState(2, 7, 9, List.of(2), List.of(3));
        session.commit(List.of(
                        new ChangePartitions(created.topicId(), Map.of(1, state)),
                        new ChangeConfiguration(created.topicId(), Map.of("retention.ms", "5"))))
                .get(10, SECONDS);
        var afterChange = TestStores.awaitImage(reader, image -> image.topic("orders")
                .filter(topic -> topic.partitions().get(1).equals(state)
                        && topic.configuration().containsKey("retention.ms"))
                .isPresent());
        session.commit(List.of(new DeleteTopic(created.topicId()))).get(10, SECONDS);

        assertThat(afterCreation.topic("orders")).contains(created);
        assertThat(afterChange.topic("orders").orElseThrow().partitions().get(0))
                .isEqualTo(created.partitions().get(0));
        TestStores.awaitImage(reader, image -> image.topicCount() == 0);
    }

    @Test
    void aTopicCreatedAgainUnderItsNameIsAnotherTopic() throws Exception {
        var writer = cluster.store();
        var reader = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var former = TestStores.topic("orders", 2);
        var latter = TestStores.topic("orders", 5);
        session.commit(List.of(new CreateTopic(former))).get(10, SECONDS);

        session.commit(List.of(new DeleteTopic(former.topicId()), new CreateTopic(latter)))
                .get(10, SECONDS);

        var image = TestStores.awaitImage(
                reader,
                seen -> seen.topic(latter.topicId()).isPresent()
                        && seen.topic(former.topicId()).isEmpty());
        assertThat(image.topic("orders")).contains(latter);
    }

    @Test
    void aTopicTooLargeForItsZnodeIsRefusedAndTheSessionGoesOn() throws Exception {
        var session = TestStores.elected(cluster.store(), 1, 0, false);
        var replicas = Collections.nCopies(60_000, List.of(1, 2, 3));

        var refused = session.commit(List.of(new CreateTopic(TestStores.topic("huge", replicas))));

        assertThatThrownBy(() -> refused.get(10, SECONDS))
                .hasCauseInstanceOf(MetadataException.class)
                .hasMessageContaining("262144");
        session.commit(List.of(new CreateTopic(TestStores.topic("orders", 1)))).get(10, SECONDS);
    }

    @Test
    void manyTopicsAreWrittenInSeveralStepsAndAllSeen() throws Exception {
        var writer = cluster.store();
        var reader = cluster.store();
        var session = TestStores.elected(writer, 1, 0, false);
        var changes = new ArrayList<io.millrace.metadata.MetadataChange>();
        for (int i = 0; i < 2_000; i++) {
            changes.add(new CreateTopic(TestStores.topic("topic-" + i, 5)));
        }

        session.commit(changes).get(20, SECONDS);

        var image = TestStores.awaitImage(reader, seen -> seen.topicCount() == 2_000);
        assertThat(new HashSet<>(image.topics()))
                .isEqualTo(changes.stream()
                        .map(change -> ((CreateTopic) change).topic())
                        .collect(java.util.stream.Collectors.toSet()));
    }

    @Test
    void otherReplicasAndTheirStatesAreSeenTogetherAndByTheNextController() throws Exception {
        var store = cluster.store();
        var session = TestStores.elected(store, 1, 0, false);
        var created = TestStores.topic("moving", 2);
        session.commit(List.of(new CreateTopic(created))).get(10, SECONDS);
        var move = new Reassignment(List.of(3, 2, 1), List.of(4, 3, 2), 1_000);
        var state = new PartitionState(3, 1, 1, List.of(3, 2, 1), List.of());

        session.commit(List.of(new ChangeAssignment(
                        created.topicId(), Map.of(1, PartitionAssignment.moving(move)), Map.of(1, state))))
                .get(10, SECONDS);

        var expected = created.withAssignment(Map.of(1, PartitionAssignment.moving(move)), Map.of(1, state));
        var other = cluster.store();
        var seen = TestStores.awaitImage(other, image -> image.topic("moving")
                .filter(topic -> topic.reassignment(1).isPresent())
                .isPresent());
        assertThat(seen.topic("moving")).contains(expected);
        assertThat(expected.assignment().get(1)).containsExactly(4, 3, 2, 1);
        var next = TestStores.elected(other, 2, 1, true);
        next.commit(List.of(new ChangeAssignment(
                        created.topicId(),
                        Map.of(1, PartitionAssignment.settled(List.of(4, 3, 2))),
                        Map.of(1, new PartitionState(4, 2, 2, List.of(4, 3, 2), List.of())))))
                .get(10, SECONDS);
        var settled = TestStores.awaitImage(store, image -> image.topic("moving")
                .filter(topic -> topic.reassignments().isEmpty())
                .isPresent());
        assertThat(settled.topic("moving").orElseThrow().assignment().get(1)).containsExactly(4, 3, 2);
    }

    @Test
    void anElectionIsRefusedOnceTheElectedHasStartedAnewAndTheSessionGoesOn() throws Exception {
        var first = cluster.store();
        var second = cluster.store();
        var known = first.register(TestStores.broker(3)).get(10, SECONDS);
        var session = TestStores.elected(second, 1, 0, false);
        first.close();
        var again = cluster.store().register(TestStores.broker(3)).get(10, SECONDS);

        var refused = session.commit(List.of(new CreateTopic(TestStores.topic("orders", 1))), List.of(known));

        assertThatThrownBy(() -> refused.get(10, SECONDS)).hasCauseInstanceOf(SupersededRegistrationException.class);
        session.commit(List.of(new CreateTopic(TestStores.topic("payments", 1))), List.of(again))
                .get(10, SECONDS);
        var image = TestStores.awaitImage(second, seen -> seen.topicCount() > 0);
        assertThat(image.topics()).extracting(TopicImage::name).containsExactly("payments");
        assertThat(again.start().number()).isEqualTo(known.start().number() + 1);
    }
}
