package io.millrace.storage;

import io.millrace.storage.compaction.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * Which transactions of one log are open, and which were aborted.
 *
 * <p>Changed by the owner of the log, read by any thread; guarded by itself. Records at or above {@link #firstUnstableOffset} may belong to a transaction
 * whose outcome is not known, or whose marker is not committed, so that another leader might not have it.
 */
final class TransactionOutcomes {
    /** There is no transaction whose outcome is open. */
    static final long ALL_STABLE = Long.MAX_VALUE;

    private static final int ENDED_BYTES = 2 * Long.BYTES;
    private static final int ABORTED_BYTES = 4 * Long.BYTES;

    /** A transaction that has ended; its marker is not known to be committed. */
    private record Ended(long firstOffset, long markerOffset) {}

    /** @param stableBelow transactions that ended later begin at or above this offset */
    private record Aborted(AbortedTransaction transaction, long stableBelow) {}

    /** Where transactions begin that are open, or have ended above the high watermark. */
    private final NavigableSet<Long> unstable = new TreeSet<>();
    /** In the order of their markers. */
    private final Deque<Ended> ended = new ArrayDeque<>();
    /** In the order of their markers. */
    private final List<Aborted> aborted = new ArrayList<>();

    private volatile long firstUnstableOffset = ALL_STABLE;

    long firstUnstableOffset() {
        return firstUnstableOffset;
    }

    synchronized void onBegin(long firstOffset) {
        unstable.add(firstOffset);
        noteFirst();
    }

    synchronized void onEnd(long producerId, long firstOffset, long markerOffset, boolean committed) {
        ended.addLast(new Ended(firstOffset, markerOffset));
        if (!committed) {
            long stableBelow = unstable.stream()
                    .filter(begun -> begun != firstOffset && !hasEnded(begun))
                    .findFirst()
                    .orElse(markerOffset + 1);
            aborted.add(new Aborted(new AbortedTransaction(producerId, firstOffset, markerOffset), stableBelow));
        }
    }

    private boolean hasEnded(long begun) {
        return ended.stream().anyMatch(transaction -> transaction.firstOffset() == begun);
    }

    /** Markers below the offset are committed now. */
    synchronized void onHighWatermark(long highWatermark) {
        Ended first = ended.peekFirst();
        if (first == null || first.markerOffset() >= highWatermark) {
            return;
        }
        while (first != null && first.markerOffset() < highWatermark) {
            ended.removeFirst();
            unstable.remove(first.firstOffset());
            first = ended.peekFirst();
        }
        noteFirst();
    }

    private void noteFirst() {
        firstUnstableOffset = unstable.isEmpty() ? ALL_STABLE : unstable.first();
    }

    /** Aborted transactions of which records lie in a range. */
    synchronized List<AbortedTransaction> abortedIn(long fromOffset, long upperOffset) {
        List<AbortedTransaction> found = new ArrayList<>();
        for (int i = firstEndingAtOrAfter(fromOffset); i < aborted.size(); i++) {
            Aborted entry = aborted.get(i);
            if (entry.transaction().firstOffset() < upperOffset) {
                found.add(entry.transaction());
            }
            if (entry.stableBelow() >= upperOffset) {
                break;
            }
        }
        return found;
    }

    private int firstEndingAtOrAfter(long offset) {
        int low = 0;
        int high = aborted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (aborted.get(middle).transaction().markerOffset() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Nobody can read below the offset any more. */
    synchronized void forgetBelow(long logStartOffset) {
        aborted.subList(0, firstEndingAtOrAfter(logStartOffset)).clear();
    }

    /**
     * Keeps, of the aborted transactions whose markers lie in a range, those whose marker still does. Where it was compacted away, a reader would never learn
     * that the transaction is over.
     */
    synchronized void retainMarkers(long fromOffset, long endOffset, LongPredicate isMarker) {
        aborted.subList(firstEndingAtOrAfter(fromOffset), firstEndingAtOrAfter(endOffset))
                .removeIf(entry -> !isMarker.test(entry.transaction().markerOffset()));
    }

    synchronized boolean hasAborted() {
        return !aborted.isEmpty();
    }

    synchronized void clear() {
        unstable.clear();
        ended.clear();
        aborted.clear();
        noteFirst();
    }

    // ---- snapshots

    synchronized int snapshotBytes() {
        return 2 * Integer.BYTES + ended.size() * ENDED_BYTES + aborted.size() * ABORTED_BYTES;
    }

    synchronized void writeTo(ByteBuffer contents) {
        contents.putInt(ended.size());
        ended.forEach(transaction -> contents.putLong(transaction.firstOffset()).putLong(transaction.markerOffset()));
        contents.putInt(aborted.size());
        for (Aborted entry : aborted) {
            contents.putLong(entry.transaction().producerId())
                    .putLong(entry.transaction().firstOffset())
                    .putLong(entry.transaction().markerOffset())
                    .putLong(entry.stableBelow());
        }
    }

    synchronized void readFrom(ByteBuffer contents) {
        for (int left = contents.getInt(); left > 0; left--) {
            var transaction = new Ended(contents.getLong(), contents.getLong());
            ended.addLast(transaction);
            unstable.add(transaction.firstOffset());
        }
        for (int left = contents.getInt(); left > 0; left--) {
            var transaction = new AbortedTransaction(contents.getLong(), contents.getLong(), contents.getLong());
            aborted.add(new Aborted(transaction, contents.getLong()));
        }
        noteFirst();
    }
}
