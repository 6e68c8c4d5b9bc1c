package io.millrace.replication.controller;

import static java.lang.System.Logger.Level.INFO;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.zookeeper.TestZooKeeper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A controller with 20,000 partitions on three replicas each, in a real ZooKeeper followed by four brokers. The bounds leave room for busy
 * machines; what was measured is printed and noted in the module's README.
 */
@Timeout(120)
class ControllerAtSizeTest {
    private static final System.Logger LOGGER = System.getLogger(ControllerAtSizeTest.class.getName());
    private static final int BROKERS = 4;
    private static final int QUEUES = 5_000;
    private static final int TOPICS = 150;
    private static final int PARTITIONS_OF_TOPIC = 100;
    private static final int PARTITIONS = QUEUES + TOPICS * PARTITIONS_OF_TOPIC;

    private final Map<Integer, ControlledBroker> brokers = new ConcurrentSkipListMap<>();

    @Test
    void twentyThousandPartitionsAreCreatedLedAnewAndTakenOverInTime(@TempDir Path directory) throws Exception {
        try (var zooKeeper = TestZooKeeper.start(directory)) {
            for (int id = 1; id <= BROKERS; id++) {
                new ControlledBroker(id, brokers, zooKeeper.connectString(), ControllerConfiguration.DEFAULTS).start();
            }
            var figuresMs = new TreeMap<String, Long>();

            figuresMs.put("creation", elapsedMs(() -> create(controller())));
            awaitAll("all brokers know all topics", image -> image.topicCount() == QUEUES + TOPICS);
            int lost = controller().id() == BROKERS ? 1 : BROKERS;
            assertThat(led(controller().image(), lost)).isGreaterThan(PARTITIONS / BROKERS / 2);
            figuresMs.put("lost broker", lose(lost));
            int former = controller().id();
            figuresMs.put("takeover", takeOver());

            assertThat(controller().id()).isNotEqualTo(former);
            awaitAll("nobody who is gone is in sync", image -> led(image, lost) == 0 && led(image, former) == 0);
            LOGGER.log(INFO, () -> PARTITIONS + " partitions, in ms: " + figuresMs);
            assertThat(figuresMs.get("lost broker")).isLessThan(5_000);
            assertThat(figuresMs.get("takeover")).isLessThan(15_000);
        } finally {
            List.copyOf(brokers.values()).forEach(ControlledBroker::close);
        }
    }

    private static void create(ControlledBroker controller) throws Exception {
        var answers = new ArrayList<CompletableFuture<TopicResult>>();
        for (int i = 0; i < TOPICS; i++) {
            answers.add(controller.controller().createTopic(topic("topic-" + i, PARTITIONS_OF_TOPIC, 3)));
        }
        for (int i = 0; i < QUEUES; i++) {
            answers.add(controller.controller().createTopic(topic("queue-" + i, 1, 3)));
        }
        for (CompletableFuture<TopicResult> answer : answers) {
            assertThat(answer.get(60, SECONDS).errorCode().isError()).isFalse();
        }
    }

    private static NewTopic topic(String name, int partitions, int replicas) {
        return new NewTopic(name, partitions, replicas, List.of(), Map.of(), false);
    }

    /** From the moment in which the controller knows that a broker is gone until all others know the new leaders. */
    private long lose(int lost) throws Exception {
        CompletableFuture<Long> detected =
                when(controller(), image -> !image.brokers().containsKey(lost));
        var known = new ArrayList<CompletableFuture<Long>>();
        for (ControlledBroker broker : brokers.values()) {
            if (broker.id() != lost) {
                known.add(when(broker, image -> !image.brokers().containsKey(lost) && led(image, lost) == 0));
            }
        }

        brokers.get(lost).close();

        long last = 0;
        for (CompletableFuture<Long> each : known) {
            last = Math.max(last, each.get(60, SECONDS));
        }
        return TimeUnit.NANOSECONDS.toMillis(last - detected.get(0, SECONDS));
    }

    /** The time at which an image met the condition. */
    private static CompletableFuture<Long> when(ControlledBroker broker, Predicate<ClusterImage> condition) {
        var met = new CompletableFuture<Long>();
        broker.store().listen(image -> {
            if (!met.isDone() && condition.test(image)) {
                met.complete(System.nanoTime());
            }
        });
        return met;
    }

    /** From the end of the controller's session until another has loaded everything and decides. */
    private long takeOver() throws Exception {
        var former = controller();
        long elapsedMs = elapsedMs(() -> {
            former.store().close();
            brokers.remove(former.id());
            await("another is controller", () -> brokers.values().stream()
                    .anyMatch(broker -> broker.controller().isActive()));
            var answer =
                    controller().controller().createTopic(topic("after", 1, 2)).get(20, SECONDS);
            assertThat(answer.errorCode().isError()).as(answer.toString()).isFalse();
        });
        former.close();
        return elapsedMs;
    }

    private static long led(ClusterImage image, int broker) {
        return image.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(state -> isMember(state, broker))
                .count();
    }

    private static boolean isMember(PartitionState state, int broker) {
        return state.leaderId() == broker || state.inSyncReplicas().contains(broker);
    }

    private ControlledBroker controller() {
        return brokers.values().stream()
                .filter(broker -> broker.controller().isActive())
                .findFirst()
                .orElseThrow();
    }

    private void awaitAll(String what, Predicate<ClusterImage> condition) {
        await(what, () -> brokers.values().stream().allMatch(broker -> condition.test(broker.image())));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static long elapsedMs(Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
}
