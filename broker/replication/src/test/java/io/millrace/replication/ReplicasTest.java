package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogDirectoriesConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.ManualTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicasTest {
    private static final int THIS_BROKER = 1;
    private static final UUID TOPIC_ID = new UUID(0, 1);
    private static final PartitionKey KEY = new PartitionKey(TOPIC_ID, 0);
    private static final UUID THIS_LIFE = new UUID(0, 2);
    private static final UUID EARLIER_LIFE = new UUID(0, 3);

    private final ManualLoop loop = new ManualLoop();
    private final LogDirectories directories = LogDirectories.open(
            new InMemoryDisk(),
            LogDirectoriesConfiguration.of(Path.of("/logs")),
            new LogDirectory.Identity("cluster", THIS_BROKER),
            new ManualTime(0));
    private final List<Long> fetchedAs = new ArrayList<>();
    private final Replicas replicas = new Replicas(
            ReplicasConfiguration.defaults(THIS_BROKER),
            directories,
            (topic, kind) -> LogConfiguration.DEFAULT,
            (leaderId, fetch) -> {
                fetchedAs.add(fetch.brokerEpoch());
                return new CompletableFuture<>();
            },
            change -> new CompletableFuture<>(),
            new ReplicaLoops(loop, loop, List.of(loop)));

    @BeforeEach
    void begin() {
        replicas.registerAs(THIS_LIFE);
        replicas.start();
        replicas.onImage(cluster(EARLIER_LIFE));
    }

    @AfterEach
    void end() {
        directories.close();
    }

    /** This broker, registered by one of its lives. */
    private static ClusterImage cluster(UUID life) {
        long brokerEpoch = life.equals(THIS_LIFE) ? 20 : 10;
        var registration = new BrokerRegistration(THIS_BROKER, brokerEpoch, "127.0.0.1", 9092, null, life);
        return ClusterImage.EMPTY.withClusterId("cluster").withBrokers(Map.of(THIS_BROKER, registration));
    }

    /** Makes this broker the leader in an epoch. */
    private void show(UUID life, int leaderEpoch) {
        replicas.onImage(cluster(life).withTopic(topic(THIS_BROKER, leaderEpoch)));
        loop.endRound();
    }

    /** One that has its replicas here and on the leader. */
    private static TopicImage topic(int leaderId, int leaderEpoch) {
        var replicas = Stream.of(leaderId, THIS_BROKER).distinct().toList();
        var state = new PartitionState(leaderId, leaderEpoch, leaderEpoch, replicas, List.of());
        return new TopicImage(TOPIC_ID, "orders", DestinationKind.TOPIC, Map.of(), List.of(replicas), List.of(state));
    }

    private boolean isDisowned() {
        return replicas.partition(KEY).orElseThrow().isDisowned();
    }

    @Test
    void leadershipsOfAnEarlierLifeAreDisownedHoweverLateTheyAreHeardOf() {
        show(EARLIER_LIFE, 0);
        boolean found = isDisowned();
        show(EARLIER_LIFE, 1);
        boolean given = isDisowned();
        show(THIS_LIFE, 2);
        boolean givenBeforeItWasKnown = isDisowned();

        assertThat(List.of(found, given, givenBeforeItWasKnown)).containsOnly(true);
        assertThat(replicas.disownsLeadership()).isTrue();
    }

    @Test
    void aLeadershipThatIsGivenToThisLifeIsTakenOn() {
        show(EARLIER_LIFE, 0);
        show(THIS_LIFE, 0);

        show(THIS_LIFE, 1);

        assertThat(isDisowned()).isFalse();
        assertThat(replicas.disownsLeadership()).isFalse();
    }

    @Test
    void whoIsNotRegisteredAtTheMomentFollowsUnderItsLastEpoch() {
        replicas.onImage(cluster(THIS_LIFE));
        replicas.onImage(cluster(THIS_LIFE).withBrokers(Map.of()).withTopic(topic(2, 0)));
        loop.endRound();

        assertThat(fetchedAs).containsExactly(20L);
    }

    @Test
    void whoHasAnotherLifeByNowFollowsNobody() {
        replicas.onImage(cluster(THIS_LIFE));
        replicas.onImage(cluster(EARLIER_LIFE).withTopic(topic(2, 0)));
        loop.endRound();

        assertThat(fetchedAs).isEmpty();
    }
}
