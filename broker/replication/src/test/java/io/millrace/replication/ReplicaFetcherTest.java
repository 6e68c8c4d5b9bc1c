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

class ReplicaFetcherTest {
    private static final int THIS_BROKER = 1;
    private static final int LEADER = 2;
    private static final int LEADER_EPOCH = 5;
    private static final UUID TOPIC_ID = new UUID(0, 1);

    private record Fetch(ReplicaFetch asked, CompletableFuture<ReplicaFetchResult> answer) {}

    private final ManualLoop loop = new ManualLoop();
    private final List<Fetch> fetches = new ArrayList<>();
    private final ReplicaFetcher fetcher = new ReplicaFetcher(
            LEADER, ReplicasConfiguration.defaults(THIS_BROKER), loop, this::onFetch, () -> 101, new FetchThrottle());

    private CompletableFuture<ReplicaFetchResult> onFetch(int leaderId, ReplicaFetch asked) {
        var fetch = new Fetch(asked, new CompletableFuture<>());
        fetches.add(fetch);
        return fetch.answer();
    }

    @Test
    void aFetchedLogIsNamedAgainWhereItEndsThen() {
        var partition = follow(0, new InMemoryDisk());
        loop.endRound();

        answer(0, records(partition));

        assertThat(partition.logEndOffset(LogKind.DATA)).isEqualTo(1);
        assertThat(fetches).hasSize(2);
        assertThat(fetches.get(1).asked().positions())
                .extracting(ReplicaFetch.Position::fetchOffset)
                .containsExactly(1L);
    }

    @Test
    void aDefectInOnePartitionDoesNotEndTheFetchingOfOthers() {
        var broken = new InMemoryDisk();
        var defect = follow(0, broken);
        var sound = follow(1, new InMemoryDisk());
        loop.endRound();
        broken.failWhen((operation, path) -> {
            throw new IllegalStateException("a defect, for a test");
        });

        answer(0, records(defect), records(sound));

        assertThat(sound.logEndOffset(LogKind.DATA)).isEqualTo(1);
        assertThat(fetches).hasSize(2);
        assertThat(fetches.get(1).asked().positions())
                .extracting(ReplicaFetch.Position::partition)
                .containsExactly(sound.key());
    }

    private Partition follow(int index, InMemoryDisk disk) {
        var state = new PartitionState(LEADER, LEADER_EPOCH, 1, List.of(1, 2), List.of());
        var topic = new TopicImage(
                TOPIC_ID,
                "orders",
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(1, 2), List.of(1, 2)),
                List.of(state, state));
        var log = PartitionLog.open(disk, Path.of("/log"), LogConfiguration.DEFAULT, new ManualTime(0));
        var environment = new PartitionEnvironment(
                ReplicasConfiguration.defaults(THIS_BROKER),
                loop,
                change -> new CompletableFuture<>(),
                new FollowHere(),
                brokerId -> 100 + brokerId,
                new NobodyListens(),
                (lost, reason) -> {});
        var partition = new Partition(new PartitionKey(TOPIC_ID, index), topic, Map.of(LogKind.DATA, log), environment);
        partition.onState(topic, state);
        return partition;
    }

    private void answer(int fetch, FetchedLog... logs) {
        fetches.get(fetch).answer().complete(new ReplicaFetchResult(ErrorCode.NONE, 7, List.of(logs)));
    }

    private static FetchedLog records(Partition partition) {
        var batch = LogSamples.replicated(0, LEADER_EPOCH, "a");
        return new FetchedLog(partition.key(), LogKind.DATA, ErrorCode.NONE, 0, 0, Divergence.NONE, batch);
    }

    private final class FollowHere implements PartitionEnvironment.Following {
        @Override
        public void follow(Partition partition, int leaderId, int leaderEpoch) {
            fetcher.follow(partition, leaderEpoch);
        }

        @Override
        public void unfollow(Partition partition) {
            fetcher.unfollow(partition);
        }
    }

    private static final class NobodyListens implements LeadershipListener {
        @Override
        public void onLeader(Partition partition, int leaderEpoch) {}

        @Override
        public void onResigned(Partition partition) {}
    }
}
