package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogSamples;
import io.millrace.storage.ManualTime;
import io.millrace.storage.PartitionLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
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
