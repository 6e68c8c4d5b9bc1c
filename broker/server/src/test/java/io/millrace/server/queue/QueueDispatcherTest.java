package io.millrace.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordIterator;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.InMemoryLog;
import io.millrace.server.coordinator.ManualLoop;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class QueueDispatcherTest {
    private static final PartitionKey KEY = new PartitionKey(new UUID(7, 7), 0);
    private static final ConsumerId ANN = new ConsumerId(1, new UUID(0, 1));
    private static final ConsumerId BEN = new ConsumerId(2, new UUID(0, 2));
    private static final long TRIM_INTERVAL_MS = 1_000;

    private ManualLoop loop = new ManualLoop();
    private InMemoryLog data = new InMemoryLog(loop);
    private InMemoryLog cursorLog = new InMemoryLog(loop);
    private QueueRules rules = new QueueRules(100, 30_000, 1 << 20, TRIM_INTERVAL_MS, 0);
    private boolean annIsConnected = true;

    @Test
    void aConsumerGetsWhatIsThere() throws Exception {
        data.produce("a", "b", "c");
        var dispatcher = lead();

        var got = got(acquire(dispatcher, ANN, 2));

        assertThat(got.ranges()).containsExactly(new AcquiredRange(0, 1, (short) 1));
        assertThat(valuesIn(got)).startsWith("a", "b");
    }

    @Test
    void onlyTheBatchesThatHoldTheRecordsAreSent() throws Exception {
        data.produce("a", "b");
        data.produce("c", "d");
        data.produce("e", "f");
        var dispatcher = lead();

        var got = got(acquire(dispatcher, ANN, 3));

        assertThat(valuesIn(got)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aConsumerThatWaitsIsServedByTheNextRecord() throws Exception {
        var dispatcher = lead();
        var waiting = acquire(dispatcher, ANN, 10);
        assertThat(waiting).isNotDone();

        data.produce("a");

        assertThat(valuesIn(got(waiting))).containsExactly("a");
    }

    @Test
    void aConsumerIsServedAlsoWhenItsWaitWasBrokenOffTooEarly() throws Exception {
        var dispatcher = lead();
        var waiting = acquire(dispatcher, ANN, 10);

        data.wakeEarly();
        loop.pass(100);
        data.produce("a");

        assertThat(valuesIn(got(waiting))).containsExactly("a");
    }

    @Test
    void aCursorLogIsLoadedAlsoWhenTheWaitForItsCommitWasBrokenOffTooEarly() {
        data.produce("a");
        var before = lead();
        release(acquire(before, ANN, 1));
        cursorLog.holdCommits();
        settle(before, ANN, 0, 0, Verdict.RELEASE);
        var dispatcher = lead();
        var waiting = acquire(dispatcher, BEN, 1);

        cursorLog.wakeEarly();
        loop.pass(100);
        cursorLog.releaseCommits();

        assertThat(got(waiting).ranges()).hasSize(1);
        release(waiting);
    }

    @Test
    void consumersThatWaitAreServedInTurn() {
        var dispatcher = lead();
        var first = acquire(dispatcher, ANN, 1);
        var second = acquire(dispatcher, BEN, 1);

        data.produce("a");
        assertThat(first).isDone();
        assertThat(second).isNotDone();
        data.produce("b");

        assertThat(got(second).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
        release(first, second);
    }

    @Test
    void aWaitThatEndedTakesNothing() {
        var dispatcher = lead();
        var ended = pending(ANN, 1);
        visit(dispatcher, ended);
        ended.end();
        var waiting = acquire(dispatcher, BEN, 1);

        data.produce("a");

        assertThat(got(ended.acquired()).ranges()).isEmpty();
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 1));
        release(waiting);
    }

    @Test
    void aConsumerThatIsGoneTakesNothing() {
        var dispatcher = lead();
        var gone = acquire(dispatcher, ANN, 1);
        var waiting = acquire(dispatcher, BEN, 1);
        annIsConnected = false;

        data.produce("a");

        assertThat(got(gone).ranges()).isEmpty();
        assertThat(got(waiting).ranges()).hasSize(1);
        release(waiting);
    }

    @Test
    void theFirstPartitionThatHasRecordsServesAConsumerOfTwo() {
        var other = new PartitionKey(KEY.topicId(), 1);
        var otherData = new InMemoryLog(loop);
        var dispatchers = dispatchers();
        loop.run(() -> {
            dispatchers.onLeader(KEY, data, cursorLog, 1);
            dispatchers.onLeader(other, otherData, new InMemoryLog(loop), 1);
        });
        var pending = pending(ANN, 10);
        visit(dispatchers.dispatcher(KEY).orElseThrow(), pending);
        visit(dispatchers.dispatcher(other).orElseThrow(), pending);

        otherData.produce("b");
        data.produce("a");

        assertThat(got(pending.acquired()).partition()).isEqualTo(other);
        assertThat(got(acquire(dispatchers.dispatcher(KEY).orElseThrow(), BEN, 1))
                        .ranges())
                .hasSize(1);
        release(pending.acquired());
    }

    @Test
    void aSettlementIsAnsweredOnceItIsCommitted() {
        data.produce("a", "b");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 2));
        cursorLog.holdCommits();

        var answer = settle(dispatcher, ANN, 0, 1, Verdict.ACCEPT);

        assertThat(answer).isNotDone();
        cursorLog.releaseCommits();
        assertThat(answer.getNow(null)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void settlementsOfOneRoundShareABatch() {
        data.produce("a", "b", "c");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 3));
        int before = cursorLog.appendCount();

        for (long offset = 0; offset < 3; offset++) {
            dispatcher.settle(ANN.consumerId(), null, List.of(new Settlement(offset, offset, Verdict.ACCEPT)));
        }
        loop.run();

        assertThat(cursorLog.appendCount() - before).isEqualTo(1);
    }

    @Test
    void theNextLeaderDeliversNothingThatIsAcknowledged() {
        data.produce("a", "b", "c");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 3));
        settle(dispatcher, ANN, 1, 1, Verdict.ACCEPT);

        var next = failOver();

        assertThat(got(acquire(next, BEN, 10)).ranges())
                .containsExactly(new AcquiredRange(0, 0, (short) 2), new AcquiredRange(2, 2, (short) 2));
    }

    @Test
    void theNextLeaderDeliversWhatWasNotCommitted() {
        data.produce("a", "b");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 2));
        cursorLog.holdCommits();
        var answer = settle(dispatcher, ANN, 0, 1, Verdict.ACCEPT);

        var next = failOverFrom(cursorLog.highWatermark());

        assertThat(got(acquire(next, BEN, 10)).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
        assertThat(answer).isNotDone();
    }

    @Test
    void nothingIsDeliveredBeforeItIsCommittedThatItMayHaveBeen() {
        data.produce("a", "b");
        var dispatcher = lead();
        cursorLog.holdCommits();

        var waiting = acquire(dispatcher, ANN, 2);

        assertThat(waiting).isNotDone();
        cursorLog.releaseCommits();
        release(waiting);
        var next = failOverFrom(cursorLog.highWatermark());
        assertThat(got(acquire(next, BEN, 10)).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
    }

    @Test
    void aDeliveryThatCouldNotBeNotedIsTriedAgain() {
        data.produce("a");
        cursorLog.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);
        var dispatcher = lead();

        var waiting = acquire(dispatcher, ANN, 1);

        assertThat(waiting).isNotDone();
        cursorLog.refuseAppends(ErrorCode.NONE);
        loop.pass(1_000);
        release(waiting);
    }

    @Test
    void whatIsSentToTheNextLeaderIsNotMarked() {
        data.produce("a");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 1));
        var next = failOver();

        data.produce("b");

        assertThat(got(acquire(next, BEN, 10)).ranges())
                .containsExactly(new AcquiredRange(0, 0, (short) 2), new AcquiredRange(1, 1, (short) 1));
    }

    @Test
    void aClosedConnectionGivesItsRecordsToAConsumerThatWaits() {
        data.produce("a", "b");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 2));
        var waiting = acquire(dispatcher, BEN, 10);

        dispatcher.onConnectionClosed(ANN.connectionId());
        loop.run();

        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
        release(waiting);
    }

    @Test
    void releasedRecordsGoToAConsumerThatWaits() {
        data.produce("a", "b");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 2));
        var waiting = acquire(dispatcher, BEN, 10);

        var answer = settle(dispatcher, ANN, 1, 1, Verdict.RELEASE);

        assertThat(answer.getNow(null)).isEqualTo(ErrorCode.NONE);
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 2));
        release(waiting);
    }

    @Test
    void aRefusedSettlementLeavesTheRecordsWithTheConsumer() {
        data.produce("a");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 1));
        cursorLog.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);

        var refused = settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        assertThat(refused.getNow(null)).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        cursorLog.refuseAppends(ErrorCode.NONE);
        assertThat(settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aSettlementThatTookTooLongTakesEffectWhenItIsCommitted() {
        data.produce("a");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 1));
        cursorLog.holdCommits();
        var late = settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        cursorLog.timeOutAppends();

        assertThat(late.getNow(null)).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        dispatcher.onConnectionClosed(ANN.connectionId());
        var waiting = acquire(dispatcher, BEN, 1);
        assertThat(waiting).isNotDone();
        cursorLog.releaseCommits();
        assertThat(waiting).isNotDone();
        assertThat(settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.INVALID_RECORD_STATE);
    }

    @Test
    void whoeverWaitsIsToldWhenTheLeadershipIsLost() {
        data.produce("a");
        var dispatchers = dispatchers();
        loop.run(() -> dispatchers.onLeader(KEY, data, cursorLog, 1));
        var dispatcher = dispatchers.dispatcher(KEY).orElseThrow();
        release(acquire(dispatcher, ANN, 1));
        var waiting = acquire(dispatcher, BEN, 1);
        cursorLog.holdCommits();
        var settling = settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        data.loseLeadership();
        loop.run(() -> dispatchers.onResigned(KEY));

        assertThat(got(waiting).ranges()).isEmpty();
        assertThat(settling.getNow(null)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(dispatchers.dispatcher(KEY)).isEmpty();
        assertThat(settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void aCursorLogThatIsNotUnderstoodStopsThePartition() {
        data.produce("a");
        cursorLog.produceGarbage();
        var dispatcher = lead();
        var pending = pending(ANN, 1);

        var visited = dispatcher.acquire(pending);
        loop.run();

        assertThat(visited.getNow(null)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(pending.isClaimed()).isFalse();
    }

    @Test
    void nothingIsDeliveredBeforeTheCursorLogIsCommitted() {
        data.produce("a");
        var before = lead();
        release(acquire(before, ANN, 1));
        cursorLog.holdCommits();
        settle(before, ANN, 0, 0, Verdict.ACCEPT);
        var dispatcher = lead(); // of the same log, whose last record no other replica has yet

        var waiting = acquire(dispatcher, BEN, 1);

        assertThat(waiting).isNotDone();
        cursorLog.releaseCommits();
        assertThat(waiting).isNotDone();
        data.produce("b");
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
        release(waiting);
    }

    @Test
    void checkpointsKeepTheCursorLogShort() {
        rules = new QueueRules(100, 30_000, 2_000, TRIM_INTERVAL_MS, 0);
        var dispatcher = lead();
        for (int i = 0; i < 300; i++) {
            data.produce("a", "b");
            release(acquire(dispatcher, ANN, 2));
            settle(dispatcher, ANN, 2L * i, 2L * i, Verdict.ACCEPT);
            settle(dispatcher, ANN, 2L * i + 1, 2L * i + 1, i % 10 == 0 ? Verdict.RELEASE : Verdict.ACCEPT);
            if (i % 10 == 0) {
                release(acquire(dispatcher, ANN, 1));
            }
        }

        assertThat(cursorLog.logEndOffset() - cursorLog.logStartOffset()).isLessThan(cursorLog.logEndOffset() / 4);
        var next = failOver();
        var left = new ArrayList<AcquiredRange>();
        for (int i = 0; i < 30; i++) {
            var got = acquire(next, BEN, 1);
            left.addAll(got(got).ranges());
            release(got);
        }
        for (int i = 0; i < 30; i++) {
            assertThat(left.get(i)).isEqualTo(new AcquiredRange(20L * i + 1, 20L * i + 1, (short) 3));
        }
        assertThat(acquire(next, BEN, 1)).isNotDone();
    }

    @Test
    void whatIsAcknowledgedIsGivenUp() {
        data.produce("a");
        data.produce("b");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 2));
        settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        loop.pass(TRIM_INTERVAL_MS);

        assertThat(data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void whatIsAcknowledgedIsKeptForReplay() {
        rules = rules.withReplayRetentionMs(10 * TRIM_INTERVAL_MS);
        data.produce("a");
        var dispatcher = lead();
        release(acquire(dispatcher, ANN, 1));
        settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        loop.pass(9 * TRIM_INTERVAL_MS);
        assertThat(data.logStartOffset()).isZero();
        loop.pass(3 * TRIM_INTERVAL_MS);

        assertThat(data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void offsetsThatTheLogHasLostAreNotWaitedFor() {
        data.produce("a");
        data.produce("b");
        var dispatcher = lead();
        data.advanceLogStartOffset(1);

        assertThat(got(acquire(dispatcher, ANN, 2)).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
    }

    // A leader and those who ask it.

    private QueueDispatcher lead() {
        var dispatchers = dispatchers();
        loop.run(() -> dispatchers.onLeader(KEY, data, cursorLog, 1));
        return dispatchers.dispatcher(KEY).orElseThrow();
    }

    private QueueDispatchers dispatchers() {
        return new QueueDispatchers(
                key -> rules, () -> Instant.ofEpochMilli(loop.nowMs()), UnpooledByteBufAllocator.DEFAULT);
    }

    private QueueDispatcher failOver() {
        return failOverFrom(cursorLog.logEndOffset());
    }

    private QueueDispatcher failOverFrom(long cursorLogEnd) {
        loop = new ManualLoop();
        data = data.replicaUpTo(loop, data.logEndOffset());
        cursorLog = cursorLog.replicaUpTo(loop, cursorLogEnd);
        return lead();
    }

    private CompletableFuture<Acquired> acquire(QueueDispatcher dispatcher, ConsumerId consumer, int maxRecords) {
        var pending = pending(consumer, maxRecords);
        visit(dispatcher, pending);
        return pending.acquired();
    }

    private PendingAcquire pending(ConsumerId consumer, int maxRecords) {
        return new PendingAcquire(consumer, null, maxRecords, 1 << 20, () -> consumer != ANN || annIsConnected);
    }

    private void visit(QueueDispatcher dispatcher, PendingAcquire pending) {
        var visited = dispatcher.acquire(pending);
        loop.run();
        assertThat(visited.getNow(null)).isEqualTo(ErrorCode.NONE);
    }

    private CompletableFuture<ErrorCode> settle(
            QueueDispatcher dispatcher, ConsumerId consumer, long first, long last, Verdict verdict) {
        var answer = dispatcher.settle(consumer.consumerId(), null, List.of(new Settlement(first, last, verdict)));
        loop.run();
        return answer;
    }

    private static Acquired got(CompletableFuture<Acquired> acquired) {
        assertThat(acquired).isDone();
        return acquired.getNow(null);
    }

    @SafeVarargs
    private static void release(CompletableFuture<Acquired>... acquired) {
        for (CompletableFuture<Acquired> one : acquired) {
            got(one).records().release();
        }
    }

    private static List<String> valuesIn(Acquired acquired) throws Exception {
        var values = new ArrayList<String>();
        for (var batch : RecordBatches.listOf(acquired.records().buffer())) {
            RecordIterator records = batch.records(1 << 20);
            while (records.hasNext()) {
                values.add(new String(records.next().valueBytes(), StandardCharsets.UTF_8));
            }
        }
        acquired.records().release();
        return values;
    }
}
