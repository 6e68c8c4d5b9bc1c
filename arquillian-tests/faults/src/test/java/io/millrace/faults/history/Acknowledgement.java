package io.millrace.faults.history;

/**
 * One acknowledgement of a message by a queue consumer.
 *
 * @param completed when the answer came, on the one clock of the history
 */
public record Acknowledgement(String consumer, Place place, String value, Send.Outcome outcome, long completed) {
    boolean isConfirmed() {
        return outcome == Send.Outcome.ACKNOWLEDGED;
    }
}
