package io.millrace.faults.history;

/** Something in a history that must not be there. */
public record Anomaly(AnomalyKind kind, String what) {
    @Override
    public String toString() {
        return kind + ": " + what;
    }
}
