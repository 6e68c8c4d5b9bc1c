package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.record.Compression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Consumers with selectors on a queue. */
class SelectorDispatchTest {
    private static final ConsumerId CAT = new ConsumerId(3, new UUID(0, 3));
    private static final String RED = "color = 'red'";
    private static final String BLUE = "color = 'blue'";

    private final DispatcherFixture queue = new DispatcherFixture();

    @Test
    void consumersGetWhatMatchesAndOthersTheRest() {
        produce("red", "blue", "green", "red", "blue");
        var dispatcher = queue.lead();

        var red = queue.acquire(dispatcher, ANN, RED, 10);
        var blue = queue.acquire(dispatcher, BEN, BLUE, 1);
        var rest = queue.acquire(dispatcher, CAT, 10);

        assertThat(offsets(red)).containsExactly(0L, 3L);
        assertThat(offsets(blue)).containsExactly(1L);
        assertThat(offsets(rest)).containsExactly(2L, 4L);
        release(red, blue, rest);
    }

    @Test
    void aConsumerWaitsForWhatMatches() {
        produce("blue");
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, ANN, RED, 10);

        produce("green");
        assertThat(waiting).isNotDone();
        produce("red");

        assertThat(offsets(waiting)).containsExactly(2L);
        release(waiting);
    }

    @Test
    void theSearchBehindManyOthersHoldsUpNobody() {
        String[] others = new String[1_000];
        Arrays.fill(others, "another one");
        for (int batch = 0; batch < 200; batch++) {
            queue.data.produce(others);
        }
        produce("blue", "red");
        var dispatcher = queue.lead();
        var served = new ArrayList<String>();

        var red = pending(ANN, RED);
        var blue = pending(BEN, BLUE);
        var any = queue.pending(CAT, 10);
        red.acquired().thenRun(() -> served.add("red"));
        blue.acquired().thenRun(() -> served.add("blue"));
        any.acquired().thenRun(() -> served.add("any"));
        List.of(red, blue, any).forEach(dispatcher::acquire);
        queue.loop.run();

        assertThat(served)
                .containsExactlyInAnyOrder("any", "blue", "red")
                .first()
                .isEqualTo("any");
        assertThat(offsets(red.acquired())).containsExactly(200_001L);
        assertThat(offsets(blue.acquired())).containsExactly(200_000L);
        release(red.acquired(), blue.acquired(), any.acquired());
    }

    @Test
    void whatIsReleasedBehindTheScanIsDelivered() {
        produce("red", "red", "blue");
        var dispatcher = queue.lead();
        var held = queue.acquire(dispatcher, ANN, 2);
        var waiting = queue.acquire(dispatcher, BEN, RED, 10);
        assertThat(waiting).isNotDone();

        queue.settle(dispatcher, ANN, 1, 1, Verdict.RELEASE);

        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 2));
        release(held, waiting);
    }

    @Test
    void whatBecomesDueBehindTheScanIsDelivered() {
        queue.data.produce("late", null, Map.of("color", "red", "JMSDeliveryTime", "" + (queue.loop.nowMs() + 500)));
        produce("red");
        var dispatcher = queue.lead();
        var now = queue.acquire(dispatcher, ANN, RED, 10);
        var waiting = queue.acquire(dispatcher, BEN, RED, 10);
        assertThat(offsets(now)).containsExactly(1L);

        queue.loop.pass(499);
        assertThat(waiting).isNotDone();
        queue.loop.pass(1);

        assertThat(offsets(waiting)).containsExactly(0L);
        release(now, waiting);
    }

    @Test
    void higherPrioritiesComeFirstAndWhatHasExpiredNever() {
        queue.data.produce("a", null, Map.of("color", "red", "JMSExpiration", "1"));
        queue.data.produce("b", null, Map.of("color", "red"));
        queue.data.produce("c", null, Map.of("color", "red", "JMSPriority", "9"));
        queue.data.produce("d", null, Map.of("color", "blue", "JMSPriority", "9"));
        var dispatcher = queue.lead();

        var acquired = queue.acquire(dispatcher, ANN, RED, 10);

        assertThat(offsets(acquired)).containsExactly(2L, 1L);
        release(acquired);
    }

    @Test
    void aGroupStaysAtOneConsumerAcrossSelectors() {
        queue.data.produce("a", "group", Map.of("color", "red"));
        queue.data.produce("b", "group", Map.of("color", "blue"));
        var dispatcher = queue.lead();
        var red = queue.acquire(dispatcher, ANN, RED, 10);
        var blue = queue.acquire(dispatcher, BEN, BLUE, 10);
        assertThat(offsets(red)).containsExactly(0L);
        assertThat(blue).isNotDone();

        queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        assertThat(offsets(blue)).containsExactly(1L);
        release(red, blue);
    }

    @Test
    void theNextLeaderSearchesAnewAndMarksWhatWasDelivered() {
        produce("blue", "red", "blue", "red");
        var dispatcher = queue.lead();
        var before = queue.acquire(dispatcher, ANN, RED, 1);
        assertThat(offsets(before)).containsExactly(1L);

        var next = queue.failOver();
        var red = queue.acquire(next, ANN, RED, 10);
        var rest = queue.acquire(next, BEN, 10);

        assertThat(got(red).ranges()).startsWith(new AcquiredRange(1, 1, (short) 2));
        assertThat(offsets(red)).containsExactly(1L, 3L);
        assertThat(got(rest).ranges())
                .containsExactly(new AcquiredRange(0, 0, (short) 1), new AcquiredRange(2, 2, (short) 1));
        release(before, red, rest);
    }

    @Test
    void aClosedConnectionGivesBackWhatItsConsumerHad() {
        produce("blue", "red");
        var dispatcher = queue.lead();
        var before = queue.acquire(dispatcher, ANN, RED, 1);
        var waiting = queue.acquire(dispatcher, BEN, RED, 1);

        dispatcher.onConnectionClosed(ANN.connectionId());
        queue.loop.run();

        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(1, 1, (short) 2));
        release(before, waiting);
    }

    @Test
    void everythingThatASelectorMayNameIsRead() {
        queue.data.produce(
                Compression.GZIP,
                "a",
                "ann",
                Map.of(
                        "count", "5",
                        "JMS_Millrace_Types", "count:int",
                        "JMSType", "order",
                        "JMSPriority", "7",
                        "JMSMessageID", "ID:1",
                        "JMSCorrelationID", "7"));
        queue.data.produce(Compression.GZIP, "b", null, Map.of());
        var dispatcher = queue.lead();

        for (String selector : List.of(
                "count + 1 = 6 AND JMSType LIKE 'ord%' AND other IS NULL",
                "JMSXGroupID = 'ann' AND JMSPriority > 6 AND JMSTimestamp = 5",
                "JMSMessageID = 'ID:1' AND JMSCorrelationID = '7' AND JMSDeliveryMode = 'PERSISTENT'")) {
            assertFound(dispatcher, selector, 0);
        }
        assertFound(dispatcher, "JMSMessageID = 'ID:" + KEY.topicId() + "-0@1'", 1);
    }

    private void assertFound(QueueDispatcher dispatcher, String selector, long offset) {
        var found = queue.acquire(dispatcher, ANN, selector, 10);
        assertThat(offsets(found)).as(selector).containsExactly(offset);
        queue.settle(dispatcher, ANN, offset, offset, Verdict.RELEASE);
        release(found);
    }

    @Test
    void aConsumerWithoutAConnectionLeavesNothingBehind() {
        produce("red");
        var dispatcher = queue.lead();

        var kind = new PendingAcquire.Kind(null, RED);
        var pending = new PendingAcquire(ANN, kind, 1, 1 << 20, () -> false);
        assertThat(dispatcher.acquire(pending)).isNotDone();
        queue.loop.run();

        assertThat(got(pending.acquired()).errorCode().isError()
                        || got(pending.acquired()).ranges().isEmpty())
                .isTrue();
        var rest = queue.acquire(dispatcher, BEN, 1);
        assertThat(offsets(rest)).containsExactly(0L);
        release(rest);
    }

    private PendingAcquire pending(ConsumerId consumer, String selector) {
        return new PendingAcquire(consumer, new PendingAcquire.Kind(null, selector), 10, 1 << 20, () -> true);
    }

    private void produce(String... colors) {
        for (String color : colors) {
            queue.data.produce(color, null, Map.of("color", color));
        }
    }

    private static List<Long> offsets(CompletableFuture<Acquired> acquired) {
        assertThat(got(acquired).errorCode()).isEqualTo(ErrorCode.NONE);
        var offsets = new ArrayList<Long>();
        for (AcquiredRange range : got(acquired).ranges()) {
            for (long offset = range.firstOffset(); offset <= range.lastOffset(); offset++) {
                offsets.add(offset);
            }
        }
        return offsets;
    }
}
