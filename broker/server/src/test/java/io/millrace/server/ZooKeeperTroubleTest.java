package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperMetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers whose sessions end, and whose ZooKeeper goes away for several times the length of a session. */
@Timeout(90)
class ZooKeeperTroubleTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "zookeeper.session.timeout.ms", "1000",
            "broker.session.timeout.ms", "2000",
            "replica.lag.time.max.ms", "1500",
            "leader.imbalance.check.interval.seconds", "1",
            "offsets.topic.num.partitions", "1");

    @TempDir
    private Path directory;

    @Test
    void sessionsThatEndUnderLoadCostNothingAcknowledgedAndNoRestart() throws Exception {
        try (var cluster = TestCluster.start(directory, 3, SETTINGS);
                var observer = observer(cluster)) {
            cluster.createTopic("orders", 3, 3);
            try (var load = AcknowledgedLoad.on(cluster, "orders")) {
                for (int round = 1; round <= 3; round++) {
                    var before = observer.image();
                    int acknowledged = load.acknowledgedCount();

                    assertThat(cluster.zooKeeper().expireAllSessions()).isEqualTo(3);

                    TestCluster.waitUntil("all have registered anew", () -> haveNewEpochs(before, observer.image()));
                    TestCluster.waitUntil("the load goes on", () -> load.acknowledgedCount() > acknowledged + 100);
                }
                TestCluster.waitUntil("preferred leaders lead, all in sync", () -> isWhole(observer.image(), 3));
                cluster.createTopic("afterwards", 3, 3);
                load.stopAndCheck(cluster);
            }
        }
    }

    @Test
    void aClusterServesWithoutZooKeeperAndRecoversWhenItIsBack() throws Exception {
        try (var cluster = TestCluster.start(directory, 3, SETTINGS);
                var observer = observer(cluster)) {
            cluster.createTopic("orders", 3, 3);
            TestCluster.waitUntil("all are in sync", () -> isWhole(observer.image(), 3));
            var before = observer.image();
            try (var load = AcknowledgedLoad.on(cluster, "orders")) {
                TestCluster.waitUntil("the load runs", () -> load.acknowledgedCount() > 50);
                load.longestGapMs();

                cluster.zooKeeper().stop();
                passSeconds(4);

                assertThat(load.longestGapMs()).as("longest gap in ms").isLessThan(1_000);
                assertThat(readAtLeast(cluster, load.acknowledgedCount())).isTrue();
                assertThatThrownBy(() -> createTopic(cluster, "too-early"))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(TimeoutException.class);
                cluster.zooKeeper().startAgain();

                TestCluster.waitUntil("all have registered anew", () -> haveNewEpochs(before, observer.image()));
                TestCluster.waitUntil("all are in sync", () -> isWhole(observer.image(), 3));
                cluster.createTopic("afterwards", 3, 3);
                cluster.abort(3);
                TestCluster.waitUntil("the lost broker is in sync nowhere", () -> isWhole(observer.image(), 2));
                load.stopAndCheck(cluster);
            }
        }
    }

    private static ZooKeeperMetadataStore observer(TestCluster cluster) throws Exception {
        var store = ZooKeeperMetadataStore.connect(
                new ZooKeeperConfiguration(cluster.zooKeeper().connectString(), 1_000));
        store.opened().get(10, SECONDS);
        return store;
    }

    private static boolean haveNewEpochs(ClusterImage before, ClusterImage after) {
        return before.brokers().values().stream().allMatch(earlier -> {
            BrokerRegistration later = after.brokers().get(earlier.brokerId());
            return later != null && later.brokerEpoch() > earlier.brokerEpoch();
        });
    }

    /** Whether all partitions of the topic have a leader and so many in-sync replicas, and the preferred leaders lead where they live. */
    private static boolean isWhole(ClusterImage image, int inSync) {
        if (image.topic("orders").isEmpty()) {
            return false;
        }
        var topic = image.topic("orders").get();
        for (int index = 0; index < topic.partitionCount(); index++) {
            var state = topic.partitions().get(index);
            int preferred = topic.assignment().get(index).get(0);
            boolean isWellLed = state.hasLeader() && (inSync < 3 || state.leaderId() == preferred);
            if (!isWellLed || state.inSyncReplicas().size() != inSync) {
                return false;
            }
        }
        return image.controllerId() != ClusterImage.NO_CONTROLLER;
    }

    /** A consumer that comes now can read all that was acknowledged so far. */
    private static boolean readAtLeast(TestCluster cluster, int count) {
        var consumer = cluster.consumer(Map.of());
        var partition = List.of(new TopicPartition("orders", 0));
        consumer.assign(partition);
        consumer.seekToBeginning(partition);
        int read = 0;
        for (long end = System.nanoTime() + SECONDS.toNanos(10); read < count && System.nanoTime() < end; ) {
            read += consumer.poll(Duration.ofMillis(200)).count();
        }
        return read >= count;
    }

    private static void createTopic(TestCluster cluster, String name) throws Exception {
        cluster.admin()
                .createTopics(List.of(new NewTopic(name, 1, (short) 3)), new CreateTopicsOptions().timeoutMs(2_000))
                .all()
                .get(20, SECONDS);
    }

    /** ZooKeeper's absence is what is tested, so some time must pass in it. */
    private static void passSeconds(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
        }
    }
}
