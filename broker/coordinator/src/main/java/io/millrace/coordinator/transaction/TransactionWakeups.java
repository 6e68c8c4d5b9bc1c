package io.millrace.coordinator.transaction;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** When which transactional id is to be looked at, one time for each. Owned by the loop of its coordinator. */
final class TransactionWakeups {
    private record Wakeup(long deadlineMs, String transactionalId) {}

    private final TreeSet<Wakeup> inOrder =
            new TreeSet<>(Comparator.comparingLong(Wakeup::deadlineMs).thenComparing(Wakeup::transactionalId));
    private final Map<String, Wakeup> byId = new HashMap<>();

    /** Takes the place of what was planned; {@link Long#MAX_VALUE} for never. */
    void plan(String transactionalId, long deadlineMs) {
        Wakeup before = byId.remove(transactionalId);
        if (before != null) {
            inOrder.remove(before);
        }
        if (deadlineMs != Long.MAX_VALUE) {
            var wakeup = new Wakeup(deadlineMs, transactionalId);
            byId.put(transactionalId, wakeup);
            inOrder.add(wakeup);
        }
    }

    /** An id whose time has come, which then has no wake-up any more. */
    Optional<String> takeDue(long nowMs) {
        if (nextMs() > nowMs || inOrder.isEmpty()) {
            return Optional.empty();
        }
        String transactionalId = inOrder.first().transactionalId();
        plan(transactionalId, Long.MAX_VALUE);
        return Optional.of(transactionalId);
    }

    /** When the next is due; {@link Long#MAX_VALUE} for never. */
    long nextMs() {
        return inOrder.isEmpty() ? Long.MAX_VALUE : inOrder.first().deadlineMs();
    }
}
