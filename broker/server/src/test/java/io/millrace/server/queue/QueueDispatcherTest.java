package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static io.millrace.server.queue.DispatcherFixture.valuesIn;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.InMemoryLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which records of a queue, and what settling them does. */
class QueueDispatcherTest {
    private final DispatcherFixture queue = new DispatcherFixture();

    @Test
    void aConsumerGetsWhatIsThere() throws Exception {
        queue.data.produce("a", "b", "c");
        var dispatcher = queue.lead();

        var got = got(queue.acquire(dispatcher, ANN, 2));

        assertThat(got.ranges()).containsExactly(new AcquiredRange(0, 1, (short) 1));
        assertThat(valuesIn(got)).startsWith("a", "b");
    }

    @Test
    void onlyTheBatchesThatHoldTheRecordsAreSent() throws Exception {
        queue.data.produce("a", "b");
        queue.data.produce("c", "d");
        queue.data.produce("e", "f");
        var dispatcher = queue.lead();

        var got = got(queue.acquire(dispatcher, ANN, 3));

        assertThat(valuesIn(got)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aConsumerThatWaitsIsServedByTheNextRecord() throws Exception {
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, ANN, 10);
        assertThat(waiting).isNotDone();

        queue.data.produce("a");

        assertThat(valuesIn(got(waiting))).containsExactly("a");
    }

    @Test
    void aConsumerIsServedAlsoWhenItsWaitWasBrokenOffTooEarly() throws Exception {
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, ANN, 10);

        queue.data.wakeEarly();
        queue.loop.pass(100);
        queue.data.produce("a");

        assertThat(valuesIn(got(waiting))).containsExactly("a");
    }

    @Test
    void consumersThatWaitAreServedInTurn() {
        var dispatcher = queue.lead();
        var first = queue.acquire(dispatcher, ANN, 1);
        var second = queue.acquire(dispatcher, BEN, 1);

        queue.data.produce("a");
        assertThat(first).isDone();
        assertThat(second).isNotDone();
        queue.data.produce("b");

        assertThat(got(second).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
        release(first, second);
    }

    @Test
    void aWaitThatEndedTakesNothing() {
        var dispatcher = queue.lead();
        var ended = queue.pending(ANN, 1);
        queue.visit(dispatcher, ended);
        ended.end();
        var waiting = queue.acquire(dispatcher, BEN, 1);

        queue.data.produce("a");

        assertThat(got(ended.acquired()).ranges()).isEmpty();
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 1));
        release(waiting);
    }

    @Test
    void aConsumerThatIsGoneTakesNothing() {
        var dispatcher = queue.lead();
        var gone = queue.acquire(dispatcher, ANN, 1);
        var waiting = queue.acquire(dispatcher, BEN, 1);
        queue.annIsConnected = false;

        queue.data.produce("a");

        assertThat(got(gone).ranges()).isEmpty();
        assertThat(got(waiting).ranges()).hasSize(1);
        release(waiting);
    }

    @Test
    void theFirstPartitionThatHasRecordsServesAConsumerOfTwo() {
        var other = new PartitionKey(KEY.topicId(), 1);
        var otherData = new InMemoryLog(queue.loop);
        var dispatchers = queue.dispatchers();
        queue.loop.run(() -> {
            dispatchers.onLeader(KEY, queue.data, queue.cursorLog, 1);
            dispatchers.onLeader(other, otherData, new InMemoryLog(queue.loop), 1);
        });
        var pending = queue.pending(ANN, 10);
        queue.visit(dispatchers.dispatcher(KEY).orElseThrow(), pending);
        queue.visit(dispatchers.dispatcher(other).orElseThrow(), pending);

        otherData.produce("b");
        queue.data.produce("a");

        assertThat(got(pending.acquired()).partition()).isEqualTo(other);
        assertThat(got(queue.acquire(dispatchers.dispatcher(KEY).orElseThrow(), BEN, 1))
                        .ranges())
                .hasSize(1);
        release(pending.acquired());
    }

    @Test
    void aSettlementIsAnsweredOnceItIsCommitted() {
        queue.data.produce("a", "b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        queue.cursorLog.holdCommits();

        var answer = queue.settle(dispatcher, ANN, 0, 1, Verdict.ACCEPT);

        assertThat(answer).isNotDone();
        queue.cursorLog.releaseCommits();
        assertThat(answer.getNow(null)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void settlementsOfOneRoundShareABatch() {
        queue.data.produce("a", "b", "c");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 3));
        int before = queue.cursorLog.appendCount();

        for (long offset = 0; offset < 3; offset++) {
            dispatcher.settle(ANN.consumerId(), null, List.of(new Settlement(offset, offset, Verdict.ACCEPT)));
        }
        queue.loop.run();

        assertThat(queue.cursorLog.appendCount() - before).isEqualTo(1);
    }

    @Test
    void aClosedConnectionGivesItsRecordsToAConsumerThatWaits() {
        queue.data.produce("a", "b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        var waiting = queue.acquire(dispatcher, BEN, 10);

        dispatcher.onConnectionClosed(ANN.connectionId());
        queue.loop.run();

        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
        release(waiting);
    }

    @Test
    void releasedRecordsGoToAConsumerThatWaits() {
        queue.data.produce("a", "b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        var waiting = queue.acquire(dispatcher, BEN, 10);

        var answer = queue.settle(dispatcher, ANN, 1, 1, Verdict.RELEASE);

        assertThat(answer.getNow(null)).isEqualTo(ErrorCode.NONE);
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 2));
        release(waiting);
    }

    @Test
    void aRefusedSettlementLeavesTheRecordsWithTheConsumer() {
        queue.data.produce("a");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        queue.cursorLog.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);

        var refused = queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        assertThat(refused.getNow(null)).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        queue.cursorLog.refuseAppends(ErrorCode.NONE);
        assertThat(queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aSettlementThatTookTooLongTakesEffectWhenItIsCommitted() {
        queue.data.produce("a");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        queue.cursorLog.holdCommits();
        var late = queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        queue.cursorLog.timeOutAppends();

        assertThat(late.getNow(null)).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        dispatcher.onConnectionClosed(ANN.connectionId());
        var waiting = queue.acquire(dispatcher, BEN, 1);
        assertThat(waiting).isNotDone();
        queue.cursorLog.releaseCommits();
        assertThat(waiting).isNotDone();
        assertThat(queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.INVALID_RECORD_STATE);
    }
}
