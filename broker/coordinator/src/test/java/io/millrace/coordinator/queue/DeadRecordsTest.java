package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of records whose delivery fails: they pause, and at last they are dead. */
class DeadRecordsTest {
    private static final ConsumerId ANN = new ConsumerId(1, new UUID(0, 1));
    private static final ConsumerId BEN = new ConsumerId(2, new UUID(0, 2));
    private static final int HELD_MAX = 100;
    private static final long END = 100;

    private RedeliveryPolicy policy = new RedeliveryPolicy(3, 0, 2, 0, false);
    private PartitionCursors cursors = lead();
    private long nowMs = 1_000;

    private PartitionCursors lead() {
        return PartitionCursors.ofQueue(0, QueueLimits.of(HELD_MAX).withRedelivery(() -> policy));
    }

    private QueueCursor queue() {
        return cursors.cursor(null).orElseThrow();
    }

    private void looked() {
        queue().onReserved(new CursorRecord.Delivered(null, END, List.of()));
        queue().all().lookAtPlain(0, END - 1);
    }

    @Test
    void aReleasedRecordPausesWhileOthersPass() {
        policy = new RedeliveryPolicy(0, 100, 2, 1_000, false);
        looked();
        queue().acquire(ANN, 1, END);

        settle(ANN, 0, Verdict.RELEASE, null);

        assertThat(queue().acquire(BEN, 2, END)).containsExactly(new DeliveryCount(1, 2, 1));
        assertThat(queue().nextTimeMs()).isEqualTo(nowMs + 100);
        passUntil(nowMs + 99);
        assertThat(queue().firstAvailable(BEN)).hasValue(3);
        passUntil(nowMs + 1);
        assertThat(queue().acquire(BEN, 1, END)).containsExactly(new DeliveryCount(0, 0, 2));
    }

    @Test
    void eachPauseIsLongerThanTheOneBeforeUpToAMaximum() {
        policy = new RedeliveryPolicy(0, 100, 3, 1_000, false);

        assertThat(LongStream.rangeClosed(1, 5).map(count -> policy.delayMs((int) count)))
                .containsExactly(100L, 300L, 900L, 1_000L, 1_000L);
        assertThat(policy.delayMs(1_000_000_000)).isEqualTo(1_000);
    }

    @Test
    void whatWasNeverHandedToTheApplicationDoesNotPause() {
        policy = new RedeliveryPolicy(3, 100, 2, 1_000, false);
        looked();
        queue().acquire(ANN, 1, END);

        settle(ANN, 0, Verdict.RETURN, null);
        queue().acquire(ANN, 1, END);
        queue().onConsumerGone(ANN);

        assertThat(queue().acquire(BEN, 1, END)).containsExactly(new DeliveryCount(0, 0, 2));
    }

    @Test
    void aRecordIsDeadAfterAsManyDeliveriesAsItMayHave() {
        looked();

        for (int delivery = 1; delivery <= 3; delivery++) {
            assertThat(queue().acquire(ANN, 1, END)).containsExactly(new DeliveryCount(0, 0, delivery));
            settle(ANN, 0, Verdict.RELEASE, "failure " + delivery);
        }

        assertThat(queue().firstAvailable(ANN)).hasValue(1);
        assertThat(queue().dead().first(10))
                .containsExactly(new DeadLetter(0, 3, DeathCause.MAX_DELIVERIES, "failure 3"));
    }

    @Test
    void deliveriesThatTheConsumerHasMadeItselfCount() {
        looked();
        queue().acquire(ANN, 1, END);

        queue().acknowledge(ANN.consumerId(), List.of(new Settlement(0, 0, Verdict.RELEASE, 3, "no")), nowMs);

        assertThat(queue().dead().first(10)).containsExactly(new DeadLetter(0, 3, DeathCause.MAX_DELIVERIES, "no"));
    }

    @Test
    void aRejectedRecordIsDeadAtOnce() {
        looked();
        queue().acquire(ANN, 2, END);

        settle(ANN, 1, Verdict.REJECT, "no invoice");

        assertThat(queue().dead().first(10)).containsExactly(new DeadLetter(1, 1, DeathCause.REJECTED, "no invoice"));
    }

    @Test
    void whereNothingDiesARejectedRecordIsGone() {
        policy = RedeliveryPolicy.AT_ONCE_FOR_EVER;
        looked();
        queue().acquire(ANN, 1, END);

        var outcome = queue().acknowledge(ANN.consumerId(), List.of(new Settlement(0, 0, Verdict.REJECT)), nowMs);

        assertThat(outcome.records())
                .containsExactly(CursorRecord.Acknowledged.of(
                        null, AcknowledgeOutcome.REJECTED, List.of(new OffsetRange(0, 0))));
        assertThat(queue().dead().isEmpty()).isTrue();
    }

    @Test
    void aRecordWhoseConsumersDieHasTwiceAsManyDeliveries() {
        looked();

        for (int delivery = 1; delivery <= 6; delivery++) {
            assertThat(queue().dead().isEmpty()).isTrue();
            queue().acquire(ANN, 1, END);
            queue().onConsumerGone(ANN);
        }

        assertThat(queue().dead().first(10)).containsExactly(new DeadLetter(0, 6, DeathCause.MAX_DELIVERIES, null));
    }

    @Test
    void theGroupOfADeadRecordGoesOnElsewhere() {
        queue().onReserved(new CursorRecord.Delivered(null, END, List.of()));
        var headers = new DeliveryHeaders();
        headers.group(7);
        queue().all().lookAt(0, headers, nowMs);
        queue().all().lookAt(1, headers, nowMs);
        queue().acquire(ANN, 1, END);
        assertThat(queue().firstAvailable(BEN)).isEmpty();

        settle(ANN, 0, Verdict.REJECT, null);

        assertThat(queue().acquire(BEN, 1, END)).containsExactly(new DeliveryCount(1, 1, 1));
    }

    @Test
    void whatExpiresIsDeadWhereThatIsWanted() {
        policy = new RedeliveryPolicy(3, 0, 2, 0, true);
        var headers = new DeliveryHeaders();
        headers.expirationMs(nowMs + 10);
        queue().all().lookAt(0, headers, nowMs);

        passUntil(nowMs + 10);

        assertThat(queue().takeUnwanted()).isEmpty();
        assertThat(queue().dead().first(10)).containsExactly(new DeadLetter(0, 0, DeathCause.EXPIRED, null));
    }

    @Test
    void withTooManyDeadRecordsOthersAreDeliveredOnceMoreAndLater() {
        looked();
        for (int i = 0; i < HELD_MAX / 2; i++) {
            queue().acquire(ANN, 1, END);
            settle(ANN, i, Verdict.REJECT, null);
        }
        queue().acquire(ANN, 1, END);

        settle(ANN, HELD_MAX / 2, Verdict.REJECT, null);

        assertThat(queue().dead().first(HELD_MAX)).hasSize(HELD_MAX / 2);
        assertThat(queue().firstAvailable(ANN)).hasValue(HELD_MAX / 2 + 1);
        passUntil(nowMs + 10_000);
        assertThat(queue().firstAvailable(ANN)).hasValue(HELD_MAX / 2);
    }

    @Test
    void aMoveEndsWhenItsRecordsAreAcknowledged() {
        looked();
        queue().acquire(ANN, 2, END);
        settle(ANN, 0, Verdict.REJECT, null);
        var move = move();
        cursors.commit(move);
        assertThat(queue().dead().moving()).contains(move);

        cursors.commit(move.moved());

        assertThat(queue().dead().moving()).isEmpty();
        assertThat(queue().dead().isEmpty()).isTrue();
        assertThat(queue().prefixEnd()).isEqualTo(1);
        assertThat(queue().heldRecords()).isEqualTo(1);
    }

    @Test
    void theNextLeaderGoesOnWithAMoveAndDeliversItsRecordsToNobody() {
        looked();
        queue().acquire(ANN, 5, END);
        settle(ANN, 2, Verdict.REJECT, null);
        var move = move();

        cursors = lead();
        cursors.replay(move);
        cursors.onLeading(END);
        looked();

        assertThat(queue().dead().moving()).contains(move);
        assertThat(queue().acquire(BEN, 5, END))
                .extracting(DeliveryCount::first, DeliveryCount::last)
                .containsExactly(tuple(0L, 1L), tuple(3L, 5L));
        cursors.commit(move.moved());
        assertThat(queue().dead().isEmpty()).isTrue();
        assertThat(queue().nextUnacknowledged(2)).isEqualTo(3);
    }

    @Test
    void theNextLeaderDoesNotRepeatAMoveThatHasEnded() {
        looked();
        queue().acquire(ANN, 1, END);
        settle(ANN, 0, Verdict.REJECT, null);
        var move = move();

        cursors = lead();
        cursors.replay(move);
        cursors.replay(move.moved());
        cursors.replay(move); // a checkpoint that was taken between
        cursors.onLeading(END);

        assertThat(queue().dead().moving()).isEmpty();
        assertThat(queue().dead().isEmpty()).isTrue();
        assertThat(queue().prefixEnd()).isEqualTo(1);
    }

    @Test
    void aCheckpointKnowsWhatIsBeingMoved() {
        looked();
        queue().acquire(ANN, 1, END);
        settle(ANN, 0, Verdict.REJECT, null);
        var move = move();
        cursors.commit(move);
        var checkpoint = cursors.checkpoint(1, 1);

        cursors = lead();
        checkpoint.forEach(cursors::replay);
        cursors.onLeading(END);

        assertThat(queue().dead().moving()).contains(move);
        assertThat(queue().dead().first(10)).isEqualTo(move.letters());
    }

    @Test
    void whatIsRefusedLetsOthersPass() {
        looked();
        queue().acquire(ANN, 2, END);
        settle(ANN, 0, Verdict.REJECT, null);
        settle(ANN, 1, Verdict.REJECT, null);
        cursors.commit(move());

        queue().dead().onMoveRefused();
        queue().dead().postpone(0);

        assertThat(queue().dead().moving()).isEmpty();
        assertThat(queue().dead().first(1)).extracting(DeadLetter::offset).containsExactly(1L);
    }

    private CursorRecord.DeadLettering move() {
        return (CursorRecord.DeadLettering) read(new CursorRecord.DeadLettering(
                null, "DLQ.work", 0, 4711, queue().dead().first(10)));
    }

    private static CursorRecord read(CursorRecord written) {
        var encoded = CursorRecordFormat.write(written);
        return CursorRecordFormat.read(encoded.key(), encoded.value());
    }

    private void settle(ConsumerId consumer, long offset, Verdict verdict, @Nullable String error) {
        var settled = queue().acknowledge(
                        consumer.consumerId(), List.of(new Settlement(offset, offset, verdict, 1, error)), nowMs);
        assertThat(settled.answer()).isEqualTo(ErrorCode.NONE);
    }

    /** As the leader does when time passes: what is due is looked at again. */
    private void passUntil(long timeMs) {
        nowMs = timeMs;
        queue().onTime(nowMs);
        long next = queue().nextToLookAt(queue().all(), END);
        while (next < Long.MAX_VALUE && queue().all().wasLookedAt(next)) {
            queue().all().lookAtPlain(next, next);
            next = queue().nextToLookAt(queue().all(), END);
        }
    }
}
