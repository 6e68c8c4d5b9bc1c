package io.millrace.faults.history;

/**
 * One send, as its producer knows it in the end.
 *
 * @param number counts the sends of the producer, in the order of its calls
 * @param value unique among all sends of a history
 * @param offset only where the outcome is acknowledged
 */
public record Send(String producer, long number, int partition, String value, Outcome outcome, long offset) {
    /** What a client knows of something it asked for. */
    public enum Outcome {
        ACKNOWLEDGED,
        /** It never left the client. */
        REFUSED,
        /** It may have been done, or may be done later. */
        UNKNOWN
    }

    boolean isAcknowledged() {
        return outcome == Outcome.ACKNOWLEDGED;
    }

    Place place() {
        return new Place(partition, offset);
    }
}
