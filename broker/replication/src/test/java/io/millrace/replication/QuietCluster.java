package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.NewTopic;
import io.millrace.replication.controller.PartitionResult;
import io.millrace.replication.controller.ReassignmentOptions;
import io.millrace.replication.controller.ReassignmentWish;
import io.millrace.storage.LogSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Brokers in one thread and virtual time to which only happens what a test does to them. */
final class QuietCluster implements SimulatedCluster {
    static final long SESSION_TIMEOUT_MS = 3_000;
    private static final long WAIT_MAX_MS = 60_000;
    private static final int SEND_TIMEOUT_MS = 1_000;
    private static final int SEND_PAUSE_MS = 8;

    private final Random random;
    private final SimulatedTime time;
    private final SimulatedNetwork network;
    private final InMemoryMetadata metadata = new InMemoryMetadata();
    private final Map<Integer, SimulatedBroker> brokers = new TreeMap<>();
    private final List<String> acknowledged = new ArrayList<>();
    private long lastAcknowledgedMs;
    private long longestGapMs;
    private long values;

    QuietCluster(long seed, int brokerCount) {
        random = new Random(seed);
        time = new SimulatedTime(random);
        network = new SimulatedNetwork(time, random, id -> broker(id).isAlive());
        for (int id = 1; id <= brokerCount; id++) {
            brokers.put(id, new SimulatedBroker(id, this, time, random));
            broker(id).start(metadata);
        }
        await(() ->
                metadata.image().brokers().size() == brokerCount && controller().isPresent());
        pass(1_000);
    }

    @Override
    public SimulatedBroker broker(int brokerId) {
        return brokers.get(brokerId);
    }

    @Override
    public SimulatedNetwork network() {
        return network;
    }

    @Override
    public UUID newTopicId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    @Override
    public LeadershipListener leadershipOf(int brokerId) {
        return new LeadershipListener() {
            @Override
            public void onLeader(Partition partition, int leaderEpoch) {}

            @Override
            public void onResigned(Partition partition) {}
        };
    }

    long nowMs() {
        return time.nowMs();
    }

    void pass(long ms) {
        time.runUntil(time.nowMs() + ms, () -> false);
    }

    void await(BooleanSupplier condition) {
        assertThat(time.runUntil(time.nowMs() + WAIT_MAX_MS, condition))
                .as("came true within %d ms; %s", WAIT_MAX_MS, metadata.image().topics())
                .isTrue();
    }

    <T> T await(CompletableFuture<T> answer) {
        await(answer::isDone);
        return answer.join();
    }

    Optional<Controller> controller() {
        return brokers.values().stream()
                .filter(SimulatedBroker::isAlive)
                .map(SimulatedBroker::controller)
                .filter(Controller::isActive)
                .findFirst();
    }

    /** The number of the broker whose controller is in office. */
    int controllerId() {
        return brokers.entrySet().stream()
                .filter(each -> each.getValue().isAlive()
                        && each.getValue().controller().isActive())
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    TopicImage create(String name, List<List<Integer>> assignment, Map<String, String> configuration) {
        var result = await(
                controller().orElseThrow().createTopic(new NewTopic(name, -1, -1, assignment, configuration, false)));
        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
        awaitTopic(name, topic -> true);
        return topic(name);
    }

    TopicImage topic(String name) {
        return metadata.image().topic(name).orElseThrow();
    }

    PartitionState state(String name) {
        return topic(name).partitions().get(0);
    }

    void awaitTopic(String name, Predicate<TopicImage> condition) {
        await(() -> metadata.image().topic(name).filter(condition).isPresent());
    }

    PartitionResult move(String name, List<Integer> target, long bytesPerSecond) {
        return await(controller()
                        .orElseThrow()
                        .reassign(
                                List.of(new ReassignmentWish(name, 0, Optional.of(target))),
                                new ReassignmentOptions(true, bytesPerSecond)))
                .get(0);
    }

    PartitionResult cancel(String name) {
        return await(controller()
                        .orElseThrow()
                        .reassign(
                                List.of(new ReassignmentWish(name, 0, Optional.empty())),
                                new ReassignmentOptions(true, 0)))
                .get(0);
    }

    void delete(String name) {
        await(() -> controller().isPresent());
        var result = await(controller().orElseThrow().deleteTopic(name));
        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
    }

    boolean hasReplica(int brokerId, UUID topicId) {
        return broker(brokerId)
                .replicas()
                .partition(new PartitionKey(topicId, 0))
                .isPresent();
    }

    void crash(int brokerId) {
        broker(brokerId).crash(SESSION_TIMEOUT_MS);
        brokers.values().stream()
                .filter(SimulatedBroker::isAlive)
                .forEach(survivor -> time.after(2, () -> survivor.onConnectionLost(brokerId)));
    }

    void losePower(int brokerId) {
        crash(brokerId);
        broker(brokerId).losePower();
    }

    void start(int brokerId) {
        broker(brokerId).start(metadata);
    }

    // ---- load

    /** Sends one record after the other with acks=all, as a client that looks for the leader again after each refusal. */
    void sendForEver(String name, String prefix) {
        lastAcknowledgedMs = time.nowMs();
        send(name, prefix);
    }

    private void send(String name, String prefix) {
        Optional<TopicImage> topic = metadata.image().topic(name);
        int leaderId = topic.map(found -> found.partitions().get(0).leaderId()).orElse(PartitionState.NO_LEADER);
        Optional<Partition> leader =
                leaderId == PartitionState.NO_LEADER || !broker(leaderId).isAlive()
                        ? Optional.empty()
                        : broker(leaderId)
                                .replicas()
                                .partition(new PartitionKey(topic.orElseThrow().topicId(), 0));
        if (leader.isEmpty()) {
            time.after(5, () -> send(name, prefix));
            return;
        }
        String value = prefix + values++;
        var answer = leader.get().append(LogKind.DATA, LogSamples.batch(value), Acks.ALL, SEND_TIMEOUT_MS);
        // A dead broker never answers: its client notices the broken connection.
        time.after(SEND_TIMEOUT_MS / 10, () -> {
            if (!broker(leaderId).isAlive()) {
                answer.complete(AppendResult.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the broker is dead"));
            }
        });
        answer.thenAccept(result -> {
            if (result.isAppended()) {
                longestGapMs = Math.max(longestGapMs, time.nowMs() - lastAcknowledgedMs);
                lastAcknowledgedMs = time.nowMs();
                acknowledged.add(value);
            }
            time.after(SEND_PAUSE_MS, () -> send(name, prefix));
        });
    }

    /** How many values have been sent; the next one ends with this number. */
    int valuesMade() {
        return (int) values;
    }

    List<String> acknowledged() {
        return acknowledged;
    }

    long longestGapMs() {
        return longestGapMs;
    }

    void forgetGaps() {
        longestGapMs = 0;
        lastAcknowledgedMs = time.nowMs();
    }

    /** The values in the replica's data log, without their offsets. */
    List<String> values(int brokerId, UUID topicId) {
        var found = new ArrayList<String>();
        Partition partition = broker(brokerId)
                .replicas()
                .partition(new PartitionKey(topicId, 0))
                .orElseThrow();
        LogMatching.read(
                partition,
                LogKind.DATA,
                partition.logStartOffset(LogKind.DATA),
                batches -> LogSamples.addValues(batches, 0, found));
        return found.stream()
                .map(value -> value.substring(value.indexOf(':') + 1))
                .toList();
    }
}
