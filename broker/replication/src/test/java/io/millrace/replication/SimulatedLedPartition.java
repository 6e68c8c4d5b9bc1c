package io.millrace.replication;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.PartitionLog;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A partition whose leader is real, and whose one follower is a position in the leader's log. When the leader dies, its log is cut to what the follower has
 * and goes on as the follower's.
 */
final class SimulatedLedPartition {
    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;
    private static final int FETCH_PAUSE_MAX_MS = 12;
    private static final int STALL_MAX_MS = 150;
    /** So small that producers are restored from snapshots, too. */
    private static final LogConfiguration RULES =
            LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.OS).withSegmentBytes(4_000);

    private final PartitionKey key;
    private final TopicImage topic;
    private final SimulatedTime time;
    private final Random random;
    private final Consumer<String> note;
    private final InMemoryDisk disk = new InMemoryDisk();
    private final TreeMap<Long, Integer> epochStarts = new TreeMap<>();
    private SimulatedTime.Process process = new SimulatedTime.Process();
    private PartitionLog log;
    private Partition led;
    private boolean isUp;
    private int leaderEpoch;
    private long followerEnd;
    private boolean stalls = true;

    SimulatedLedPartition(int index, SimulatedTime time, Random random, Consumer<String> note) {
        var topicId = new UUID(0, 1 + index);
        this.key = new PartitionKey(topicId, 0);
        this.topic = new TopicImage(
                topicId,
                "topic-" + index,
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(LEADER, FOLLOWER)),
                List.of(new PartitionState(LEADER, 0, 0, List.of(LEADER, FOLLOWER), List.of())));
        this.time = time;
        this.random = random;
        this.note = note;
        this.log = open();
        this.led = lead();
        followForEver();
    }

    String topicName() {
        return topic.name();
    }

    /** Who leads; empty while nobody does. */
    Optional<Partition> leader() {
        return isUp && led.isLeader() ? Optional.of(led) : Optional.empty();
    }

    long logEndOffset() {
        return log.logEndOffset();
    }

    /** All that is in the log, for the caller to release. */
    ByteBuf contents() {
        ByteBuf contents = LogMatching.ALLOCATOR.buffer();
        LogMatching.read(led, LogKind.DATA, 0, contents::writeBytes);
        return contents;
    }

    /** Follows without pauses from now on. */
    void heal() {
        stalls = false;
    }

    private PartitionLog open() {
        return PartitionLog.open(disk, Path.of("/log"), RULES, time);
    }

    private Partition lead() {
        leaderEpoch++;
        epochStarts.tailMap(log.logEndOffset(), false).clear();
        epochStarts.put(log.logEndOffset(), leaderEpoch);
        process = new SimulatedTime.Process();
        var environment = new PartitionEnvironment(
                ReplicasConfiguration.defaults(LEADER),
                time.newLoop(process),
                change -> new CompletableFuture<>(),
                new NoFollowing(),
                brokerId -> 100 + brokerId,
                new NoListener(),
                (lost, reason) -> {
                    throw new AssertionError("nothing happens to the disk", reason);
                });
        var leader = new Partition(key, topic, Map.of(LogKind.DATA, log), environment);
        var state = new PartitionState(LEADER, leaderEpoch, leaderEpoch, List.of(LEADER, FOLLOWER), List.of());
        leader.loop().execute(() -> leader.onState(topic, state));
        isUp = true;
        return leader;
    }

    /** The leader dies; after a while the follower leads, with what it has. */
    void failOver(long downMs) {
        if (!isUp) {
            return;
        }
        isUp = false;
        process.kill();
        disk.killProcess();
        note.accept(topicName() + " fails over, and keeps " + followerEnd + " of " + log.logEndOffset() + " offsets");
        time.after(downMs, () -> {
            log = open();
            log.truncateTo(followerEnd);
            led = lead();
        });
    }

    private void followForEver() {
        leader().ifPresent(leader -> leader.loop().execute(() -> follow(leader)));
        int pauseMs = stalls && random.nextInt(40) == 0 ? STALL_MAX_MS : FETCH_PAUSE_MAX_MS;
        time.after(1 + random.nextInt(pauseMs), this::followForEver);
    }

    /** Tells what it has, and gets what there is. */
    private void follow(Partition leader) {
        var below = epochStarts.lowerEntry(followerEnd);
        int lastEpoch = below == null ? ReplicaFetch.NO_EPOCH : below.getValue();
        leader.followers()
                .onPosition(
                        FOLLOWER,
                        100 + FOLLOWER,
                        new Position(key, LogKind.DATA, leaderEpoch, followerEnd, lastEpoch, 0),
                        new NoWaiter());
        followerEnd = leader.logEndOffset(LogKind.DATA);
    }

    private static final class NoFollowing implements PartitionEnvironment.Following {
        @Override
        public void follow(Partition followed, int leaderId, int epoch) {}

        @Override
        public void unfollow(Partition followed) {}
    }

    private static final class NoListener implements LeadershipListener {
        @Override
        public void onLeader(Partition partition, int epoch) {}

        @Override
        public void onResigned(Partition partition) {}
    }

    private static final class NoWaiter implements FollowerWaiter {
        @Override
        public void onLogGrown(PartitionKey grown, LogKind kind) {}

        @Override
        public void onBoundsMoved(PartitionKey moved, LogKind kind) {}

        @Override
        public void onRefused(PartitionKey refused, LogKind kind) {}
    }
}
