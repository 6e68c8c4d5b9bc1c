package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Brokers 1, 2 and 3 are registered and there; by default, a topic has 2 partitions of 3 replicas. */
class TopicRulesTest {
    private static final UUID TOPIC_ID = new UUID(0, 7);
    private static final int DEFAULT = -1;

    private final Set<Integer> usable = new HashSet<>(Set.of(1, 2, 3));

    @Test
    void aTopicThatSaysNothingGetsTheDefaultsOfTheCluster() throws TopicRules.RefusedException {
        TopicImage created = rules().create(topic("orders", DEFAULT, DEFAULT), TOPIC_ID);

        assertThat(created.topicId()).isEqualTo(TOPIC_ID);
        assertThat(created.name()).isEqualTo("orders");
        assertThat(created.kind()).isEqualTo(DestinationKind.TOPIC);
        assertThat(created.assignment()).hasSize(2).allSatisfy(replicas -> assertThat(replicas)
                .containsExactlyInAnyOrder(1, 2, 3));
    }

    @Test
    void aTopicGetsAsManyPartitionsAndReplicasAsItWants() throws TopicRules.RefusedException {
        TopicImage created = rules().create(topic("orders", 5, 2), TOPIC_ID);

        assertThat(created.assignment()).hasSize(5).allSatisfy(replicas -> assertThat(new HashSet<>(replicas))
                .hasSize(2));
    }

    @Test
    void aNewPartitionIsLedByItsFirstReplicaWithAllOthersInSync() throws TopicRules.RefusedException {
        TopicImage created = rules().create(assigned(List.of(List.of(3, 1, 2))), TOPIC_ID);

        assertThat(created.partitions()).containsExactly(new PartitionState(3, 0, 0, List.of(3, 1, 2), List.of()));
    }

    @Test
    void aReplicaThatIsNotThereNeitherLeadsNorIsInSync() throws TopicRules.RefusedException {
        usable.remove(3);

        TopicImage created = rules().create(assigned(List.of(List.of(3, 1, 2))), TOPIC_ID);

        assertThat(created.assignment()).containsExactly(List.of(3, 1, 2));
        assertThat(created.partitions()).containsExactly(new PartitionState(1, 0, 0, List.of(1, 2), List.of()));
    }

    @Test
    void aConfigurationMakesAQueue() throws TopicRules.RefusedException {
        var configuration = Map.of("destination.kind", "queue", "replay.retention.ms", "1000");

        TopicImage created = rules().create(new NewTopic("orders", 1, 1, List.of(), configuration, false), TOPIC_ID);

        assertThat(created.kind()).isEqualTo(DestinationKind.QUEUE);
        assertThat(created.configuration()).isEqualTo(configuration);
    }

    @Test
    void anUnknownKindIsRefused() {
        var wanted = new NewTopic("orders", 1, 1, List.of(), Map.of("destination.kind", "pipe"), false);

        assertThat(refusal(wanted).errorCode()).isEqualTo(ErrorCode.INVALID_CONFIG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-1_b.c", "...", "__consumer_offsets"})
    void aNameOfAllowedCharactersIsTaken(String name) throws TopicRules.RefusedException {
        assertThat(rules().create(topic(name, 1, 1), TOPIC_ID).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "a:b", "größe", "a\n"})
    void anyOtherNameIsRefused(String name) {
        assertThat(refusal(topic(name, 1, 1)).errorCode()).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void aNameHas249CharactersAtMost() throws TopicRules.RefusedException {
        assertThat(rules().create(topic("x".repeat(249), 1, 1), TOPIC_ID).name())
                .hasSize(249);
        assertThat(refusal(topic("x".repeat(250), 1, 1)).errorCode()).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void aNameIsTakenOnlyOnce() throws TopicRules.RefusedException {
        TopicImage orders = rules().create(topic("orders", 1, 1), new UUID(0, 1));

        var again = refusal(image().withTopic(orders), topic("orders", 1, 1));

        assertThat(again.errorCode()).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, TopicRules.PARTITIONS_MAX + 1})
    void aNumberOfPartitionsOutOfBoundsIsRefused(int partitions) {
        var refusal = refusal(topic("orders", partitions, 1));

        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(refusal.message()).contains("orders", String.valueOf(partitions), "1 to 10000");
    }

    @Test
    void thePartitionsOfAnAssignmentAreBoundedToo() {
        var tooMany = IntStream.rangeClosed(0, TopicRules.PARTITIONS_MAX)
                .mapToObj(partition -> List.of(1))
                .toList();

        assertThat(refusal(new NewTopic("orders", DEFAULT, DEFAULT, tooMany, Map.of(), false))
                        .errorCode())
                .isEqualTo(ErrorCode.INVALID_PARTITIONS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, 4})
    void aReplicationFactorThatTheBrokersCannotGiveIsRefused(int factor) {
        assertThat(refusal(topic("orders", 1, factor)).errorCode()).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void brokersThatAreNotThereDoNotCount() {
        usable.remove(2);

        assertThat(refusal(topic("orders", 1, 3)).errorCode()).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void replicasAreNotPlacedOnBrokersThatAreNotThere() throws TopicRules.RefusedException {
        usable.remove(2);

        TopicImage created = rules().create(topic("orders", 4, 2), TOPIC_ID);

        assertThat(created.assignment())
                .allSatisfy(replicas -> assertThat(replicas).containsExactlyInAnyOrder(1, 3));
    }

    @Test
    void anAssignmentNamesDifferentRegisteredBrokersAsOftenInEachPartition() {
        var wrong = new ArrayList<NewTopic>();
        wrong.add(assigned(List.of(List.of())));
        wrong.add(assigned(List.of(List.of(1, 1))));
        wrong.add(assigned(List.of(List.of(1, 4))));
        wrong.add(assigned(List.of(List.of(1, 2), List.of(3))));

        assertThat(wrong).allSatisfy(wanted -> assertThat(refusal(wanted).errorCode())
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT));
    }

    @Test
    void aPartitionNeedsAReplicaThatIsThereToLead() {
        usable.remove(2);

        var refusal = refusal(assigned(List.of(List.of(1), List.of(2))));

        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal.message()).contains("[2]");
    }

    private TopicResult refusal(NewTopic wanted) {
        return refusal(image(), wanted);
    }

    private TopicResult refusal(ClusterImage image, NewTopic wanted) {
        var refused = catchThrowableOfType(
                TopicRules.RefusedException.class, () -> rules(image).create(wanted, TOPIC_ID));
        assertThat(refused).as("refusal of " + wanted.name()).isNotNull();
        return refused.result();
    }

    private TopicRules rules() {
        return rules(image());
    }

    private TopicRules rules(ClusterImage image) {
        var configuration = ControllerConfiguration.DEFAULTS.withTopicDefaults(2, 3, 2);
        return new TopicRules(configuration, image, ReplicaLoad.NONE, usable::contains);
    }

    private static ClusterImage image() {
        var brokers = new HashMap<Integer, BrokerRegistration>();
        for (int id = 1; id <= 3; id++) {
            brokers.put(id, new BrokerRegistration(id, 100 + id, "localhost", 9_000 + id, null, new UUID(1, id)));
        }
        return ClusterImage.EMPTY.withBrokers(brokers);
    }

    private static NewTopic topic(String name, int partitions, int factor) {
        return new NewTopic(name, partitions, factor, List.of(), Map.of(), false);
    }

    private static NewTopic assigned(List<List<Integer>> assignment) {
        return new NewTopic("orders", DEFAULT, DEFAULT, assignment, Map.of(), false);
    }
}
