package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the producers of a simulation did and were told, what readers of committed records saw, and what must be so because of that. */
final class TransactionHistory {
    /** Values are named {@code transactionalId.instance.transaction/number}. */
    record Label(String transactionalId, int instance, int number) {
        String value(int index) {
            return this + "/" + index;
        }

        static Label of(String value) {
            String[] parts = value.substring(0, value.indexOf('/')).split("\\.", -1);
            return new Label(parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        }

        @Override
        public String toString() {
            return transactionalId + "." + instance + "." + number;
        }
    }

    private enum Outcome {
        OPEN,
        COMMIT_ASKED,
        COMMITTED,
        ABORTED
    }

    private static final class Told {
        private final List<String> written = new ArrayList<>();
        private Outcome outcome = Outcome.OPEN;
    }

    private final Consumer<String> note;
    private final Map<Label, Told> transactions = new LinkedHashMap<>();
    /** By value, how often it was seen. */
    private final Map<String, Integer> seen = new HashMap<>();

    private int committed;

    TransactionHistory(Consumer<String> note) {
        this.note = note;
    }

    int committedCount() {
        return committed;
    }

    private Told told(Label label) {
        return transactions.computeIfAbsent(label, missing -> new Told());
    }

    void onWritten(Label label, String value) {
        told(label).written.add(value);
    }

    void onCommitAsked(Label label) {
        told(label).outcome = Outcome.COMMIT_ASKED;
    }

    void onEnded(Label label, boolean commit) {
        note.accept(label + " is told that it has " + (commit ? "committed" : "aborted"));
        told(label).outcome = commit ? Outcome.COMMITTED : Outcome.ABORTED;
        committed += commit ? 1 : 0;
    }

    /** A reader of committed records gets this. */
    void onSeen(String value) {
        Outcome outcome = told(Label.of(value)).outcome;
        if (outcome == Outcome.OPEN || outcome == Outcome.ABORTED) {
            throw new AssertionError("a reader of committed records sees " + value + ", whose transaction is "
                    + (outcome == Outcome.OPEN ? "open, or was never to be committed" : "aborted"));
        }
        if (seen.merge(value, 1, Integer::sum) > 1) {
            throw new AssertionError("a reader of committed records sees " + value + " twice");
        }
    }

    /** Everything is over and read. */
    void checkAllOrNothing() {
        transactions.forEach((label, told) -> {
            List<String> missing = told.written.stream()
                    .filter(value -> !seen.containsKey(value))
                    .toList();
            boolean isAll = missing.isEmpty();
            boolean isNothing = missing.size() == told.written.size();
            switch (told.outcome) {
                case COMMITTED ->
                    assertThat(missing)
                            .as("records of %s, which is committed, that cannot be read", label)
                            .isEmpty();
                case COMMIT_ASKED ->
                    assertThat(isAll || isNothing)
                            .as("%s is committed as a whole or not at all, but %s are missing", label, missing)
                            .isTrue();
                case OPEN, ABORTED ->
                    assertThat(isNothing)
                            .as("nothing of %s can be read, which was not committed", label)
                            .isTrue();
            }
        });
    }
}
