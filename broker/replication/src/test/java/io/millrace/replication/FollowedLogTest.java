package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.Journal;
import io.millrace.storage.JournalConfiguration;
import io.millrace.storage.JournalContents;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogDirectoriesConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogId;
import io.millrace.storage.LogSamples;
import io.millrace.storage.ManualTime;
import io.millrace.storage.PartitionLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FollowedLogTest {
    private static final PartitionKey KEY = new PartitionKey(new UUID(0, 1), 0);
    private static final int LEADER_EPOCH = 3;

    private final PartitionLog log =
            PartitionLog.open(new InMemoryDisk(), Path.of("/log"), LogConfiguration.DEFAULT, new ManualTime(0));
    private final FollowedLog followed = new FollowedLog("orders-0", new ReplicaLog(KEY, LogKind.DATA, log));

    @Test
    void theHighWatermarkIsTakenOverAsFarAsTheLogReaches() throws InvalidRecordException {
        boolean isReady = take(fetched(10, 0, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")));

        assertThat(isReady).isTrue();
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(log.highWatermark()).isEqualTo(2);
    }

    @Test
    void theLogStartIsTakenOverAsFarAsIsCommitted() throws InvalidRecordException {
        take(fetched(1, 0, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")));

        take(fetched(1, 2, Unpooled.EMPTY_BUFFER));

        assertThat(log.logStartOffset()).isEqualTo(1);
    }

    @Test
    void whatTheLeaderToldCountsOnceTheLogIsDurableSoFar() throws InvalidRecordException {
        var disk = new InMemoryDisk();
        var rounds = new ArrayDeque<Runnable>();
        var directories = LogDirectories.open(
                disk,
                LogDirectoriesConfiguration.of(Path.of("/a")),
                new LogDirectory.Identity("cluster", 1),
                new ManualTime(0));
        var journalPath = Path.of("/j");
        var contents = JournalContents.read(disk, journalPath);
        var journal = Journal.open(disk, journalPath, JournalConfiguration.DEFAULT, contents, rounds::add, rounds::add);
        directories.use(journal, contents);
        directories.recover(id -> LogConfiguration.DEFAULT);
        var id = new LogId(KEY.topicId(), 0, LogId.Kind.DATA);
        var journaled = directories.create(id, "orders", LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.JOURNAL));
        var follower = new FollowedLog("orders-0", new ReplicaLog(KEY, LogKind.DATA, journaled));

        follower.takeOver(fetched(2, 1, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")), LEADER_EPOCH);
        long before = journaled.highWatermark();
        while (!rounds.isEmpty()) {
            rounds.poll().run();
        }
        follower.onDurable();

        assertThat(before).isZero();
        assertThat(journaled.highWatermark()).isEqualTo(2);
        assertThat(journaled.logStartOffset()).isEqualTo(1);
    }

    @Test
    void whatTheLeaderDoesNotHaveIsDropped() throws InvalidRecordException {
        take(fetched(0, 0, LogSamples.replicated(0, 1, "a", "b")));
        take(fetched(0, 0, LogSamples.replicated(2, 2, "c")));

        boolean isReady = take(answer(ErrorCode.NONE, 0, 0, new Divergence(1, 2), Unpooled.EMPTY_BUFFER));

        assertThat(isReady).isTrue();
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(log.latestEpoch()).hasValue(1);
    }

    @Test
    void anAnswerForAPositionThatTheLogHasLeftIsIgnored() throws InvalidRecordException {
        take(fetched(0, 0, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")));

        boolean isReady = take(fetched(2, 0, LogSamples.replicated(1, LEADER_EPOCH, "b")));

        assertThat(isReady).isTrue();
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(log.highWatermark()).isZero();
    }

    @Test
    void aLogThatHasNothingOfItsLeadersStartsOver() throws InvalidRecordException {
        take(fetched(2, 0, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")));

        boolean isReady = take(answer(ErrorCode.OFFSET_OUT_OF_RANGE, 50, 40, Divergence.NONE, Unpooled.EMPTY_BUFFER));

        assertThat(isReady).isTrue();
        assertThat(log.logStartOffset()).isEqualTo(40);
        assertThat(log.logEndOffset()).isEqualTo(40);
    }

    @Test
    void aRefusalLeavesTheLogAlone() throws InvalidRecordException {
        take(fetched(2, 0, LogSamples.replicated(0, LEADER_EPOCH, "a", "b")));

        boolean isReady =
                take(answer(ErrorCode.NOT_LEADER_OR_FOLLOWER, -1, -1, Divergence.NONE, Unpooled.EMPTY_BUFFER));

        assertThat(isReady).isFalse();
        assertThat(log.logEndOffset()).isEqualTo(2);
    }

    @Test
    void batchesThatFailTheirChecksumAreNotAppended() {
        ByteBuf batch = LogSamples.replicated(0, LEADER_EPOCH, "a");
        int last = batch.writerIndex() - 1;
        batch.setByte(last, batch.getByte(last) ^ 1);

        assertThatThrownBy(() -> take(fetched(1, 0, batch))).isInstanceOf(InvalidRecordException.class);
        assertThat(log.logEndOffset()).isZero();
        assertThat(log.highWatermark()).isZero();
    }

    private boolean take(FetchedLog answer) throws InvalidRecordException {
        return followed.takeOver(answer, LEADER_EPOCH);
    }

    private static FetchedLog fetched(long highWatermark, long logStartOffset, ByteBuf records) {
        return answer(ErrorCode.NONE, highWatermark, logStartOffset, Divergence.NONE, records);
    }

    private static FetchedLog answer(
            ErrorCode errorCode, long highWatermark, long logStartOffset, Divergence divergence, ByteBuf records) {
        return new FetchedLog(KEY, LogKind.DATA, errorCode, highWatermark, logStartOffset, divergence, records);
    }
}
