package io.millrace.faults.history;

import static io.millrace.faults.history.Send.Outcome.ACKNOWLEDGED;
import static io.millrace.faults.history.Send.Outcome.REFUSED;
import static io.millrace.faults.history.Send.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicCheckTest {
    private final History history = new History();
    private long number;

    @Test
    void aHistoryInWhichEverythingSentIsReadInOrderIsGood() {
        acknowledged("a", 0, 0);
        acknowledged("b", 1, 0);
        acknowledged("c", 0, 2);

        read("live", 0, 0, "a");
        read("live", 1, 0, "b");
        read("live", 0, 2, "c");

        assertThat(anomalies()).isEmpty();
    }

    @Test
    void aSendOfUnknownEndMayBeReadOrNot() {
        sent("a", 0, UNKNOWN, -1);
        sent("b", 0, UNKNOWN, -1);

        read("live", 0, 0, "b");

        assertThat(anomalies()).isEmpty();
    }

    @Test
    void anAcknowledgedSendBelowWhatWasReadThatNobodyReadIsLost() {
        acknowledged("a", 0, 0);
        acknowledged("b", 0, 1);

        read("final", 0, 1, "b");

        assertThat(kinds()).containsExactly(AnomalyKind.LOST_WRITE);
    }

    @Test
    void anAcknowledgedSendBeyondAllThatWasReadIsUnseen() {
        acknowledged("a", 0, 0);
        acknowledged("b", 0, 1);

        read("final", 0, 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.UNSEEN);
    }

    @Test
    void aRefusedSendThatIsReadIsFound() {
        sent("a", 0, REFUSED, -1);

        read("final", 0, 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.REFUSED_YET_READ);
    }

    @Test
    void aValueAtTwoOffsetsIsADuplicate() {
        acknowledged("a", 0, 0);

        read("final", 0, 0, "a");
        read("final", 0, 1, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.DUPLICATE);
    }

    @Test
    void anOffsetWithTwoValuesIsInconsistent() {
        sent("a", 0, UNKNOWN, -1);
        sent("b", 0, UNKNOWN, -1);

        read("live", 0, 0, "a");
        read("final", 0, 0, "b");

        assertThat(kinds()).containsExactly(AnomalyKind.INCONSISTENT_OFFSETS);
    }

    @Test
    void aConsumerThatPassesOverARecordThatAnotherSawSkips() {
        acknowledged("a", 0, 0);
        acknowledged("b", 0, 1);
        acknowledged("c", 0, 2);

        read("live", 0, 0, "a");
        read("live", 0, 2, "c");
        read("final", 0, 0, "a");
        read("final", 0, 1, "b");
        read("final", 0, 2, "c");

        assertThat(kinds()).containsExactly(AnomalyKind.POLL_SKIP);
    }

    @Test
    void anOffsetWhereNobodySawARecordMayBePassedOver() {
        read("live", 0, 0, "a");
        read("live", 0, 2, "c");

        assertThat(anomalies()).isEmpty();
    }

    @Test
    void aConsumerThatGoesBackIsFound() {
        acknowledged("a", 0, 0);
        acknowledged("b", 0, 1);

        read("live", 0, 0, "a");
        read("live", 0, 1, "b");
        read("live", 0, 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.NONMONOTONIC_POLL);
    }

    @Test
    void aProducerWhoseLaterRecordIsBeforeItsEarlierOneIsFound() {
        acknowledged("a", 0, 1);
        acknowledged("b", 0, 0);

        read("final", 0, 0, "b");
        read("final", 0, 1, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.NONMONOTONIC_SEND);
    }

    private void acknowledged(String value, int partition, long offset) {
        sent(value, partition, ACKNOWLEDGED, offset);
    }

    private void sent(String value, int partition, Send.Outcome outcome, long offset) {
        history.sent(new Send("producer", number++, partition, value, outcome, offset));
    }

    private void read(String consumer, int partition, long offset, String value) {
        history.polled(new Poll(consumer, new Place(partition, offset), value));
    }

    private List<Anomaly> anomalies() {
        return TopicCheck.anomalies(history);
    }

    private List<AnomalyKind> kinds() {
        return anomalies().stream().map(Anomaly::kind).toList();
    }
}
