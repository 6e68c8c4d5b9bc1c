package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.Settlement.Verdict;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Consumers with selectors, on a queue in which every tenth record is red. */
class SelectionTest {
    private static final ConsumerId ANN = new ConsumerId(1, new UUID(0, 1));
    private static final ConsumerId BEN = new ConsumerId(2, new UUID(0, 2));
    private static final ConsumerId CAT = new ConsumerId(3, new UUID(0, 3));
    private static final String RED = "color = 'red'";
    private static final int END = 100;
    private static final long NOW_MS = 1_000;

    private final PartitionCursors cursors = PartitionCursors.ofQueue(0, QueueLimits.of(1_000));
    private final QueueCursor cursor = cursors.cursor(null).orElseThrow();

    @Test
    void aConsumerGetsWhatMatchesAndOthersTheRest() {
        reserveAll();
        cursor.all().lookAtPlain(0, END - 1);
        findRed(BEN);

        assertThat(cursor.acquire(BEN, 2, END)).containsExactly(once(0, 0), once(10, 10));
        assertThat(cursor.acquire(ANN, 12, END)).containsExactly(once(1, 9), once(11, 13));
        assertThat(cursor.acquire(ANN, 100, END)).contains(once(14, 99));
        assertThat(cursor.firstAvailable(BEN)).isEmpty();
    }

    @Test
    void whatIsFarAheadIsFoundBeforeOthersHaveLookedThere() {
        reserveAll();
        cursor.all().lookAtPlain(0, 4);
        findRed(BEN);

        assertThat(cursor.acquire(BEN, 100, END)).hasSize(10);

        cursor.all().lookAtPlain(5, END - 1);
        assertThat(cursor.acquire(ANN, 20, END)).containsExactly(once(1, 9), once(11, 19), once(21, 22));
    }

    @Test
    void whatOthersGiveBackBehindTheScanIsFound() {
        reserveAll();
        cursor.all().lookAtPlain(0, END - 1);
        cursor.acquire(ANN, 15, END);
        findRed(BEN);
        cursor.acquire(BEN, 100, END);

        cursor.acknowledge(ANN.consumerId(), List.of(new Settlement(3, 12, Verdict.RELEASE)));

        assertThat(cursor.acquire(BEN, 100, END)).containsExactly(new DeliveryCount(10, 10, 2));
        assertThat(cursor.acquire(ANN, 1, END)).containsExactly(new DeliveryCount(3, 3, 2));
    }

    @Test
    void whatAConsumerGivesBackGoesFirstWhereverOthersHaveCome() {
        reserveAll();
        findRed(BEN);
        cursor.acquire(BEN, 3, END);
        cursor.onConsumerGone(BEN);

        cursor.all().lookAtPlain(0, END - 1);

        assertThat(cursor.acquire(ANN, 4, END))
                .containsExactly(
                        new DeliveryCount(0, 0, 2),
                        new DeliveryCount(10, 10, 2),
                        new DeliveryCount(20, 20, 2),
                        once(1, 1));
    }

    @Test
    void whatIsAcknowledgedIsNotFoundAgain() {
        reserveAll();
        findRed(BEN);
        cursor.acquire(BEN, 2, END);
        var outcome = cursor.acknowledge(BEN.consumerId(), List.of(new Settlement(10, 10, Verdict.ACCEPT)));
        outcome.records().forEach(cursors::commit);

        cursor.all().lookAtPlain(0, END - 1);
        cursor.select(CAT, RED);

        assertThat(cursor.acquire(CAT, 1, END)).containsExactly(once(20, 20));
        assertThat(cursor.acquire(ANN, 12, END)).containsExactly(once(1, 9), once(11, 13));
    }

    @Test
    void aGroupIsAtOneConsumerWhateverItsSelector() {
        reserveAll();
        var headers = new DeliveryHeaders();
        headers.group(7);
        cursor.select(BEN, RED);
        for (long offset = 0; offset < 3; offset++) {
            cursor.all().lookAt(offset, headers, NOW_MS);
        }
        cursor.selection(BEN).lookAt(0, headers, NOW_MS);
        cursor.selection(BEN).lookAtOthers(1, 1);
        cursor.selection(BEN).lookAt(2, headers, NOW_MS);

        assertThat(cursor.acquire(BEN, 1, END)).containsExactly(once(0, 0));
        assertThat(cursor.acquire(ANN, 9, END)).isEmpty();
        var outcome = cursor.acknowledge(BEN.consumerId(), List.of(new Settlement(0, 0, Verdict.ACCEPT)));
        outcome.records().forEach(cursors::commit);
        assertThat(cursor.acquire(ANN, 1, END)).containsExactly(once(1, 1));
        assertThat(cursor.acquire(BEN, 9, END)).isEmpty();
    }

    @Test
    void whatIsDelayedIsFoundWhenItIsDue() {
        reserveAll();
        var headers = new DeliveryHeaders();
        headers.deliveryTimeMs(NOW_MS + 500);
        cursor.select(BEN, RED);
        cursor.selection(BEN).lookAt(0, headers, NOW_MS);
        cursor.selection(BEN).lookAtOthers(1, END - 1);
        assertThat(cursor.firstAvailable(BEN)).isEmpty();
        assertThat(cursor.nextTimeMs()).isEqualTo(NOW_MS + 500);

        cursor.onTime(NOW_MS + 500);

        assertThat(cursor.nextToLookAt(cursor.selection(BEN), END)).isZero();
        cursor.selection(BEN).lookAtPlain(0, 0);
        assertThat(cursor.acquire(BEN, 1, END)).containsExactly(once(0, 0));
    }

    @Test
    void whatHasExpiredIsSettledOnceWhoeverFindsIt() {
        reserveAll();
        var headers = new DeliveryHeaders();
        headers.expirationMs(NOW_MS + 500);
        cursor.select(BEN, RED);
        cursor.selection(BEN).lookAt(0, headers, NOW_MS);
        cursor.all().lookAt(0, headers, NOW_MS);

        cursor.onTime(NOW_MS + 500);

        assertThat(cursor.takeUnwanted())
                .containsExactly(
                        CursorRecord.Acknowledged.of(null, AcknowledgeOutcome.EXPIRED, List.of(new OffsetRange(0, 0))));
        assertThat(cursor.firstAvailable(ANN)).isEmpty();
        assertThat(cursor.firstAvailable(BEN)).isEmpty();
        assertThat(cursor.heldRecords()).isEqualTo(1);
    }

    @Test
    void theNextLeaderMarksWhatWasDeliveredAndNothingThatLiesBetween() {
        findRed(BEN);
        assertThat(cursor.acquire(BEN, 100, END)).isEmpty();
        CursorRecord.Delivered reserved = cursor.reserve(BEN).orElseThrow();
        assertThat(cursor.reserve(BEN)).isEmpty();
        cursor.onReserved(reserved);
        assertThat(cursor.acquire(BEN, 100, END)).hasSize(10);

        var next = PartitionCursors.ofQueue(0, QueueLimits.of(1_000));
        cursors.checkpoint(1, 0).forEach(next::replay);
        next.onLeading(END);
        QueueCursor taken = next.cursor(null).orElseThrow();
        taken.onReserved(new CursorRecord.Delivered(null, END, List.of()));
        taken.all().lookAtPlain(0, END - 1);

        assertThat(taken.acquire(ANN, 12, END))
                .containsExactly(new DeliveryCount(0, 0, 2), once(1, 9), new DeliveryCount(10, 10, 2), once(11, 11));
    }

    @Test
    void consumersWithTheSameSelectorShareWhatWasFound() {
        reserveAll();
        findRed(BEN);
        cursor.select(CAT, RED);

        assertThat(cursor.nextToLookAt(cursor.selection(CAT), END)).isEqualTo(Long.MAX_VALUE);
        assertThat(cursor.acquire(CAT, 1, END)).containsExactly(once(0, 0));
        assertThat(cursor.acquire(BEN, 1, END)).containsExactly(once(10, 10));
    }

    @Test
    void whatWasFoundIsKeptForTheNextConsumerButNotForEver() {
        findRed(BEN);
        cursor.onConsumerGone(BEN);
        assertThat(cursor.selection(BEN)).isSameAs(cursor.all());
        cursor.select(CAT, RED);
        assertThat(cursor.nextToLookAt(cursor.selection(CAT), END)).isEqualTo(Long.MAX_VALUE);
        cursor.onConnectionClosed(CAT.connectionId());

        for (int i = 0; i < Selections.IDLE_MAX; i++) {
            cursor.select(ANN, "id = " + i);
            cursor.onConsumerGone(ANN);
        }

        cursor.select(CAT, RED);
        assertThat(cursor.nextToLookAt(cursor.selection(CAT), END)).isZero();
    }

    @Test
    void selectorsHaveABound() {
        for (int i = 0; i < Selections.SELECTORS_MAX; i++) {
            assertThat(cursor.select(new ConsumerId(9, new UUID(9, i)), "id = " + i))
                    .isTrue();
        }

        assertThat(cursor.select(BEN, RED)).isFalse();
        assertThat(cursor.select(BEN, "id = 5")).isTrue();
        cursor.onConnectionClosed(9);
        assertThat(cursor.select(CAT, RED)).isTrue();
    }

    private void reserveAll() {
        cursor.onReserved(new CursorRecord.Delivered(null, END, List.of()));
    }

    private void findRed(ConsumerId consumer) {
        cursor.select(consumer, RED);
        Selection selection = cursor.selection(consumer);
        for (long offset = 0; offset < END; offset += 10) {
            selection.lookAtPlain(offset, offset);
            selection.lookAtOthers(offset + 1, offset + 9);
        }
    }

    private static DeliveryCount once(long first, long last) {
        return new DeliveryCount(first, last, 1);
    }
}
