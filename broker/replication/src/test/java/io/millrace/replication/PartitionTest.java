package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogSamples;
import io.millrace.storage.ManualTime;
import io.millrace.storage.PartitionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PartitionTest {
    private static final int THIS_BROKER = 1;
    private static final long TIMEOUT_MS = 1_000;
    private static final UUID TOPIC_ID = new UUID(0, 1);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final List<String> followed = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();
    private final List<CompletableFuture<AppendResult>> appendedByListener = new ArrayList<>();
    private boolean listenerAppends;
    private final Partition partition = newPartition();

    @Test
    void aReplicaFollowsTheLeaderThatTheStateNames() {
        partition.onState(topic(), new PartitionState(2, 5, 1, List.of(1, 2), List.of()));

        assertThat(partition.isLeader()).isFalse();
        assertThat(followed).containsExactly("follow 2 in 5");
    }

    @Test
    void anOlderStateChangesNothing() {
        partition.onState(topic(), new PartitionState(1, 5, 8, List.of(1, 2), List.of()));

        partition.onState(topic(), new PartitionState(2, 4, 7, List.of(1, 2), List.of()));

        assertThat(partition.isLeader()).isTrue();
        assertThat(followed).isEmpty();
    }

    @Test
    void anEpochOfAnEarlierLifeIsNotLed() {
        partition.disown(5);

        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1, 2), List.of()));
        boolean isDisowned = partition.isDisowned();
        partition.onState(topic(), new PartitionState(1, 6, 2, List.of(1, 2), List.of()));

        assertThat(isDisowned).isTrue();
        assertThat(partition.isDisowned()).isFalse();
        assertThat(partition.isLeader()).isTrue();
    }

    @Test
    void anAppendWithTooFewInSyncIsRefused() {
        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1), List.of(2)));

        var result = append(Acks.ALL);

        assertThat(result.join().errorCode()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        assertThat(partition.logEndOffset(LogKind.DATA)).isZero();
    }

    @Test
    void whoeverAsksForALogThatIsNotThereIsAnsweredWithAFailure() {
        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1, 2), List.of()));

        assertThat(partition.append(LogKind.CURSOR, LogSamples.batch("a"), Acks.ALL, TIMEOUT_MS))
                .isCompletedExceptionally();
        assertThat(partition.advanceLogStartOffset(LogKind.CURSOR, 0)).isCompletedExceptionally();
    }

    @Test
    void whoHearsOfTheLeadershipAppendsUnderItsRules() {
        listenerAppends = true;

        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1), List.of(2)));

        assertThat(appendedByListener.get(0).join().errorCode()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        assertThat(partition.highWatermark(LogKind.DATA)).isZero();
    }

    @Test
    void anAppendWaitsForItsCommitUntilTheLeadershipEnds() {
        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1, 2), List.of()));
        var result = append(Acks.ALL);
        boolean isEarly = result.isDone();

        partition.onState(topic(), new PartitionState(2, 6, 2, List.of(2), List.of()));

        assertThat(isEarly).isFalse();
        assertThat(result.join().errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(followed).containsExactly("follow 2 in 6");
    }

    @Test
    void aPartitionWhoseDiskFailsLeadsNoMoreAndSaysSo() {
        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1, 2), List.of()));
        disk.failWhen((operation, path) -> operation == InMemoryDisk.Operation.WRITE);

        var result = append(Acks.LEADER);

        assertThat(result.join().errorCode()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(partition.isLeader()).isFalse();
        assertThat(partition.isOffline()).isTrue();
        assertThat(losses).hasSize(1);
    }

    @Test
    void aLeaderOnAFullDiskRefusesRecordsAndGoesOnWhenThereIsRoom() {
        partition.onState(topic(), new PartitionState(1, 5, 1, List.of(1, 2), List.of()));
        append(Acks.LEADER);
        disk.limitTo(disk.usedBytes() + 10);

        var refused = append(Acks.LEADER);
        disk.limitTo(Long.MAX_VALUE);
        var accepted = append(Acks.LEADER);

        assertThat(refused.join().errorCode()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(accepted.join().isAppended()).isTrue();
        assertThat(partition.isLeader()).isTrue();
        assertThat(losses).isEmpty();
    }

    @Test
    void aFollowerOnAFullDiskStaysBehindAndGoesOnWhenThereIsRoom() {
        partition.onState(topic(), new PartitionState(2, 5, 1, List.of(1, 2), List.of()));
        disk.limitTo(disk.usedBytes() + 10);

        boolean isReadyWhenFull = partition.onFetched(fetched(), 5);
        long endWhenFull = partition.logEndOffset(LogKind.DATA);
        disk.limitTo(Long.MAX_VALUE);
        boolean isReady = partition.onFetched(fetched(), 5);

        assertThat(isReadyWhenFull).isFalse();
        assertThat(endWhenFull).isZero();
        assertThat(isReady).isTrue();
        assertThat(partition.logEndOffset(LogKind.DATA)).isEqualTo(1);
        assertThat(losses).isEmpty();
    }

    private FetchedLog fetched() {
        var batch = LogSamples.replicated(0, 5, "a");
        return new FetchedLog(partition.key(), LogKind.DATA, ErrorCode.NONE, 0, 0, Divergence.NONE, batch);
    }

    private CompletableFuture<AppendResult> append(Acks acks) {
        return partition.append(LogKind.DATA, LogSamples.batch("a"), acks, TIMEOUT_MS);
    }

    private static TopicImage topic() {
        return new TopicImage(
                TOPIC_ID,
                "orders",
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(1, 2, 3)),
                List.of(new PartitionState(1, 0, 0, List.of(1, 2, 3), List.of())));
    }

    private Partition newPartition() {
        var log = PartitionLog.open(disk, Path.of("/log"), LogConfiguration.DEFAULT, new ManualTime(0));
        var environment = new PartitionEnvironment(
                ReplicasConfiguration.defaults(THIS_BROKER),
                new ManualLoop(),
                change -> new CompletableFuture<>(),
                new RecordedFollowing(),
                brokerId -> 100 + brokerId,
                new AppendingListener(),
                (lost, reason) -> losses.add(String.valueOf(reason.getMessage())));
        return new Partition(new PartitionKey(TOPIC_ID, 0), topic(), Map.of(LogKind.DATA, log), environment);
    }

    private final class RecordedFollowing implements PartitionEnvironment.Following {
        @Override
        public void follow(Partition followedPartition, int leaderId, int leaderEpoch) {
            followed.add("follow " + leaderId + " in " + leaderEpoch);
        }

        @Override
        public void unfollow(Partition followedPartition) {
            followed.add("unfollow");
        }
    }

    private final class AppendingListener implements LeadershipListener {
        @Override
        public void onLeader(Partition led, int leaderEpoch) {
            if (listenerAppends) {
                appendedByListener.add(append(Acks.ALL));
            }
        }

        @Override
        public void onResigned(Partition led) {}
    }
}
