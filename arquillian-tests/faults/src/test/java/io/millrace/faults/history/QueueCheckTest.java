package io.millrace.faults.history;

import static io.millrace.faults.history.Send.Outcome.ACKNOWLEDGED;
import static io.millrace.faults.history.Send.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QueueCheckTest {
    private final History history = new History();
    private long number;

    @Test
    void aHistoryInWhichEveryMessageIsAcknowledgedOnceIsGood() {
        sent("a", 0);
        sent("b", 1);

        delivered("one", 0, "a", 1);
        delivered("two", 1, "b", 1);
        confirmed("two", 1, "b");
        confirmed("one", 0, "a");

        assertThat(anomalies()).isEmpty();
    }

    @Test
    void aMessageWhoseAcknowledgementHasAnUnknownEndMayComeAgain() {
        sent("a", 0);
        sent("b", 1);

        delivered("one", 0, "a", 1);
        delivered("one", 1, "b", 1);
        history.acknowledged("one", place(0), "a", UNKNOWN);
        history.acknowledged("one", place(1), "b", UNKNOWN);
        delivered("two", 0, "a", 2);
        confirmed("two", 0, "a");

        assertThat(anomalies()).isEmpty();
    }

    @Test
    void aMessageThatComesAgainToTheConsumerThatAcknowledgedItIsFound() {
        sent("a", 0);

        delivered("one", 0, "a", 1);
        confirmed("one", 0, "a");
        delivered("one", 0, "a", 2);

        assertThat(kinds()).containsExactly(AnomalyKind.ACKNOWLEDGED_THEN_REDELIVERED);
    }

    @Test
    void aMessageThatComesToAnotherAfterItsAcknowledgementIsFound() {
        sent("a", 0);

        delivered("one", 0, "a", 1);
        confirmed("one", 0, "a");
        delivered("two", 0, "a", 2);

        assertThat(kinds()).containsExactly(AnomalyKind.DELIVERED_AFTER_ACKNOWLEDGEMENT);
    }

    @Test
    void aMessageThatTwoConsumersAcknowledgeIsFound() {
        sent("a", 0);

        delivered("one", 0, "a", 1);
        delivered("two", 0, "a", 2);
        confirmed("one", 0, "a");
        confirmed("two", 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.ACKNOWLEDGED_TWICE);
    }

    @Test
    void aMessageThatNobodyGotIsLost() {
        sent("a", 0);

        assertThat(kinds()).containsExactly(AnomalyKind.LOST_MESSAGE);
    }

    @Test
    void aMessageThatWasDeliveredAndNeverAcknowledgedNorDeliveredAgainIsLost() {
        sent("a", 0);

        delivered("one", 0, "a", 1);

        assertThat(kinds()).containsExactly(AnomalyKind.LOST_MESSAGE);
    }

    @Test
    void aMessageDeliveredAgainWithoutAMarkIsFound() {
        sent("a", 0);

        delivered("one", 0, "a", 1);
        delivered("two", 0, "a", 1);
        confirmed("two", 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.DELIVERY_COUNT_NOT_MONOTONE);
    }

    @Test
    void aDeliveryCountThatFallsIsFound() {
        sent("a", 0);

        delivered("one", 0, "a", 3);
        delivered("two", 0, "a", 2);
        confirmed("two", 0, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.DELIVERY_COUNT_NOT_MONOTONE);
    }

    @Test
    void aMessageThatIsInTheQueueTwiceIsADuplicate() {
        sent("a", 0);

        delivered("one", 0, "a", 1);
        delivered("one", 1, "a", 1);
        confirmed("one", 0, "a");
        confirmed("one", 1, "a");

        assertThat(kinds()).containsExactly(AnomalyKind.DUPLICATE);
    }

    private void sent(String value, long offset) {
        history.sent(new Send("producer", number++, 0, value, ACKNOWLEDGED, offset));
    }

    private void delivered(String consumer, long offset, String value, int deliveryCount) {
        history.delivered(consumer, place(offset), value, deliveryCount);
    }

    private void confirmed(String consumer, long offset, String value) {
        history.acknowledged(consumer, place(offset), value, ACKNOWLEDGED);
    }

    private static Place place(long offset) {
        return new Place(0, offset);
    }

    private List<Anomaly> anomalies() {
        return QueueCheck.anomalies(history);
    }

    private List<AnomalyKind> kinds() {
        return anomalies().stream().map(Anomaly::kind).toList();
    }
}
