package io.millrace.coordinator.transaction;

import static io.millrace.coordinator.transaction.Transaction.V1;
import static io.millrace.coordinator.transaction.Transaction.V2;
import static io.millrace.coordinator.transaction.TransactionsFixture.A;
import static io.millrace.coordinator.transaction.TransactionsFixture.B;
import static io.millrace.coordinator.transaction.TransactionsFixture.ID;
import static io.millrace.coordinator.transaction.TransactionsFixture.TIMEOUT_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.InitProducerIdRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** KIP-98 and what was made of it: partitions, ends, markers, time. */
class TransactionsTest {
    private final TransactionsFixture coordinator = new TransactionsFixture();

    @Test
    void aCommittedTransactionGetsMarkersInAllItsPartitions() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.add(producer, V1, B);

        var ended = coordinator.end(producer, true, V1);
        var markers = coordinator.writeMarkers();

        assertThat(ended.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(markers).singleElement().satisfies(due -> {
            assertThat(due.committed()).isTrue();
            assertThat(due.producer()).isEqualTo(producer);
            assertThat(due.partitions()).containsExactly(A, B);
        });
        assertThat(coordinator.state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void anAbortedTransactionGetsAbortMarkers() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        coordinator.end(producer, false, V1);

        assertThat(coordinator.writeMarkers()).singleElement().matches(due -> !due.committed());
        assertThat(coordinator.state()).isEqualTo(TransactionState.COMPLETE_ABORT);
    }

    @Test
    void partitionsAreAddedOnlyByTheProducerThatIsKnown() {
        var producer = coordinator.producer();
        var zombie = coordinator.producer();
        var present = coordinator.producer();

        assertThat(coordinator.add(producer, V1, A)).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.add(zombie, V1, A)).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.add(new ProducerIdAndEpoch(5, (short) 0), V1, A))
                .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        assertThat(coordinator.add(present, V1, A)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.apply(coordinator.transactions.add("nobody", present, List.of(A), V1, 0)))
                .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        assertThat(coordinator.apply(coordinator.transactions.add("", present, List.of(A), V1, 0)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void addingWhatIsAddedWritesNothing() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A, B);

        var again = coordinator.transactions.add(ID, producer, List.of(B), V1, coordinator.nowMs);

        assertThat(again.records()).isEmpty();
        assertThat(again.answer()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void nothingIsAddedWhileMarkersAreWritten() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.end(producer, true, V1);

        assertThat(coordinator.add(producer, V1, B)).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinator.writeMarkers();
        assertThat(coordinator.add(producer, V1, B)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.described().partitions()).containsExactly(B);
    }

    @Test
    void nothingIsDecidedWhileARecordIsOnItsWay() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.holdAppends();
        coordinator.end(producer, true, V1);

        assertThat(coordinator.end(producer, false, V1).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.add(producer, V1, B)).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.initialize().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.transactions.expire(Long.MAX_VALUE).records()).isEmpty();
    }

    @Test
    void partitionsAreAddedWhileOthersAre() {
        var producer = coordinator.producer();
        coordinator.holdAppends();
        assertThat(coordinator.add(producer, V2, A)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.add(producer, V2, B)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.add(producer, V2, B)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.end(producer, true, V2).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);

        coordinator.releaseAppends();

        assertThat(coordinator.described().partitions()).containsExactly(A, B);
        assertThat(coordinator.end(producer, true, V2).errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anEndThatIsNotWrittenNeverHappened() {
        var producer = coordinator.producer();
        coordinator.add(producer, V2, A);
        coordinator.holdAppends();
        coordinator.end(producer, true, V2);

        coordinator.refuseAppends();

        assertThat(coordinator.writeMarkers()).isEmpty();
        assertThat(coordinator.state()).isEqualTo(TransactionState.ONGOING);
        assertThat(coordinator.end(producer, false, V2).errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aNewIdThatIsNotWrittenIsUnknown() {
        coordinator.holdAppends();
        coordinator.initialize();
        coordinator.refuseAppends();

        assertThat(coordinator.transactions.describe(ID)).isEmpty();
        assertThat(coordinator.initialize().producerEpoch()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEndSentAgainIsAnsweredAsTheFirstTime(boolean commit) {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.end(producer, commit, V1);

        assertThat(coordinator.end(producer, commit, V1).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.end(producer, !commit, V1).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
        coordinator.writeMarkers();
        assertThat(coordinator.end(producer, commit, V1).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.end(producer, !commit, V1).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
    }

    @Test
    void whatWasNeverBegunCannotEnd() {
        var producer = coordinator.producer();

        assertThat(coordinator.end(producer, true, V1).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
        assertThat(coordinator.end(producer, false, V1).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
        assertThat(coordinator.end(producer, true, V2).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
        assertThat(coordinator
                        .apply(coordinator.transactions.end(new EndTxnRequest("nobody", 1, (short) 0, true), V1, 0))
                        .errorCode())
                .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        assertThat(coordinator
                        .apply(coordinator.transactions.end(new EndTxnRequest("", 1, (short) 0, true), V1, 0))
                        .errorCode())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aMarkerThatFailsIsSentAgainAfterAWhile() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A, B);
        coordinator.end(producer, true, V1);
        coordinator.runDue();
        MarkersDue first = coordinator.transactions.takeMarkers().get(0);

        coordinator.transactions.onMarkersWritten(first, List.of(A));
        coordinator.transactions.onMarkersFailed(first, List.of(B), coordinator.nowMs);
        coordinator.runDue();

        assertThat(coordinator.transactions.takeMarkers()).isEmpty();
        coordinator.pass(Transactions.RETRY_MS);
        assertThat(coordinator.transactions.takeMarkers())
                .singleElement()
                .satisfies(again -> assertThat(again.partitions()).containsExactly(B));
        assertThat(coordinator.state()).isEqualTo(TransactionState.PREPARE_COMMIT);
    }

    @Test
    void aTransactionIsCompletedAtOnceWhereEveryPartitionTookItsMarker() {
        var producer = coordinator.producer();
        coordinator.add(producer, V2, A, B);
        coordinator.end(producer, true, V2);
        coordinator.runDue();
        MarkersDue markers = coordinator.transactions.takeMarkers().get(0);

        for (TransactionPartition partition : List.of(A, B)) {
            coordinator.transactions.onMarkersWritten(markers, List.of(partition));
            coordinator.transactions.onMarkersFailed(markers, List.of(), coordinator.nowMs);
        }
        coordinator.runDue();

        assertThat(coordinator.state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void aLateAnswerToAMarkerDoesNotTouchALaterTransaction() {
        var producer = coordinator.producer();
        coordinator.add(producer, V2, A);
        var next = TransactionsFixture.of(coordinator.end(producer, true, V2));
        MarkersDue first = coordinator.writeMarkers().get(0);
        coordinator.add(next, V2, A);
        coordinator.end(next, true, V2);
        coordinator.runDue();

        coordinator.transactions.onMarkersWritten(first, List.of(A));
        coordinator.runDue();

        assertThat(coordinator.state()).isEqualTo(TransactionState.PREPARE_COMMIT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextCoordinatorWritesTheMarkersOfWhatWasDecided(boolean commit) {
        var producer = coordinator.producer();
        coordinator.add(producer, V2, A, B);
        var next = TransactionsFixture.of(coordinator.end(producer, commit, V2));

        coordinator.failOver();

        assertThat(coordinator.writeMarkers()).singleElement().satisfies(due -> {
            assertThat(due.committed()).isEqualTo(commit);
            assertThat(due.producer()).isEqualTo(next);
            assertThat(due.partitions()).containsExactly(A, B);
        });
        assertThat(coordinator.end(producer, commit, V2)).satisfies(again -> {
            assertThat(again.errorCode()).isEqualTo(ErrorCode.NONE);
            assertThat(TransactionsFixture.of(again)).isEqualTo(next);
        });
    }

    @Test
    void theNextCoordinatorGoesOnWithWhatIsOpen() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        coordinator.failOver();

        assertThat(coordinator.add(producer, V1, B)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.end(producer, true, V1).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.writeMarkers().get(0).partitions()).containsExactly(A, B);
    }

    @Test
    void aTransactionThatIsOpenForTooLongIsAbortedAndItsProducerFenced() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        coordinator.pass(TIMEOUT_MS - 1);
        assertThat(coordinator.state()).isEqualTo(TransactionState.ONGOING);
        coordinator.pass(1);
        var markers = coordinator.writeMarkers();

        assertThat(markers).singleElement().satisfies(due -> {
            assertThat(due.committed()).isFalse();
            assertThat(due.producer().epoch()).isEqualTo((short) (producer.epoch() + 1));
        });
        assertThat(coordinator.end(producer, true, V1).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.end(producer, true, V2).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void anAbortForTimeThatCannotBeWrittenIsTriedAgain() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.holdAppends();
        coordinator.pass(TIMEOUT_MS);
        coordinator.refuseAppends();

        coordinator.pass(Transactions.RETRY_MS);

        assertThat(coordinator.state()).isEqualTo(TransactionState.PREPARE_ABORT);
        assertThat(coordinator.described().producerEpoch()).isEqualTo((short) (producer.epoch() + 1));
    }

    @Test
    void aTransactionThatIsDecidedIsNotAbortedHoweverLongItsMarkersTake() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.end(producer, true, V1);

        coordinator.pass(100L * TIMEOUT_MS);

        assertThat(coordinator.state()).isEqualTo(TransactionState.PREPARE_COMMIT);
        assertThat(coordinator.writeMarkers()).singleElement().matches(MarkersDue::committed);
    }

    @Test
    void anIdThatIsNotUsedIsForgotten() {
        var producer = coordinator.producer();
        coordinator.pass(TransactionConfiguration.DEFAULT.transactionalIdExpirationMs());

        assertThat(coordinator.transactions.describe(ID)).isEmpty();
        assertThat(coordinator.add(producer, V1, A)).isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        coordinator.failOver();
        assertThat(coordinator.transactions.describe(ID)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 15 * 60 * 1000 + 1, Integer.MAX_VALUE})
    void aTimeoutOutOfBoundsIsRefused(int timeoutMs) {
        var answer = coordinator.apply(
                coordinator.transactions.initialize(new InitProducerIdRequest(ID, timeoutMs, -1, (short) -1), 0));

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }

    @Test
    void onlyPartitionsOfTheOngoingTransactionAreVerified() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        var verified = coordinator.transactions.verify(ID, producer);
        assertThat(verified.apply(A)).isEqualTo(ErrorCode.NONE);
        assertThat(verified.apply(B)).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(coordinator.transactions.verify("nobody", producer).apply(A))
                .isEqualTo(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        assertThat(coordinator
                        .transactions
                        .verify(ID, new ProducerIdAndEpoch(producer.producerId(), (short) 7))
                        .apply(A))
                .isEqualTo(ErrorCode.PRODUCER_FENCED);

        coordinator.end(producer, true, V1);
        assertThat(coordinator.transactions.verify(ID, producer).apply(A)).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinator.writeMarkers();
        assertThat(coordinator.transactions.verify(ID, producer).apply(A)).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
    }

    @Test
    void transactionsAreListed() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        assertThat(coordinator.transactions.list()).containsOnlyKeys(ID);
        assertThat(coordinator.transactions.list().get(ID).state().kafkaName()).isEqualTo("Ongoing");
    }

    @Test
    void whatIsDueAtOnceIsWrittenInParts() {
        for (int i = 0; i < 1_500; i++) {
            coordinator.apply(coordinator.transactions.initialize(
                    new InitProducerIdRequest("id-" + i, TIMEOUT_MS, -1, (short) -1), coordinator.nowMs));
        }
        coordinator.nowMs += TransactionConfiguration.DEFAULT.transactionalIdExpirationMs();

        var first = coordinator.transactions.expire(coordinator.nowMs);
        boolean isMore = coordinator.transactions.nextDeadlineMs() <= coordinator.nowMs;
        var second = coordinator.transactions.expire(coordinator.nowMs);

        assertThat(first.records()).hasSize(Transactions.EXPIRED_MAX);
        assertThat(isMore).isTrue();
        assertThat(second.records()).hasSize(500);
        coordinator.apply(first);
        coordinator.apply(second);
        assertThat(coordinator.transactions.list()).isEmpty();
    }
}
