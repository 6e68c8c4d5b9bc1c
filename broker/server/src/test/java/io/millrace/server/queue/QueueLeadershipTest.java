package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static io.millrace.server.queue.DispatcherFixture.TRIM_INTERVAL_MS;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** What the next leader of a queue knows of its records, and what a queue keeps of them. */
class QueueLeadershipTest {
    private final DispatcherFixture queue = new DispatcherFixture();

    @Test
    void aCursorLogIsLoadedAlsoWhenTheWaitForItsCommitWasBrokenOffTooEarly() {
        queue.data.produce("a");
        var before = queue.lead();
        release(queue.acquire(before, ANN, 1));
        queue.cursorLog.holdCommits();
        queue.settle(before, ANN, 0, 0, Verdict.RELEASE);
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, BEN, 1);

        queue.cursorLog.wakeEarly();
        queue.loop.pass(100);
        queue.cursorLog.releaseCommits();

        assertThat(got(waiting).ranges()).hasSize(1);
        release(waiting);
    }

    @Test
    void theNextLeaderDeliversNothingThatIsAcknowledged() {
        queue.data.produce("a", "b", "c");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 3));
        queue.settle(dispatcher, ANN, 1, 1, Verdict.ACCEPT);

        var next = queue.failOver();

        assertThat(got(queue.acquire(next, BEN, 10)).ranges())
                .containsExactly(new AcquiredRange(0, 0, (short) 2), new AcquiredRange(2, 2, (short) 2));
    }

    @Test
    void theNextLeaderDeliversWhatWasNotCommitted() {
        queue.data.produce("a", "b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        queue.cursorLog.holdCommits();
        var answer = queue.settle(dispatcher, ANN, 0, 1, Verdict.ACCEPT);

        var next = queue.failOverFrom(queue.cursorLog.highWatermark());

        assertThat(got(queue.acquire(next, BEN, 10)).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
        assertThat(answer).isNotDone();
    }

    @Test
    void nothingIsDeliveredBeforeItIsCommittedThatItMayHaveBeen() {
        queue.data.produce("a", "b");
        var dispatcher = queue.lead();
        queue.cursorLog.holdCommits();

        var waiting = queue.acquire(dispatcher, ANN, 2);

        assertThat(waiting).isNotDone();
        queue.cursorLog.releaseCommits();
        release(waiting);
        var next = queue.failOverFrom(queue.cursorLog.highWatermark());
        assertThat(got(queue.acquire(next, BEN, 10)).ranges()).containsExactly(new AcquiredRange(0, 1, (short) 2));
    }

    @Test
    void aDeliveryThatCouldNotBeNotedIsTriedAgain() {
        queue.data.produce("a");
        queue.cursorLog.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);
        var dispatcher = queue.lead();

        var waiting = queue.acquire(dispatcher, ANN, 1);

        assertThat(waiting).isNotDone();
        queue.cursorLog.refuseAppends(ErrorCode.NONE);
        queue.loop.pass(1_000);
        release(waiting);
    }

    @Test
    void whatIsSentToTheNextLeaderIsNotMarked() {
        queue.data.produce("a");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        var next = queue.failOver();

        queue.data.produce("b");

        assertThat(got(queue.acquire(next, BEN, 10)).ranges())
                .containsExactly(new AcquiredRange(0, 0, (short) 2), new AcquiredRange(1, 1, (short) 1));
    }

    @Test
    void whoeverWaitsIsToldWhenTheLeadershipIsLost() {
        queue.data.produce("a");
        var dispatchers = queue.dispatchers();
        queue.loop.run(() -> dispatchers.onLeader(KEY, queue.data, queue.cursorLog, 1));
        var dispatcher = dispatchers.dispatcher(KEY).orElseThrow();
        release(queue.acquire(dispatcher, ANN, 1));
        var waiting = queue.acquire(dispatcher, BEN, 1);
        queue.cursorLog.holdCommits();
        var settling = queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        queue.data.loseLeadership();
        queue.loop.run(() -> dispatchers.onResigned(KEY));

        assertThat(got(waiting).ranges()).isEmpty();
        assertThat(settling.getNow(null)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(dispatchers.dispatcher(KEY)).isEmpty();
        assertThat(queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void aCursorLogThatIsNotUnderstoodStopsThePartition() {
        queue.data.produce("a");
        queue.cursorLog.produceGarbage();
        var dispatcher = queue.lead();
        var pending = queue.pending(ANN, 1);

        var visited = dispatcher.acquire(pending);
        queue.loop.run();

        assertThat(visited.getNow(null)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(pending.isClaimed()).isFalse();
    }

    @Test
    void nothingIsDeliveredBeforeTheCursorLogIsCommitted() {
        queue.data.produce("a");
        var before = queue.lead();
        release(queue.acquire(before, ANN, 1));
        queue.cursorLog.holdCommits();
        queue.settle(before, ANN, 0, 0, Verdict.ACCEPT);
        var dispatcher = queue.lead(); // of the same log, whose last record no other replica has yet

        var waiting = queue.acquire(dispatcher, BEN, 1);

        assertThat(waiting).isNotDone();
        queue.cursorLog.releaseCommits();
        assertThat(waiting).isNotDone();
        queue.data.produce("b");
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
        release(waiting);
    }

    @Test
    void checkpointsKeepTheCursorLogShort() {
        queue.rules = new QueueRules(100, 30_000, 2_000, TRIM_INTERVAL_MS, 0);
        var dispatcher = queue.lead();
        for (int i = 0; i < 300; i++) {
            queue.data.produce("a", "b");
            release(queue.acquire(dispatcher, ANN, 2));
            queue.settle(dispatcher, ANN, 2L * i, 2L * i, Verdict.ACCEPT);
            queue.settle(dispatcher, ANN, 2L * i + 1, 2L * i + 1, i % 10 == 0 ? Verdict.RELEASE : Verdict.ACCEPT);
            if (i % 10 == 0) {
                release(queue.acquire(dispatcher, ANN, 1));
            }
        }

        assertThat(queue.cursorLog.logEndOffset() - queue.cursorLog.logStartOffset())
                .isLessThan(queue.cursorLog.logEndOffset() / 4);
        var next = queue.failOver();
        var left = new ArrayList<AcquiredRange>();
        for (int i = 0; i < 30; i++) {
            var got = queue.acquire(next, BEN, 1);
            left.addAll(got(got).ranges());
            release(got);
        }
        for (int i = 0; i < 30; i++) {
            assertThat(left.get(i)).isEqualTo(new AcquiredRange(20L * i + 1, 20L * i + 1, (short) 3));
        }
        assertThat(queue.acquire(next, BEN, 1)).isNotDone();
    }

    @Test
    void whatIsAcknowledgedIsGivenUp() {
        queue.data.produce("a");
        queue.data.produce("b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        queue.loop.pass(TRIM_INTERVAL_MS);

        assertThat(queue.data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void whatIsAcknowledgedIsKeptForReplay() {
        queue.rules = queue.rules.withReplayRetentionMs(10 * TRIM_INTERVAL_MS);
        queue.data.produce("a");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        queue.loop.pass(9 * TRIM_INTERVAL_MS);
        assertThat(queue.data.logStartOffset()).isZero();
        queue.loop.pass(3 * TRIM_INTERVAL_MS);

        assertThat(queue.data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void offsetsThatTheLogHasLostAreNotWaitedFor() {
        queue.data.produce("a");
        queue.data.produce("b");
        var dispatcher = queue.lead();
        queue.data.advanceLogStartOffset(1);

        assertThat(got(queue.acquire(dispatcher, ANN, 2)).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 1));
    }
}
