package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.TRIM_INTERVAL_MS;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.record.Compression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When a record of a queue is delivered, to whom, and before which others. */
class DeliveryOrderTest {
    private static final ConsumerId CAT = new ConsumerId(3, new UUID(0, 3));

    private final DispatcherFixture queue = new DispatcherFixture();

    @Test
    void aDelayedRecordIsDeliveredWhenItIsDueAndHoldsUpNothing() {
        produceDelayed("late", 500);
        queue.data.produce("b");
        var dispatcher = queue.lead();
        var now = queue.acquire(dispatcher, ANN, 10);
        var waiting = queue.acquire(dispatcher, BEN, 10);
        assertThat(offsets(now)).containsExactly(1L);

        queue.loop.pass(499);
        assertThat(waiting).isNotDone();
        queue.loop.pass(1);

        assertThat(offsets(waiting)).containsExactly(0L);
        assertThat(got(waiting).ranges().get(0).deliveryCount()).isEqualTo((short) 1);
        release(now, waiting);
    }

    @Test
    void theNextLeaderFindsOutAnewWhatIsDelayed() {
        produceDelayed("late", 500);
        queue.data.produce("b");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 10));
        long passedMs = queue.loop.nowMs();

        var next = queue.failOver();
        var others = queue.acquire(next, BEN, 10);
        var waiting = queue.acquire(next, ANN, 10);

        assertThat(offsets(others)).containsExactly(1L);
        assertThat(waiting).isNotDone();
        queue.loop.pass(500 + passedMs - queue.loop.nowMs());
        assertThat(got(waiting).ranges()).containsExactly(new AcquiredRange(0, 0, (short) 1));
        release(others, waiting);
    }

    @Test
    void aTimeThatIsFarAwayIsWaitedFor() {
        produceDelayed("next week", 7 * 24 * 3_600_000L);
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, ANN, 1);

        queue.loop.pass(7 * 24 * 3_600_000L - 1);
        assertThat(waiting).isNotDone();
        queue.loop.pass(1);

        release(waiting);
    }

    @Test
    void whatHasExpiredIsNotDeliveredButSettled() {
        queue.data.produce("a", null, expiringIn(-1));
        queue.data.produce("b");
        var dispatcher = queue.lead();

        var acquired = queue.acquire(dispatcher, ANN, 10);
        assertThat(offsets(acquired)).containsExactly(1L);
        assertThat(queue.settle(dispatcher, ANN, 1, 1, Verdict.ACCEPT).getNow(null))
                .isEqualTo(ErrorCode.NONE);
        queue.loop.pass(TRIM_INTERVAL_MS);

        assertThat(queue.data.logStartOffset()).isEqualTo(2);
        release(acquired);
    }

    @Test
    void whatExpiresWhileNobodyConsumesIsSettled() {
        queue.data.produce("a", null, expiringIn(3 * TRIM_INTERVAL_MS));
        queue.lead();

        queue.loop.pass(2 * TRIM_INTERVAL_MS);
        assertThat(queue.data.logStartOffset()).isZero();
        queue.loop.pass(3 * TRIM_INTERVAL_MS);

        assertThat(queue.data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void whatExpiresBeforeItIsDueIsNeverDelivered() {
        queue.data.produce("a", null, Map.of("JMSDeliveryTime", at(500), "JMSExpiration", at(300)));
        var dispatcher = queue.lead();
        var waiting = queue.acquire(dispatcher, ANN, 1);

        queue.loop.pass(2_000);

        assertThat(waiting).isNotDone();
        assertThat(queue.data.logStartOffset()).isEqualTo(1);
    }

    @Test
    void theSettlementOfWhatHasExpiredIsTriedUntilItSucceeds() {
        queue.data.produce("a", null, expiringIn(-1));
        var dispatcher = queue.lead();
        queue.cursorLog.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);
        var waiting = queue.acquire(dispatcher, ANN, 10);

        queue.loop.pass(2 * TRIM_INTERVAL_MS);
        assertThat(queue.data.logStartOffset()).isZero();
        queue.cursorLog.refuseAppends(ErrorCode.NONE);
        queue.loop.pass(3 * TRIM_INTERVAL_MS);

        assertThat(queue.data.logStartOffset()).isEqualTo(1);
        assertThat(waiting).isNotDone();
    }

    @Test
    void higherPrioritiesComeFirst() {
        for (int priority : List.of(4, 0, 9, 4, 9, 1)) {
            queue.data.produce("p" + priority, null, Map.of("JMSPriority", Integer.toString(priority)));
        }
        var dispatcher = queue.lead();

        var acquired = queue.acquire(dispatcher, ANN, 10);

        assertThat(offsets(acquired)).containsExactly(2L, 4L, 0L, 3L, 5L, 1L);
        release(acquired);
    }

    @Test
    void theHeadersOfACompressedBatchAreRead() {
        queue.data.produce("a");
        queue.data.produce(Compression.GZIP, "b", null, Map.of("JMSPriority", "9"));
        var dispatcher = queue.lead();

        var acquired = queue.acquire(dispatcher, ANN, 10);

        assertThat(offsets(acquired)).containsExactly(1L, 0L);
        release(acquired);
    }

    @Test
    void whatIsGivenBackComesFirstInItsPriority() {
        queue.data.produce("a", "b");
        produceUrgent("c");
        produceUrgent("d");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 3));
        queue.settle(dispatcher, ANN, 0, 0, Verdict.RELEASE);
        queue.settle(dispatcher, ANN, 2, 2, Verdict.RELEASE);

        var again = queue.acquire(dispatcher, BEN, 10);

        assertThat(offsets(again)).containsExactly(2L, 0L, 1L);
        release(again);
    }

    @Test
    void aHighPriorityIsFoundFarAheadAndReadInFewPlaces() {
        for (int i = 0; i < 3_000; i++) {
            queue.data.produce("plain" + i);
        }
        produceUrgent("urgent");
        queue.rules = new QueueRules(10_000, 30_000, 1 << 20, TRIM_INTERVAL_MS, 0, 10_000);
        var dispatcher = queue.lead();

        var acquired = queue.acquire(dispatcher, ANN, 3);

        assertThat(offsets(acquired)).containsExactly(3_000L, 0L, 1L);
        release(acquired);
    }

    @Test
    void consumersWorkOnDifferentGroupsAndOneGroupStaysTogether() {
        for (String group : List.of("x", "x", "y", "x", "y", "z")) {
            queue.data.produce(group, group, Map.of());
        }
        var dispatcher = queue.lead();
        var ann = queue.acquire(dispatcher, ANN, 1);
        var ben = queue.acquire(dispatcher, BEN, 1);
        var cat = queue.acquire(dispatcher, CAT, 5);

        assertThat(offsets(ann)).containsExactly(0L);
        assertThat(offsets(ben)).containsExactly(2L);
        assertThat(offsets(cat)).containsExactly(5L);
        var catWaits = queue.acquire(dispatcher, CAT, 5);
        var annsNext = queue.acquire(dispatcher, ANN, 5);
        assertThat(offsets(annsNext)).containsExactly(1L, 3L);
        assertThat(catWaits).isNotDone();
        queue.settle(dispatcher, BEN, 2, 2, Verdict.ACCEPT);
        assertThat(offsets(catWaits)).as("free again").containsExactly(4L);
        release(ann, ben, cat, annsNext, catWaits);
    }

    @Test
    void aGroupIsInFlightUntilItsSettlementIsCommitted() {
        queue.data.produce("a", "g", Map.of());
        queue.data.produce("b", "g", Map.of());
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 1));
        var waiting = queue.acquire(dispatcher, BEN, 1);
        queue.cursorLog.holdCommits();

        queue.settle(dispatcher, ANN, 0, 0, Verdict.ACCEPT);

        assertThat(waiting).isNotDone();
        queue.cursorLog.releaseCommits();
        assertThat(offsets(waiting)).containsExactly(1L);
        release(waiting);
    }

    @Test
    void aReleasedMessageComesBeforeItsSuccessorsInTheGroup() {
        for (int i = 0; i < 4; i++) {
            queue.data.produce("m" + i, "g", Map.of());
        }
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 2));
        dispatcher.onConnectionClosed(ANN.connectionId());
        queue.loop.run();

        var again = queue.acquire(dispatcher, BEN, 10);

        assertThat(offsets(again)).containsExactly(0L, 1L, 2L, 3L);
        release(again);
    }

    private void produceDelayed(String value, long delayMs) {
        queue.data.produce(value, null, Map.of("JMSDeliveryTime", at(delayMs)));
    }

    private void produceUrgent(String value) {
        queue.data.produce(value, null, Map.of("JMSPriority", "9"));
    }

    private Map<String, String> expiringIn(long milliseconds) {
        return Map.of("JMSExpiration", at(milliseconds));
    }

    private String at(long distanceMs) {
        return Long.toString(queue.loop.nowMs() + distanceMs);
    }

    private static List<Long> offsets(CompletableFuture<Acquired> acquired) {
        var offsets = new ArrayList<Long>();
        for (AcquiredRange range : got(acquired).ranges()) {
            for (long offset = range.firstOffset(); offset <= range.lastOffset(); offset++) {
                offsets.add(offset);
            }
        }
        return offsets;
    }
}
