package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueCursorTest {
    private static final ConsumerId ANN = new ConsumerId(1, new UUID(0, 1));
    private static final ConsumerId BEN = new ConsumerId(2, new UUID(0, 2));
    private static final int HELD_MAX = 100;

    private final QueueCursor cursor = cursor(0);

    @BeforeEach
    void reserve() {
        cursor.onReserved(new CursorRecord.Delivered(null, 1_000_000, List.of()));
    }

    private static QueueCursor cursor(long startOffset) {
        var cursor = new QueueCursor(null, startOffset, QueueLimits.of(HELD_MAX));
        cursor.all().lookAtPlain(startOffset, 1_000_000);
        return cursor;
    }

    @Test
    void consumersGetDifferentRecordsInOffsetOrder() {
        assertThat(cursor.acquire(ANN, 3, 10)).containsExactly(new DeliveryCount(0, 2, 1));
        assertThat(cursor.acquire(BEN, 3, 10)).containsExactly(new DeliveryCount(3, 5, 1));
    }

    @Test
    void nothingAboveTheEndIsHandedOut() {
        assertThat(cursor.acquire(ANN, 50, 4)).containsExactly(new DeliveryCount(0, 3, 1));
        assertThat(cursor.acquire(ANN, 50, 4)).isEmpty();
        assertThat(cursor.firstAvailable(ANN)).hasValue(4);
    }

    @Test
    void anAcknowledgementCountsOnceItsRecordIsReplayed() {
        cursor.acquire(ANN, 3, 10);

        Outcome<CursorRecord, ErrorCode> outcome = cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 2)));

        assertThat(outcome.answer()).isEqualTo(ErrorCode.NONE);
        assertThat(cursor.prefixEnd()).isZero();
        replay(outcome);
        assertThat(cursor.prefixEnd()).isEqualTo(3);
        assertThat(cursor.heldRecords()).isZero();
    }

    @Test
    void whatIsBeingSettledIsOutOfReach() {
        cursor.acquire(ANN, 3, 3);
        cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 2)));

        assertThat(cursor.acquire(BEN, 3, 3)).isEmpty();
        assertThat(cursor.onConsumerGone(ANN)).isZero();
        assertThat(cursor.acquire(BEN, 3, 3)).isEmpty();
        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 0))).answer())
                .isEqualTo(ErrorCode.INVALID_RECORD_STATE);
    }

    @Test
    void afterAFailedAppendTheConsumerHoldsItsRecordsAgain() {
        cursor.acquire(ANN, 3, 3);
        var outcome = cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 1), reject(2)));

        cursor.onAppendFailed(outcome.records());

        assertThat(cursor.acquire(BEN, 3, 3)).isEmpty();
        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 2))).answer())
                .isEqualTo(ErrorCode.NONE);
    }

    @Test
    void afterAFailedAppendTheRecordsOfAGoneConsumerComeBack() {
        cursor.acquire(ANN, 3, 3);
        var outcome = cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 2)));
        cursor.onConsumerGone(ANN);

        cursor.onAppendFailed(outcome.records());

        assertThat(cursor.acquire(BEN, 3, 3)).containsExactly(new DeliveryCount(0, 2, 2));
    }

    @Test
    void releasedRecordsGoOutFirstWithTheirCount() {
        cursor.acquire(ANN, 5, 100);

        cursor.acknowledge(ANN.consumerId(), List.of(release(3), release(1)));

        assertThat(cursor.acquire(BEN, 4, 100))
                .containsExactly(new DeliveryCount(1, 1, 2), new DeliveryCount(3, 3, 2), new DeliveryCount(5, 6, 1));
    }

    @Test
    void returnedRecordsAreNotCountedAsDelivered() {
        cursor.acquire(ANN, 2, 100);

        cursor.acknowledge(ANN.consumerId(), List.of(new Settlement(0, 1, Verdict.RETURN)));

        assertThat(cursor.acquire(BEN, 2, 100)).containsExactly(new DeliveryCount(0, 1, 1));
    }

    @Test
    void releasedRecordsCountHoweverOftenTheirConsumerHasDeliveredThem() {
        cursor.acquire(ANN, 2, 100);

        cursor.acknowledge(ANN.consumerId(), List.of(new Settlement(0, 0, Verdict.RELEASE, 3), release(1)));

        assertThat(cursor.acquire(BEN, 2, 100)).containsExactly(new DeliveryCount(0, 0, 4), new DeliveryCount(1, 1, 2));
    }

    @Test
    void aGoneConsumersRecordsComeBackMarked() {
        cursor.acquire(ANN, 2, 100);
        cursor.acquire(BEN, 2, 100);

        assertThat(cursor.onConsumerGone(ANN)).isEqualTo(2);

        assertThat(cursor.acquire(BEN, 3, 100)).containsExactly(new DeliveryCount(0, 1, 2), new DeliveryCount(4, 4, 1));
    }

    @Test
    void settlementsTakeEffectTogetherOrNotAtAll() {
        cursor.acquire(ANN, 2, 100);
        cursor.acquire(BEN, 2, 100);

        var outcome = cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 1), accept(2, 2)));

        assertThat(outcome).isEqualTo(Outcome.answer(ErrorCode.INVALID_RECORD_STATE));
        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 1))).answer())
                .isEqualTo(ErrorCode.NONE);
    }

    @Test
    void overlappingOrReversedSettlementsAreRefused() {
        cursor.acquire(ANN, 10, 100);

        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 4), release(4)))
                        .answer())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(4, 3))).answer())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(-1, 3))).answer())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aConsumerSettlesOverOneConnectionWhatItGotOverAnother() {
        var elsewhere = new ConsumerId(7, ANN.consumerId());
        cursor.acquire(ANN, 1, 100);
        cursor.acquire(elsewhere, 1, 100);

        assertThat(cursor.acknowledge(ANN.consumerId(), List.of(accept(0, 1))).answer())
                .isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aClosedConnectionGivesBackOnlyWhatItBrought() {
        var elsewhere = new ConsumerId(7, ANN.consumerId());
        cursor.acquire(ANN, 1, 100);
        cursor.acquire(elsewhere, 1, 100);

        cursor.onConsumerGone(elsewhere);

        assertThat(cursor.acquire(BEN, 1, 100)).containsExactly(new DeliveryCount(1, 1, 2));
    }

    @Test
    void oneStuckRecordHoldsUpNothing() {
        cursor.acquire(ANN, 1, 1_000_000);

        for (long offset = 1; offset < 1_000_000; offset += HELD_MAX - 1) {
            cursor.acquire(BEN, HELD_MAX, 1_000_000);
            replay(cursor.acknowledge(
                    BEN.consumerId(), List.of(accept(offset, Math.min(999_999, offset + HELD_MAX - 2)))));
        }

        assertThat(cursor.prefixEnd()).isZero();
        assertThat(cursor.acknowledged().nextGap(1)).isEqualTo(1_000_000);
        assertThat(cursor.acknowledged().sizeInBytes()).isLessThan(64);
    }

    @Test
    void moreThanTheBoundIsNeverHeld() {
        cursor.acquire(ANN, 1_000, 1_000);

        assertThat(cursor.heldRecords()).isEqualTo(HELD_MAX);
        assertThat(cursor.firstAvailable(ANN)).isEmpty();
        assertThat(cursor.acquire(BEN, 1, 1_000)).isEmpty();
    }

    @Test
    void whatTheLogNoLongerHasIsForgotten() {
        cursor.acquire(ANN, 10, 100);
        cursor.onConsumerGone(ANN);
        cursor.acquire(BEN, 2, 100);

        cursor.onLogStartOffset(5);

        assertThat(cursor.prefixEnd()).isEqualTo(5);
        assertThat(cursor.acquire(ANN, 2, 100)).containsExactly(new DeliveryCount(5, 6, 2));
        assertThat(cursor.acknowledge(BEN.consumerId(), List.of(accept(0, 1))).answer())
                .isEqualTo(ErrorCode.INVALID_RECORD_STATE);
    }

    @Test
    void aNewLeaderFlagsWhatMayHaveBeenDelivered() {
        cursor.acquire(ANN, 4, 100);
        cursor.acknowledge(ANN.consumerId(), List.of(release(2)));
        cursor.acquire(ANN, 1, 100);
        var delivered = (CursorRecord.Delivered) cursor.takeUnsavedDeliveries().orElseThrow();
        var newLeaders = cursor(0);

        newLeaders.replay(delivered);
        newLeaders.onLeading(5);

        assertThat(newLeaders.acquire(BEN, 8, 100))
                .containsExactly(
                        new DeliveryCount(0, 1, 2),
                        new DeliveryCount(2, 2, 3),
                        new DeliveryCount(3, 4, 2),
                        new DeliveryCount(5, 7, 1));
    }

    @Test
    void nothingIsHandedOutBeforeTheLogSaysThatItMayHaveBeen() {
        var fresh = cursor(10);

        CursorRecord.Delivered reserved = fresh.reserve(ANN).orElseThrow();

        assertThat(reserved).isEqualTo(new CursorRecord.Delivered(null, 10 + DeliveryReservation.AHEAD_MIN, List.of()));
        assertThat(fresh.reserve(ANN)).as("while one is under way").isEmpty();
        assertThat(fresh.firstAvailable(ANN)).isEmpty();
        assertThat(fresh.acquire(ANN, 5, 100)).isEmpty();
        fresh.onReserved(reserved);
        assertThat(fresh.firstAvailable(ANN)).hasValue(10);
        assertThat(fresh.acquire(ANN, 100, 1_000))
                .containsExactly(new DeliveryCount(10, 9 + DeliveryReservation.AHEAD_MIN, 1));
    }

    @Test
    void moreIsReservedWhenHalfIsLeftAndWhenItFailed() {
        var fresh = cursor(0);
        fresh.reserve(ANN);
        fresh.onReservationFailed();
        fresh.onReserved(fresh.reserve(ANN).orElseThrow());

        assertThat(fresh.reserve(ANN)).as("all of it is left").isEmpty();
        fresh.acquire(ANN, DeliveryReservation.AHEAD_MIN / 4, 100);
        fresh.acquire(ANN, DeliveryReservation.AHEAD_MIN / 4, 100);

        assertThat(fresh.reserve(ANN))
                .contains(new CursorRecord.Delivered(null, DeliveryReservation.AHEAD_MIN * 3L / 2, List.of()));
    }

    @Test
    void aCheckpointSaysWhatIsReserved() {
        var fresh = cursor(0);
        fresh.onReserved(fresh.reserve(ANN).orElseThrow());

        assertThat(fresh.deliveredUpTo()).isEqualTo(DeliveryReservation.AHEAD_MIN);
    }

    @Test
    void countsAreSavedOnce() {
        cursor.acquire(ANN, 4, 100);
        assertThat(cursor.takeUnsavedDeliveries()).isEmpty();
        cursor.acknowledge(ANN.consumerId(), List.of(release(1)));
        cursor.acquire(ANN, 1, 100);

        assertThat(cursor.takeUnsavedDeliveries())
                .map(saved -> ((CursorRecord.Delivered) saved).counts())
                .contains(List.of(new DeliveryCount(1, 1, 2)));
        assertThat(cursor.takeUnsavedDeliveries()).isEmpty();
    }

    @Test
    void unsavedCountsAreBounded() {
        for (int i = 0; i < DeliveryCounts.UNSAVED_MAX + 100; i++) {
            cursor.acquire(ANN, 1, 1);
            cursor.acknowledge(ANN.consumerId(), List.of(release(0)));
        }

        var delivered = (CursorRecord.Delivered) cursor.takeUnsavedDeliveries().orElseThrow();

        assertThat(delivered.counts()).hasSizeLessThan(DeliveryCounts.UNSAVED_MAX);
        assertThat(delivered.counts().get(delivered.counts().size() - 1).deliveryCount())
                .isEqualTo(DeliveryCounts.UNSAVED_MAX + 100);
    }

    private void replay(Outcome<CursorRecord, ErrorCode> outcome) {
        outcome.records().forEach(settled -> cursor.replay((CursorRecord.Acknowledged) settled));
    }

    private static Settlement accept(long first, long last) {
        return new Settlement(first, last, Verdict.ACCEPT);
    }

    private static Settlement reject(long offset) {
        return new Settlement(offset, offset, Verdict.REJECT);
    }

    private static Settlement release(long offset) {
        return new Settlement(offset, offset, Verdict.RELEASE);
    }
}
