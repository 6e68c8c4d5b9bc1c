package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static io.millrace.server.queue.DispatcherFixture.TRIM_INTERVAL_MS;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static io.millrace.server.queue.DispatcherFixture.valuesIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.coordinator.queue.RedeliveryPolicy;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.record.Compression;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How dead messages come to their queue, whatever fails meanwhile: each once, and none is delivered again. */
class DeadLetterMovesTest {
    private final DispatcherFixture queue = new DispatcherFixture();
    private final FakeDeadLetterQueue dead = new FakeDeadLetterQueue();
    private RedeliveryPolicy policy = new RedeliveryPolicy(2, 0, 2, 0, false);

    @BeforeEach
    void configure() {
        queue.deadLetters = dead;
        queue.rules = queue.rules.withRedelivery(() -> policy);
    }

    @Test
    void aMessageThatFailsTooOftenGoesToTheDeadLetterQueueWithItsHistory() {
        queue.data.produce("before");
        queue.data.produce(
                Compression.GZIP, "poison", "ann", Map.of("color", "red", "JMSExpiration", "99999999999999"));
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));

        fail(dispatcher, 1, "first");
        assertThat(dead.letters).isEmpty();
        fail(dispatcher, 1, "java.lang.Error: second");

        assertThat(dead.letters).hasSize(1);
        var letter = dead.letters.get(0);
        assertThat(letter.key()).isEqualTo("ann");
        assertThat(letter.value()).isEqualTo("poison");
        assertThat(letter.timestampMs()).isEqualTo(5);
        assertThat(letter.headers())
                .containsOnly(
                        Map.entry("color", "red"),
                        Map.entry("JMS_Millrace_Dead_Expiration", "99999999999999"),
                        Map.entry("JMS_Millrace_Dead_Destination", "work"),
                        Map.entry("JMS_Millrace_Dead_TopicId", KEY.topicId().toString()),
                        Map.entry("JMS_Millrace_Dead_Partition", "0"),
                        Map.entry("JMS_Millrace_Dead_Offset", "1"),
                        Map.entry("JMS_Millrace_Dead_Cause", "max.deliveries"),
                        Map.entry("JMS_Millrace_Dead_Deliveries", "2"),
                        Map.entry("JMS_Millrace_Dead_Error", "java.lang.Error: second"),
                        Map.entry("JMS_Millrace_Dead_Timestamp", "5"),
                        Map.entry("JMS_Millrace_Dead_Time", Long.toString(queue.loop.nowMs())));
        queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);
        queue.loop.pass(2 * TRIM_INTERVAL_MS);
        assertThat(queue.data.logStartOffset()).isEqualTo(2);
    }

    @Test
    void theNextDeathReplacesWhatIsSaidOfTheLast() {
        queue.data.produce("poison", null, Map.of("JMS_Millrace_Dead_Error", "old", "JMS_Millrace_Dead_Offset", "77"));
        var dispatcher = queue.lead();

        reject(dispatcher, 0);

        assertThat(dead.letters.get(0).headers())
                .containsEntry("JMS_Millrace_Dead_Offset", "0")
                .containsEntry("JMS_Millrace_Dead_Cause", "rejected")
                .doesNotContainKey("JMS_Millrace_Dead_Error");
    }

    @Test
    void manyDeadMessagesGoTogether() {
        for (int i = 0; i < 10; i++) {
            queue.data.produce("a" + i, "b" + i);
        }
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 20));

        var all = dispatcher.settle(ANN.consumerId(), null, List.of(new Settlement(0, 19, Verdict.REJECT)));
        queue.loop.run();

        assertThat(all.getNow(null)).isEqualTo(ErrorCode.NONE);
        assertThat(dead.values()).hasSize(20).startsWith("a0", "b0", "a1").doesNotHaveDuplicates();
        assertThat(dead.appends).isEqualTo(1);
    }

    @Test
    void whileTheDeadLetterQueueIsOutOfReachTheOthersGoOn() throws Exception {
        queue.data.produce("poison", "a", "b");
        dead.fail(ErrorCode.NOT_ENOUGH_REPLICAS);
        var dispatcher = queue.lead();
        reject(dispatcher, 0);

        var others = queue.acquire(dispatcher, BEN, 10);
        queue.loop.pass(60_000);
        assertThat(got(others).ranges()).containsExactly(new AcquiredRange(1, 2, (short) 1));
        assertThat(dead.letters).isEmpty();
        assertThat(dead.appends).as("attempts within a minute").isBetween(5, 12);
        dead.fail(ErrorCode.NONE);
        queue.loop.pass(60_000);

        assertThat(dead.values()).containsExactly("poison");
        assertThat(queue.acquire(dispatcher, ANN, 10)).isNotDone();
        release(others);
    }

    @Test
    void aDeadLetterQueueThatIsMissingIsAskedForAgain() {
        queue.data.produce("poison");
        dead.miss(true);
        var dispatcher = queue.lead();
        reject(dispatcher, 0);
        queue.loop.pass(10_000);

        dead.miss(false);
        queue.loop.pass(60_000);

        assertThat(dead.values()).containsExactly("poison");
    }

    @Test
    void aMessageThatIsRefusedLetsTheOtherDeadPass() {
        queue.data.produce("too large", "a", "b");
        dead.refuse("too large");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 3));

        dispatcher.settle(ANN.consumerId(), null, List.of(new Settlement(0, 2, Verdict.REJECT)));
        queue.loop.pass(300_000);

        assertThat(dead.values()).containsExactlyInAnyOrder("a", "b");
        assertThat(queue.acquire(dispatcher, BEN, 10)).isNotDone();
        dead.refuse("none");
        queue.loop.pass(300_000);
        assertThat(dead.values()).containsExactlyInAnyOrder("a", "b", "too large");
    }

    @Test
    void aLeaderThatDiesBeforeItHasWrittenLeavesThatToTheNext() {
        queue.data.produce("poison", "other");
        dead.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        reject(queue.lead(), 0);
        dead.fail(ErrorCode.NONE);

        var next = queue.failOver();
        queue.loop.run();

        assertThat(dead.values()).containsExactly("poison");
        var acquired = queue.acquire(next, BEN, 10);
        assertThat(got(acquired).ranges())
                .extracting(AcquiredRange::firstOffset, AcquiredRange::lastOffset)
                .containsExactly(tuple(1L, 1L));
        release(acquired);
    }

    @Test
    void aLeaderThatDiesAfterItHasWrittenDoublesNothing() {
        queue.data.produce("poison");
        dead.loseAnswers(true);
        reject(queue.lead(), 0);
        assertThat(dead.values()).containsExactly("poison");
        dead.loseAnswers(false);

        var next = queue.failOver();
        queue.loop.run();

        assertThat(dead.appends).isEqualTo(2);
        assertThat(dead.values()).containsExactly("poison");
        assertThat(queue.acquire(next, BEN, 10)).isNotDone();
        queue.loop.pass(2 * TRIM_INTERVAL_MS);
        assertThat(queue.data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void aLeaderThatDiesBeforeItHasNotedADeathDeliversTheMessageAgain() {
        queue.data.produce("poison");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        queue.cursorLog.holdCommits();
        long before = queue.cursorLog.logEndOffset();
        queue.settle(dispatcher, ANN, 0, 0, Verdict.REJECT);
        assertThat(dead.letters).isEmpty();

        var next = queue.failOverFrom(before);

        var again = queue.acquire(next, BEN, 1);
        assertThat(got(again).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 2));
        release(again);
    }

    @Test
    void anExpiredMessageIsDeadWhereThatIsConfigured() {
        policy = new RedeliveryPolicy(2, 0, 2, 0, true);
        queue.data.produce(
                "old", null, Map.of("JMSExpiration", Long.toString(queue.loop.nowMs() + TRIM_INTERVAL_MS / 2)));
        queue.lead();

        queue.loop.pass(3 * TRIM_INTERVAL_MS);

        assertThat(dead.letters.get(0).headers())
                .containsEntry("JMS_Millrace_Dead_Cause", "expired")
                .containsEntry("JMS_Millrace_Dead_Deliveries", "0")
                .doesNotContainKey("JMSExpiration");
    }

    @Test
    void aReleasedMessageWaitsForItsTimeAndTheNextLeaderHasItAtOnce() throws Exception {
        policy = new RedeliveryPolicy(0, 700, 2, 60_000, false);
        queue.data.produce("again");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        queue.settle(dispatcher, ANN, 0, 0, Verdict.RELEASE);
        var waiting = queue.acquire(dispatcher, BEN, 1);

        queue.loop.pass(699);
        assertThat(waiting).isNotDone();
        queue.loop.pass(1);

        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 2));
        assertThat(valuesIn(got(waiting))).containsExactly("again");
        queue.settle(dispatcher, BEN, 0, 0, Verdict.RELEASE);
        var next = queue.failOver();
        var again = queue.acquire(next, ANN, 1);
        assertThat(got(again).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 3));
        release(again);
    }

    private void fail(QueueDispatcher dispatcher, long offset, String error) {
        release(queue.acquire(dispatcher, ANN, 1));
        dispatcher.settle(ANN.consumerId(), null, List.of(new Settlement(offset, offset, Verdict.RELEASE, 1, error)));
        queue.loop.run();
    }

    private void reject(QueueDispatcher dispatcher, long offset) {
        release(queue.acquire(dispatcher, ANN, 1));
        queue.settle(dispatcher, ANN, offset, offset, Verdict.REJECT);
    }
}
