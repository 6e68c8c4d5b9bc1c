package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.ReplicaFetch.Position;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogSamples;
import io.millrace.storage.ManualTime;
import io.millrace.storage.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Records that leave a log before their time, or in time: DeleteRecords and retention, on leaders and followers. */
class RecordDeletionTest {
    private static final int THIS_BROKER = 1;
    private static final int OTHER = 2;
    private static final int LAGGARD = 3;
    private static final int LEADER_EPOCH = 5;
    private static final long TIMEOUT_MS = 1_000;
    private static final PartitionKey KEY = new PartitionKey(new UUID(0, 1), 0);

    private final ManualTime clock = new ManualTime(10_000);
    private final Partition partition = newPartition();

    private static TopicImage topic() {
        return new TopicImage(
                KEY.topicId(),
                "orders",
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(1, 2, 3)),
                List.of(new PartitionState(1, 0, 0, List.of(1, 2, 3), List.of())));
    }

    private Partition newPartition() {
        var log = PartitionLog.open(new InMemoryDisk(), Path.of("/log"), LogConfiguration.DEFAULT, clock);
        var environment = new PartitionEnvironment(
                ReplicasConfiguration.defaults(THIS_BROKER),
                new ManualLoop(),
                change -> new CompletableFuture<>(),
                new NoFollowing(),
                brokerId -> 100 + brokerId,
                new NoListener(),
                (lost, reason) -> {});
        return new Partition(KEY, topic(), Map.of(LogKind.DATA, log), environment);
    }

    private static final class NoFollowing implements PartitionEnvironment.Following {
        @Override
        public void follow(Partition followed, int leaderId, int leaderEpoch) {}

        @Override
        public void unfollow(Partition followed) {}
    }

    private static final class NoListener implements LeadershipListener {
        @Override
        public void onLeader(Partition led, int leaderEpoch) {}

        @Override
        public void onResigned(Partition led) {}
    }

    private static final class NoWaiter implements FollowerWaiter {
        @Override
        public void onLogGrown(PartitionKey grown, LogKind kind) {}

        @Override
        public void onBoundsMoved(PartitionKey moved, LogKind kind) {}

        @Override
        public void onRefused(PartitionKey refused, LogKind kind) {}
    }

    /** Ten committed records; one replica is not in sync. */
    private void lead() {
        partition.onState(topic(), new PartitionState(THIS_BROKER, LEADER_EPOCH, 1, List.of(1, OTHER), List.of()));
        for (int i = 0; i < 10; i++) {
            partition.append(LogKind.DATA, LogSamples.batch("v" + i), Acks.LEADER, TIMEOUT_MS);
        }
        fetchAt(OTHER, 0);
    }

    /** A follower that has everything tells where its log starts. */
    private void fetchAt(int follower, long logStartOffset) {
        var position = new Position(KEY, LogKind.DATA, LEADER_EPOCH, 10, LEADER_EPOCH, logStartOffset);
        var told = partition.followers().onPosition(follower, 100 + follower, position, new NoWaiter());
        assertThat(told).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aDeletionIsDoneWhenEveryInSyncReplicaHasDoneIt() {
        lead();

        var deleted = partition.deleteRecords(4, TIMEOUT_MS);
        boolean isEarly = deleted.isDone();
        fetchAt(LAGGARD, 4);
        boolean isStillEarly = deleted.isDone();
        fetchAt(OTHER, 4);

        assertThat(isEarly).isFalse();
        assertThat(isStillEarly).isFalse();
        assertThat(deleted.join()).isEqualTo(OffsetLookup.at(4, -1));
        assertThat(partition.logStartOffset(LogKind.DATA)).isEqualTo(4);
    }

    @Test
    void allThatIsCommittedGoesWhereNoOffsetIsNamed() {
        lead();

        var deleted = partition.deleteRecords(Partition.HIGH_WATERMARK, TIMEOUT_MS);
        fetchAt(OTHER, 10);

        assertThat(deleted.join().offset()).isEqualTo(10);
        assertThat(partition.logStartOffset(LogKind.DATA)).isEqualTo(10);
    }

    @Test
    void whatIsGoneAlreadyIsToldAtOnce() {
        lead();
        partition.deleteRecords(6, TIMEOUT_MS);
        fetchAt(OTHER, 6);

        var deleted = partition.deleteRecords(3, TIMEOUT_MS);

        assertThat(deleted.join().offset()).isEqualTo(6);
    }

    @Test
    void aFollowerThatIsTooSlowCostsAnErrorAndNotTheDeletion() {
        lead();
        var deleted = partition.deleteRecords(4, TIMEOUT_MS);

        partition.tick(TIMEOUT_MS - 1);
        boolean isEarly = deleted.isDone();
        partition.tick(TIMEOUT_MS);

        assertThat(isEarly).isFalse();
        assertThat(deleted.join().errorCode()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        assertThat(partition.logStartOffset(LogKind.DATA)).isEqualTo(4);
    }

    @Test
    void whatIsNotCommittedCannotBeDeleted() {
        lead();
        partition.append(LogKind.DATA, LogSamples.batch("not yet"), Acks.LEADER, TIMEOUT_MS);

        assertThat(partition.deleteRecords(11, TIMEOUT_MS).join().errorCode()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(partition.deleteRecords(-2, TIMEOUT_MS).join().errorCode()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(partition.logStartOffset(LogKind.DATA)).isZero();
    }

    @Test
    void whoWaitsIsToldWhenTheLeadershipEnds() {
        lead();
        var deleted = partition.deleteRecords(4, TIMEOUT_MS);

        partition.onState(topic(), new PartitionState(OTHER, 6, 2, List.of(OTHER), List.of()));

        assertThat(deleted.join().errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(partition.deleteRecords(4, TIMEOUT_MS).join().errorCode())
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void aFollowerDeletesByItsOwnClockUpToTheHighWatermark() {
        lead();
        partition.onState(topic(), new PartitionState(OTHER, 6, 2, List.of(OTHER), List.of()));
        partition.reconfigure(
                kind -> LogConfiguration.DEFAULT.withSegmentMs(1_000).withRetention(5_000, LogConfiguration.UNLIMITED));

        partition.enforceRetention();

        assertThat(partition.logStartOffset(LogKind.DATA)).isEqualTo(10);
        assertThat(partition.logEndOffset(LogKind.DATA)).isEqualTo(10);
    }

    @Test
    void aLeaderKeepsWhatIsNotCommitted() {
        lead();
        partition.append(LogKind.DATA, LogSamples.batch("not yet"), Acks.LEADER, TIMEOUT_MS);
        partition.reconfigure(
                kind -> LogConfiguration.DEFAULT.withSegmentMs(1_000).withRetention(5_000, LogConfiguration.UNLIMITED));

        partition.enforceRetention();

        assertThat(partition.logStartOffset(LogKind.DATA)).isZero();
    }
}
