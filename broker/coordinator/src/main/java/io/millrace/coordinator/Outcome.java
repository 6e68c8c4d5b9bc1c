package io.millrace.coordinator;

import java.util.List;

/**
 * What a decision of a replicated state machine comes to: the records to append, and the answer to give once they are
 * committed. Without records the answer may leave at once.
 *
 * <p>Deciding changes only what may be lost (who holds what, who waits for whom). What others rely on changes when the
 * records are replayed, which the caller does once they are committed, in the order of the log. Where the append fails,
 * the caller says so to the state machine and gives an error in place of the answer.
 *
 * @param records to be appended as one batch, so that they are committed together or not at all
 */
public record Outcome<R, A>(List<R> records, A answer) {

    public Outcome {
        records = List.copyOf(records);
    }

    /** A decision that changes nothing which must survive. */
    public static <R, A> Outcome<R, A> answer(A answer) {
        return new Outcome<>(List.of(), answer);
    }
}
