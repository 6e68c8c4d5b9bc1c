package io.millrace.metadata.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.metadata.zookeeper.ControllerCodec.Election;
import io.millrace.metadata.zookeeper.Paths.ConnectString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CodecTest {
    private static final List<Integer> REPLICAS = List.of(30, 10, 20);
    private static final WriteStamp STAMP = new WriteStamp(7, -123456789L);

    @Test
    void partitionStatesSurviveEncoding() {
        var assignment = List.of(REPLICAS, List.of(10, 20, 30));
        var states = List.of(
                new PartitionState(10, 3, 300, List.of(30, 10), List.of(20)),
                new PartitionState(PartitionState.NO_LEADER, 0, 0, List.of(), List.of(10)));

        var encoded = statesOf(assignment, Map.of(), states);

        assertThat(encoded.decode("test", assignment)).isEqualTo(states);
        assertThat(encoded.encoded()).hasSizeLessThanOrEqualTo(16);
    }

    @Test
    void statesDoNotFitAnotherAssignment() {
        var states =
                statesOf(List.of(REPLICAS), Map.of(), List.of(new PartitionState(10, 0, 0, List.of(10), List.of())));

        assertThat(fits(states, List.of(REPLICAS), Map.of())).isTrue();
        assertThat(fits(states, List.of(List.of(10, 30, 20)), Map.of())).isFalse();
        assertThat(fits(states, List.of(REPLICAS, REPLICAS), Map.of())).isFalse();
    }

    @Test
    void statesDoNotFitAnotherNumberOfReplicasInSync() {
        var state = new PartitionState(10, 0, 0, List.of(10), List.of());
        var states = statesOf(List.of(REPLICAS), Map.of("min.insync.replicas", "2"), List.of(state));

        assertThat(fits(states, List.of(REPLICAS), Map.of("min.insync.replicas", "2", "retention.ms", "1")))
                .isTrue();
        assertThat(fits(states, List.of(REPLICAS), Map.of("min.insync.replicas", "1")))
                .isFalse();
        assertThat(fits(states, List.of(REPLICAS), Map.of())).isFalse();
    }

    @Test
    void statesDoNotFitATopicThatHasCursorsNow() {
        var state = new PartitionState(10, 0, 0, List.of(10), List.of());
        TopicImage topic = topic(List.of(REPLICAS), Map.of(), List.of(state));
        TopicImage subscribed =
                topic.withSubscriptions(TopicSubscriptions.NONE.with(subscription(1, "audit", "a = 'ü'")));

        assertThat(TopicStates.of(topic).fits(TopicCodec.Topic.of(subscribed))).isFalse();
        assertThat(TopicStates.of(subscribed).fits(TopicCodec.Topic.of(subscribed)))
                .isTrue();
    }

    @Test
    void subscriptionsSurviveEncoding() {
        var state = new PartitionState(10, 0, 0, List.of(10), List.of());
        var some =
                TopicSubscriptions.NONE.with(subscription(1, "audit", "")).with(subscription(4, "billing", "a = 'ü'"));
        TopicImage topic = topic(List.of(REPLICAS), Map.of(), List.of(state));

        for (TopicSubscriptions subscriptions : List.of(some, new TopicSubscriptions(9, Map.of()))) {
            var subscribed = TopicCodec.Topic.of(topic.withSubscriptions(subscriptions));

            assertThat(TopicCodec.decode("t", TopicCodec.encode(new WriteStamp(0, 0), subscribed)))
                    .isEqualTo(subscribed);
        }
    }

    @Test
    void thousandsOfSubscriptionsFitInAZnode() {
        var subscriptions = new HashMap<Long, Subscription>();
        for (long i = 1; i <= 5_000; i++) {
            Subscription one = subscription(i, "subscription-" + i, "");
            subscriptions.put(one.number(), one);
        }
        TopicImage topic =
                topic(List.of(REPLICAS), Map.of(), List.of(new PartitionState(10, 0, 0, List.of(10), List.of())));

        byte[] encoded = TopicCodec.encode(
                STAMP, TopicCodec.Topic.of(topic.withSubscriptions(new TopicSubscriptions(5_000, subscriptions))));

        assertThat(encoded).hasSizeLessThan(ChangePlan.ZNODE_BYTES_MAX);
    }

    private static Subscription subscription(long number, String name, String selector) {
        return new Subscription(number, new Subscription.Identity("client", name, true), true, selector, true, 3);
    }

    private static TopicImage topic(
            List<List<Integer>> assignment, Map<String, String> configuration, List<PartitionState> states) {
        return new TopicImage(new UUID(0, 1), "topic", DestinationKind.TOPIC, configuration, assignment, states);
    }

    private static TopicStates statesOf(
            List<List<Integer>> assignment, Map<String, String> configuration, List<PartitionState> states) {
        return TopicStates.of(topic(assignment, configuration, states));
    }

    private static boolean fits(TopicStates states, List<List<Integer>> assignment, Map<String, String> configuration) {
        var any = new PartitionState(PartitionState.NO_LEADER, 0, 0, List.of(), List.of());
        return states.fits(
                TopicCodec.Topic.of(topic(assignment, configuration, Collections.nCopies(assignment.size(), any))));
    }

    @Test
    void settingsSurviveEncoding() {
        var client = new SettingsScope(Map.of(SettingsScope.USER, SettingsScope.DEFAULT, SettingsScope.CLIENT_ID, "a"));
        var settings = Map.of(
                client, Map.of("producer_byte_rate", "1024.0"), SettingsScope.broker(3), Map.of("a", "b", "c", "d"));

        assertThat(SettingsCodec.decode("test", SettingsCodec.encode(STAMP, settings)))
                .isEqualTo(settings);
        assertThat(SettingsCodec.decode("test", new byte[0])).isEmpty();
    }

    @Test
    void aLeaderThatIsNoReplicaIsRefused() {
        var state = new PartitionState(99, 0, 0, List.of(), List.of());

        assertThatThrownBy(() -> statesOf(List.of(REPLICAS), Map.of(), List.of(state)))
                .isInstanceOf(MetadataException.class)
                .hasMessageContaining("broker 99");
    }

    @Test
    void sixtyFourReplicasFit() {
        var replicas = new ArrayList<Integer>();
        for (int id = 0; id < TopicStates.REPLICAS_MAX; id++) {
            replicas.add(id);
        }
        var state = new PartitionState(63, 1, 1, replicas, List.of());

        var encoded = statesOf(List.of(replicas), Map.of(), List.of(state));

        assertThat(encoded.decode("test", List.of(replicas))).containsExactly(state);
    }

    @Test
    void bucketsTopicsBrokersAndElectionsSurviveEncoding() {
        var states =
                statesOf(List.of(REPLICAS), Map.of(), List.of(new PartitionState(10, 1, 2, List.of(10), List.of())));
        var bucket = Map.of(UUID.randomUUID(), states, UUID.randomUUID(), states);
        var topic = new TopicCodec.Topic(
                STAMP,
                UUID.randomUUID(),
                "ordérs",
                DestinationKind.QUEUE,
                Map.of("a", "ü"),
                List.of(REPLICAS),
                Map.of(),
                TopicSubscriptions.NONE);
        var broker = new BrokerRegistration(5, 42, "host", 9092, null, UUID.randomUUID(), new BrokerStart(7, true));
        var election = new Election(0, STAMP);

        assertThat(BucketCodec.decode("b", BucketCodec.encode(STAMP, bucket)))
                .isEqualTo(new BucketCodec.Bucket(STAMP, bucket));
        assertThat(TopicCodec.decode("t", TopicCodec.encode(STAMP, topic))).isEqualTo(topic);
        assertThat(BrokerCodec.decode("br", 5, BrokerCodec.encode(broker), 42)).isEqualTo(broker);
        assertThat(ControllerCodec.decode("c", ControllerCodec.encode(election)))
                .isEqualTo(election);
        assertThat(ControllerCodec.decode("c", ControllerCodec.encode(Election.NONE)))
                .isEqualTo(Election.NONE);
    }

    @Test
    void reassignmentsSurviveEncodingAndCostNothingWhenThereAreNone() {
        var move = new Reassignment(List.of(10, 20), List.of(30, 10), 20_000_000_000L);
        var still = new TopicCodec.Topic(
                STAMP,
                UUID.randomUUID(),
                "t",
                DestinationKind.TOPIC,
                Map.of(),
                List.of(move.union()),
                Map.of(),
                TopicSubscriptions.NONE);
        var moving = new TopicCodec.Topic(
                STAMP,
                still.topicId(),
                "t",
                DestinationKind.TOPIC,
                Map.of(),
                List.of(move.union()),
                Map.of(0, move),
                TopicSubscriptions.NONE);

        byte[] encoded = TopicCodec.encode(STAMP, moving);

        assertThat(move.union()).containsExactly(30, 10, 20);
        assertThat(TopicCodec.decode("t", encoded)).isEqualTo(moving);
        assertThat(encoded[0]).isEqualTo((byte) 2);
        assertThat(TopicCodec.encode(STAMP, still)[0]).isEqualTo((byte) 1);
    }

    @Test
    void twentyThousandPartitionsTakeLessThanSixteenBytesEach() {
        var assignment = Collections.nCopies(20_000, REPLICAS);
        var state = new PartitionState(20, 100, 10_000, REPLICAS, List.of());

        var encoded = statesOf(assignment, Map.of(), Collections.nCopies(20_000, state));

        assertThat(encoded.encoded().length).isLessThan(20_000 * 16);
    }

    @Test
    void damagedBytesAreRefusedOrReadButNothingElse() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var states =
                statesOf(List.of(REPLICAS), Map.of(), List.of(new PartitionState(10, 1, 2, List.of(10), List.of())));
        byte[] bucket = BucketCodec.encode(STAMP, Map.of(UUID.randomUUID(), states));
        int refused = 0;

        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = java.util.Arrays.copyOf(bucket, random.nextInt(bucket.length + 1));
            for (int flips = random.nextInt(3); flips > 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                BucketCodec.decode("damaged", damaged)
                        .topics()
                        .values()
                        .forEach(topic -> topic.decode("damaged", List.of(REPLICAS)));
            } catch (MetadataException expected) {
                refused++;
            }
        }

        assertThat(refused).as("refused with seed %d", seed).isPositive();
    }

    @Test
    void connectStringsAreUnderstood() {
        assertThat(ConnectString.parse("a:2181,b:2181").servers()).isEqualTo("a:2181,b:2181");
        assertThat(ConnectString.parse("a:2181").paths().root()).isEqualTo("/millrace");
        assertThat(ConnectString.parse("a:2181/x/y/").paths().root()).isEqualTo("/x/y");
        assertThatThrownBy(() -> ConnectString.parse("/x")).hasMessageContaining("zookeeper.connect is '/x'");
    }
}
