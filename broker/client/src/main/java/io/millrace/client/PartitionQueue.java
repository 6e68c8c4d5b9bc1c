package io.millrace.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one partition on their way, and the rule which of them may leave.
 *
 * <p>Guarded by this: any thread adds records, the sender's loop does all else. Completes no future.
 *
 * <p>Invariant: batches wait in the order of the calls, and one that was sent before waits ahead of those that were not.
 * Numbered batches leave so that the leader sees their sequences without a gap:
 *
 * <pre>
 *   OPEN         up to five batches in flight
 *     │ one fails in a way that may pass
 *     ▼
 *   RETRYING     what else is in flight is awaited; then the oldest leaves alone, until none is left to be sent again
 *     │ the oldest is refused as out of sequence: what went before it never arrived
 *     ▼
 *   RENUMBERING  when nothing is in flight and a new identity has come, all are numbered from 0
 * </pre>
 *
 * A batch whose outcome is not known keeps its sequence, so a leader that has stored it recognizes it; only one that was
 * refused for its sequence, or follows one that was, is numbered anew.
 */
final class PartitionQueue {
    /** As many batches of a producer a leader recognizes (KIP-98). */
    static final int IN_FLIGHT_MAX = 5;

    private final TopicPartition partition;
    private final ProducerConfiguration configuration;
    private final Deque<ProducerBatch> waiting = new ArrayDeque<>();
    private final Deque<ProducerBatch> inFlight = new ArrayDeque<>();
    private ProducerIdentity identity = ProducerIdentity.NONE;
    private int nextSequence;
    private long nextOrder;
    private long flushedOrder = -1;
    private long retryAtNanos;
    private boolean renumbering;

    PartitionQueue(TopicPartition partition, ProducerConfiguration configuration) {
        this.partition = partition;
        this.configuration = configuration;
    }

    TopicPartition partition() {
        return partition;
    }

    /** A record on its way into a batch. */
    record Entry(ProducerRecord record, long timestampMs, int bytes, CompletableFuture<RecordMetadata> metadata) {}

    /** Adds a record to the open batch. */
    synchronized boolean tryAppend(Entry entry) {
        ProducerBatch last = waiting.peekLast();
        return last != null && last.tryAppend(entry.record(), entry.timestampMs(), entry.bytes(), entry.metadata());
    }

    /**
     * Adds a record to the open batch or to a new one.
     *
     * @return whether a batch was opened, of which the sender does not know yet
     */
    synchronized boolean append(Entry entry, long nowNanos) {
        if (tryAppend(entry)) {
            return false;
        }
        ProducerBatch full = waiting.peekLast();
        if (full != null && full.isCompressed()) {
            full.seal();
        }
        var batch = new ProducerBatch(
                partition, nextOrder++, nowNanos, configuration.compression(), configuration.batchBytes());
        batch.tryAppend(entry.record(), entry.timestampMs(), entry.bytes(), entry.metadata());
        waiting.addLast(batch);
        return true;
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** When the next batch may leave at the earliest; {@link Long#MAX_VALUE} where that is not a matter of time. */
    synchronized long readyAtNanos(long nowNanos) {
        ProducerBatch first = waiting.peekFirst();
        if (first == null || inFlight.size() >= IN_FLIGHT_MAX) {
            return Long.MAX_VALUE;
        }
        if (renumbering || first.attempts() > 0) {
            return inFlight.isEmpty() ? Math.max(nowNanos, retryAtNanos) : Long.MAX_VALUE;
        }
        if (isSecondAttemptInFlight()) {
            return Long.MAX_VALUE;
        }
        boolean full = waiting.size() > 1 || first.isSealed();
        return full || first.order() <= flushedOrder
                ? nowNanos
                : Math.max(
                        nowNanos, first.createdNanos() + configuration.linger().toNanos());
    }

    private boolean isSecondAttemptInFlight() {
        ProducerBatch oldest = inFlight.peekFirst();
        return oldest != null && oldest.attempts() > 1;
    }

    /** Whether the batches need another identity than this before any can leave. */
    synchronized boolean needsOtherIdentityThan(ProducerIdentity current) {
        return renumbering && identity.equals(current);
    }

    /** The size of the next batch, sealed for it. */
    synchronized int nextSizeInBytes() {
        ProducerBatch first = waiting.getFirst();
        first.seal();
        return first.sizeInBytes();
    }

    /**
     * Takes the next batch, numbered, into flight. Only when it is ready.
     *
     * @param current {@link ProducerIdentity#NONE}: batches are not numbered
     */
    synchronized ProducerBatch take(ProducerIdentity current) {
        if (renumbering) {
            renumber(current);
        }
        ProducerBatch batch = waiting.removeFirst();
        batch.seal();
        if (current.isPresent() && !batch.isNumbered()) {
            if (!identity.isPresent()) {
                identity = current;
            }
            number(batch);
        }
        batch.onSent();
        inFlight.addLast(batch);
        return batch;
    }

    private void number(ProducerBatch batch) {
        batch.number(identity, nextSequence);
        nextSequence = (int) (((long) nextSequence + batch.recordCount()) & Integer.MAX_VALUE);
    }

    private void renumber(ProducerIdentity current) {
        identity = current;
        nextSequence = 0;
        renumbering = false;
        waiting.stream().filter(ProducerBatch::isNumbered).forEach(this::number);
    }

    /** A batch in flight was answered for good. */
    synchronized void settle(ProducerBatch batch) {
        inFlight.remove(batch);
    }

    /**
     * A batch in flight has failed in a way that may pass: it waits again, unless it has been given up meanwhile.
     *
     * @param outOfSequence the leader refused it for its sequence
     */
    synchronized void retry(ProducerBatch batch, long atNanos, boolean outOfSequence) {
        inFlight.remove(batch);
        if (batch.isDone()) {
            return;
        }
        renumbering |= outOfSequence && isOldest(batch);
        retryAtNanos = atNanos;
        var older = new ArrayDeque<ProducerBatch>();
        while (!waiting.isEmpty() && waiting.getFirst().order() < batch.order()) {
            older.addLast(waiting.removeFirst());
        }
        waiting.addFirst(batch);
        while (!older.isEmpty()) {
            waiting.addFirst(older.removeLast());
        }
    }

    private boolean isOldest(ProducerBatch batch) {
        return isNotAfter(batch, waiting.peekFirst()) && isNotAfter(batch, inFlight.peekFirst());
    }

    private static boolean isNotAfter(ProducerBatch batch, @Nullable ProducerBatch other) {
        return other == null || batch.order() < other.order();
    }

    /** Batches that have waited too long, those in flight included, which stay there until they are answered. */
    synchronized List<ProducerBatch> expire(long nowNanos, long deliveryTimeoutNanos) {
        var expired = new ArrayList<ProducerBatch>();
        for (ProducerBatch batch : inFlight) {
            if (!batch.isDone() && nowNanos - batch.createdNanos() >= deliveryTimeoutNanos) {
                expired.add(batch);
            }
        }
        while (!waiting.isEmpty() && nowNanos - waiting.peekFirst().createdNanos() >= deliveryTimeoutNanos) {
            expired.add(waiting.removeFirst());
        }
        return expired;
    }

    /** How long the oldest batch has been on its way; 0 where there is none. */
    synchronized long oldestAgeNanos(long nowNanos) {
        long age = 0;
        for (ProducerBatch oldest : new ProducerBatch[] {inFlight.peekFirst(), waiting.peekFirst()}) {
            age = oldest == null || oldest.isDone() ? age : Math.max(age, nowNanos - oldest.createdNanos());
        }
        return age;
    }

    /** Lets all that waits now leave without lingering. */
    synchronized List<ProducerBatch> flush() {
        flushedOrder = nextOrder - 1;
        var open = new ArrayList<>(inFlight);
        open.addAll(waiting);
        return open;
    }

    /** Takes out all that is not in flight. */
    synchronized List<ProducerBatch> removeWaiting() {
        var removed = new ArrayList<>(waiting);
        waiting.clear();
        return removed;
    }

    synchronized List<ProducerBatch> inFlight() {
        return List.copyOf(inFlight);
    }

    synchronized boolean hasInFlight() {
        return !inFlight.isEmpty();
    }
}
