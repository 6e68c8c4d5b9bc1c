package io.millrace.coordinator.transaction;

import static io.millrace.coordinator.transaction.Transaction.V1;
import static io.millrace.coordinator.transaction.Transaction.V2;
import static io.millrace.coordinator.transaction.TransactionsFixture.A;
import static io.millrace.coordinator.transaction.TransactionsFixture.ID;
import static io.millrace.coordinator.transaction.TransactionsFixture.TIMEOUT_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may go on under which epoch: KIP-98, KIP-360, KIP-588, KIP-890. */
class ProducerEpochsTest {
    private static final int LAST_EPOCH = Short.MAX_VALUE - 1;

    private final TransactionsFixture coordinator = new TransactionsFixture();

    @Test
    void eachNewProducerGetsTheNextEpochOfTheSameId() {
        var first = coordinator.producer();
        var second = coordinator.producer();

        assertThat(first.epoch()).isZero();
        assertThat(second).isEqualTo(new ProducerIdAndEpoch(first.producerId(), (short) 1));
    }

    @Test
    void aNewProducerAbortsWhatTheOneBeforeLeftOpen() {
        var former = coordinator.producer();
        coordinator.add(former, V1, A);

        assertThat(coordinator.initialize().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        var markers = coordinator.writeMarkers();
        var present = coordinator.producer();

        assertThat(markers).singleElement().matches(due -> !due.committed());
        assertThat(markers.get(0).producer().epoch()).isEqualTo((short) 1);
        assertThat(present.epoch()).isEqualTo((short) 2);
        assertThat(coordinator.end(former, true, V1).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.end(former, true, V2).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void aNewProducerWaitsForMarkersThatAreBeingWritten() {
        var former = coordinator.producer();
        coordinator.add(former, V1, A);
        coordinator.end(former, true, V1);

        assertThat(coordinator.initialize().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.writeMarkers()).singleElement().matches(MarkersDue::committed);
    }

    @Test
    void withoutProducerIdsTheClientAsksAgain() {
        coordinator.withoutProducerIds();

        assertThat(coordinator.initialize().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
    }

    @Test
    void aProducerThatNamesItselfGetsTheNextEpoch() {
        var producer = coordinator.producer();

        var bumped = TransactionsFixture.of(coordinator.initialize(producer));

        assertThat(bumped).isEqualTo(new ProducerIdAndEpoch(producer.producerId(), (short) 1));
    }

    @Test
    void aProducerThatMissedItsNewEpochIsToldItAgain() {
        var producer = coordinator.producer();
        var bumped = TransactionsFixture.of(coordinator.initialize(producer));

        coordinator.failOver();

        assertThat(TransactionsFixture.of(coordinator.initialize(producer))).isEqualTo(bumped);
    }

    @Test
    void aDisplacedProducerCannotNameItselfBack() {
        var displaced = coordinator.producer();
        var present = coordinator.producer();

        assertThat(coordinator.initialize(displaced).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.initialize(present).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator
                        .initialize(new ProducerIdAndEpoch(present.producerId() + 1, present.epoch()))
                        .errorCode())
                .isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void aDisplacedProducerDoesNotAbortTheTransactionOfThePresentOne() {
        var displaced = coordinator.producer();
        var present = coordinator.producer();
        coordinator.add(present, V1, A);

        assertThat(coordinator.initialize(displaced).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);

        assertThat(coordinator.state()).isEqualTo(TransactionState.ONGOING);
    }

    @Test
    void aProducerMayAbortItsOwnTransactionByNamingItself() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        assertThat(coordinator.initialize(producer).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinator.writeMarkers();

        assertThat(TransactionsFixture.of(coordinator.initialize(producer)))
                .isEqualTo(new ProducerIdAndEpoch(producer.producerId(), (short) 1));
    }

    @Test
    void aProducerThatWasOnlyTooSlowComesBack() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.pass(TIMEOUT_MS);
        coordinator.writeMarkers();

        var back = coordinator.initialize(producer);

        assertThat(back.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.add(TransactionsFixture.of(back), V1, A)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aProducerThatWasTooSlowAndThenDisplacedDoesNotComeBack() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);
        coordinator.pass(TIMEOUT_MS);
        coordinator.writeMarkers();
        coordinator.producer();

        assertThat(coordinator.initialize(producer).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void halfAnIdentityIsRefused() {
        var withoutEpoch = new InitProducerIdRequest(ID, TIMEOUT_MS, 1, (short) -1);
        var withoutId = new InitProducerIdRequest(ID, TIMEOUT_MS, -1, (short) 1);
        var withoutName = new InitProducerIdRequest("", TIMEOUT_MS, -1, (short) -1);

        assertThat(coordinator.transactions.initialize(withoutEpoch, 0).answer().errorCode())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(coordinator.transactions.initialize(withoutId, 0).answer().errorCode())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(coordinator.transactions.initialize(withoutName, 0).answer().errorCode())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void whereEpochsAreUsedUpANewProducerGetsANewId() {
        var old = coordinator.producerWithEpoch(LAST_EPOCH);

        var fresh = coordinator.producer();

        assertThat(fresh.producerId()).isNotEqualTo(old.producerId());
        assertThat(fresh.epoch()).isZero();
        assertThat(coordinator.initialize(old).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @Test
    void aProducerThatMissedItsNewIdIsToldItAgain() {
        var old = coordinator.producerWithEpoch(LAST_EPOCH);
        var fresh = TransactionsFixture.of(coordinator.initialize(old));

        coordinator.failOver();

        assertThat(fresh.producerId()).isNotEqualTo(old.producerId());
        assertThat(TransactionsFixture.of(coordinator.initialize(old))).isEqualTo(fresh);
    }

    @Test
    void anExhaustedProducerCanStillBeFenced() {
        var old = coordinator.producerWithEpoch(LAST_EPOCH);
        coordinator.add(old, V1, A);

        coordinator.initialize();
        var markers = coordinator.writeMarkers();
        var fresh = coordinator.producer();

        assertThat(markers.get(0).producer().epoch()).isEqualTo(Short.MAX_VALUE);
        assertThat(fresh.producerId()).isNotEqualTo(old.producerId());
    }

    @ParameterizedTest
    @ValueSource(shorts = {V1, V2})
    void anExhaustedProducerThatWasTooSlowComesBackUnderANewId(short version) {
        var old = coordinator.producerWithEpoch(LAST_EPOCH);
        coordinator.add(old, version, A);
        coordinator.pass(TIMEOUT_MS);
        coordinator.writeMarkers();

        var fresh = TransactionsFixture.of(coordinator.initialize(old));
        var again = TransactionsFixture.of(coordinator.initialize(old));

        assertThat(fresh.producerId()).isNotEqualTo(old.producerId());
        assertThat(fresh.epoch()).isZero();
        assertThat(again).isEqualTo(fresh);
    }

    @Test
    void withTheSecondVersionEachTransactionHasItsOwnEpoch() {
        var first = coordinator.producer();
        coordinator.add(first, V2, A);

        var second = TransactionsFixture.of(coordinator.end(first, true, V2));
        var markers = coordinator.writeMarkers();

        assertThat(second).isEqualTo(new ProducerIdAndEpoch(first.producerId(), (short) 1));
        assertThat(markers.get(0).producer()).isEqualTo(second);
        assertThat(coordinator.add(first, V2, A)).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.add(second, V2, A)).isEqualTo(ErrorCode.NONE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDelayedEndNeverTouchesALaterTransaction(boolean commit) {
        var first = coordinator.producer();
        coordinator.add(first, V2, A);
        var second = TransactionsFixture.of(coordinator.end(first, commit, V2));
        coordinator.writeMarkers();
        coordinator.add(second, V2, A);

        var delayed = coordinator.end(first, commit, V2);

        assertThat(delayed.errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(coordinator.state()).isEqualTo(TransactionState.ONGOING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEndSentAgainTellsTheSameNextEpoch(boolean commit) {
        var first = coordinator.producer();
        coordinator.add(first, V2, A);
        var second = TransactionsFixture.of(coordinator.end(first, commit, V2));

        assertThat(coordinator.end(first, commit, V2).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.end(first, !commit, V2).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
        coordinator.writeMarkers();

        assertThat(TransactionsFixture.of(coordinator.end(first, commit, V2))).isEqualTo(second);
        assertThat(coordinator.end(first, !commit, V2).errorCode()).isEqualTo(ErrorCode.INVALID_TXN_STATE);
    }

    @Test
    void anEmptyTransactionMayBeAbortedAndGetsAnEpochToo() {
        var first = coordinator.producer();

        var second = coordinator.end(first, false, V2);

        assertThat(coordinator.writeMarkers()).isEmpty();
        assertThat(coordinator.state()).isEqualTo(TransactionState.COMPLETE_ABORT);
        assertThat(second.producerEpoch()).isEqualTo((short) 1);
        var third = coordinator.end(TransactionsFixture.of(second), false, V2);
        assertThat(third.producerEpoch()).isEqualTo((short) 2);
        coordinator.writeMarkers();
        assertThat(coordinator.end(TransactionsFixture.of(third), true, V2).errorCode())
                .isEqualTo(ErrorCode.INVALID_TXN_STATE);
    }

    @Test
    void whereEpochsAreUsedUpTheNextTransactionHasANewId() {
        var old = coordinator.producerWithEpoch(LAST_EPOCH);
        coordinator.add(old, V2, A);

        var fresh = TransactionsFixture.of(coordinator.end(old, true, V2));
        var again = coordinator.end(old, true, V2);
        var markers = coordinator.writeMarkers();

        assertThat(fresh.producerId()).isNotEqualTo(old.producerId());
        assertThat(fresh.epoch()).isZero();
        assertThat(again.errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(markers.get(0).producer()).isEqualTo(new ProducerIdAndEpoch(old.producerId(), Short.MAX_VALUE));
        assertThat(coordinator.described().producer()).isEqualTo(fresh);
        coordinator.failOver();
        assertThat(TransactionsFixture.of(coordinator.end(old, true, V2))).isEqualTo(fresh);
        assertThat(coordinator.add(fresh, V2, A)).isEqualTo(ErrorCode.NONE);
        assertThat(coordinator.end(old, true, V2).errorCode()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, LAST_EPOCH})
    void whoGoesOnAtOnceWaitsForTheMarkersOfTheLastTransaction(int epoch) {
        var first = coordinator.producerWithEpoch(epoch);
        coordinator.add(first, V2, A);
        var next = TransactionsFixture.of(coordinator.end(first, true, V2));

        assertThat(coordinator.add(next, V2, A)).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.end(next, false, V2).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(coordinator.initialize(next).errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        coordinator.writeMarkers();

        assertThat(coordinator.end(next, false, V2).errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aClientOfTheFirstVersionKeepsItsEpoch() {
        var producer = coordinator.producer();
        coordinator.add(producer, V1, A);

        var ended = coordinator.end(producer, true, V1);

        assertThat(TransactionsFixture.of(ended)).isEqualTo(producer);
    }
}
