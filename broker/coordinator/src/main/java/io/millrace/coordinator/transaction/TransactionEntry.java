package io.millrace.coordinator.transaction;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A transactional id at its coordinator: what is committed of it, what is on its way into the log, and which markers are written.
 *
 * <p>Owned by the loop of the coordinator. While something is on its way, nothing else is decided, but that more partitions are added to a transaction to
 * which some are being added.
 */
final class TransactionEntry {
    private final String transactionalId;
    private @Nullable Transaction current;
    private @Nullable Transaction latest; // of those on their way
    private int changesUnderWay;
    private final NavigableSet<TransactionPartition> unsent = new TreeSet<>();
    private final NavigableSet<TransactionPartition> underWay = new TreeSet<>();
    private long notBeforeMs;

    TransactionEntry(String transactionalId) {
        this.transactionalId = transactionalId;
    }

    /** What is committed; empty for a new id whose first record is on its way. */
    Optional<Transaction> current() {
        return Optional.ofNullable(current);
    }

    boolean isChanging() {
        return changesUnderWay > 0;
    }

    /** What the id comes to when all is written that is on its way; empty where nothing is, or the id is being forgotten. */
    Optional<Transaction> latest() {
        return Optional.ofNullable(latest);
    }

    /** @param next null where the id is being forgotten */
    void onChanging(@Nullable Transaction next) {
        changesUnderWay++;
        latest = next;
    }

    private void onChanged() {
        changesUnderWay--;
        if (changesUnderWay == 0) {
            latest = null;
        }
    }

    void onCommitted(Transaction committed, long nowMs) {
        current = committed;
        if (isChanging()) {
            onChanged();
        }
        unsent.clear();
        underWay.clear();
        if (committed.state().isEnding()) {
            unsent.addAll(committed.partitions());
        }
        notBeforeMs = nowMs;
    }

    /** What was to be written will not be; it is tried again after a while. */
    void onNotWritten(long againAtMs) {
        onChanged();
        notBeforeMs = againAtMs;
    }

    /** The markers that nobody has sent yet; they count as sent from now on. Empty while it is not time. */
    Optional<MarkersDue> takeMarkers(long nowMs) {
        if (current == null || unsent.isEmpty() || nowMs < notBeforeMs) {
            return Optional.empty();
        }
        var markers = new MarkersDue(
                transactionalId,
                current.producer(),
                current.isCommit(),
                current.clientVersion(),
                new TreeSet<>(unsent));
        underWay.addAll(unsent);
        unsent.clear();
        return Optional.of(markers);
    }

    /** Whether the answer is about the transaction that is ending now, and not about an earlier one. */
    boolean isEnding(ProducerIdAndEpoch producer) {
        return current != null
                && current.state().isEnding()
                && current.producer().equals(producer);
    }

    void onMarkersWritten(Collection<TransactionPartition> written) {
        underWay.removeAll(written);
        unsent.removeAll(written);
    }

    void onMarkersFailed(Collection<TransactionPartition> failed, long againAtMs) {
        for (TransactionPartition partition : failed) {
            if (underWay.remove(partition)) {
                unsent.add(partition);
                notBeforeMs = againAtMs;
            }
        }
    }

    boolean areMarkersWritten() {
        return current != null && current.state().isEnding() && unsent.isEmpty() && underWay.isEmpty();
    }

    /** When something is to be done of the coordinator's own accord; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs(long expirationMs) {
        if (isChanging() || current == null) {
            return Long.MAX_VALUE;
        }
        if (current.state().isEnding()) {
            return unsent.isEmpty() && !underWay.isEmpty() ? Long.MAX_VALUE : notBeforeMs;
        }
        long dueMs = current.state() == TransactionState.ONGOING ? current.timeoutAtMs() : expiresAtMs(expirationMs);
        return Math.max(dueMs, notBeforeMs);
    }

    /** When an id that is not used is forgotten. */
    long expiresAtMs(long expirationMs) {
        if (current == null || !current.state().isIdle()) {
            return Long.MAX_VALUE;
        }
        long lastMs = current.lastUpdateMs();
        return lastMs > Long.MAX_VALUE - expirationMs ? Long.MAX_VALUE : lastMs + expirationMs;
    }
}
