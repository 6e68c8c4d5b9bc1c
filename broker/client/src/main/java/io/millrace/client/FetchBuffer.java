package io.millrace.client;

import io.millrace.protocol.message.FetchResponse;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The partitions assigned to a consumer: where each is, and the record batches that have arrived for it.
 *
 * <p>Safe for use by any thread. Owns the memory of what has arrived, until it is taken. Invariant: what is buffered of a
 * partition follows its position without a gap; after a seek, what was asked for before it is refused by its generation.
 */
final class FetchBuffer {
    /** An offset that is to be looked up. */
    static final long UNKNOWN = -1;

    /**
     * Record batches that arrived together. Whoever takes it releases its records.
     *
     * @param aborted transactions whose records are not to be delivered
     */
    record Chunk(
            TopicPartition partition,
            int generation,
            ByteBuf records,
            long nextOffset,
            List<FetchResponse.AbortedTransaction> aborted) {}

    /** What is to be fetched next of a partition. */
    record Wanted(TopicPartition partition, int generation, long fetchOffset, int bufferedBytes) {
        boolean isPositionKnown() {
            return fetchOffset != UNKNOWN;
        }
    }

    private static final class Assigned {
        private final Deque<Chunk> chunks = new ArrayDeque<>();
        private int generation;
        private long position = UNKNOWN;
        private long fetchOffset = UNKNOWN;
        private int bufferedBytes; // what is being taken apart included
        private @Nullable ClientException fault; // until something arrives, or another position is sought

        void release() {
            chunks.forEach(chunk -> chunk.records().release());
            chunks.clear();
            bufferedBytes = 0;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<TopicPartition, Assigned> assignment = new LinkedHashMap<>();
    private final Deque<TopicPartition> inTurn = new ArrayDeque<>(); // one entry for each chunk, in order of arrival
    private int generations;
    private boolean wakeup;
    private boolean closed;

    void assign(Collection<TopicPartition> partitions) {
        locked(() -> {
            assignment.entrySet().removeIf(entry -> {
                boolean leaves = !partitions.contains(entry.getKey());
                if (leaves) {
                    entry.getValue().release();
                }
                return leaves;
            });
            inTurn.removeIf(partition -> !assignment.containsKey(partition));
            partitions.forEach(partition -> assignment.computeIfAbsent(partition, ignored -> newAssigned()));
        });
    }

    private Assigned newAssigned() {
        var assigned = new Assigned();
        assigned.generation = ++generations;
        return assigned;
    }

    Set<TopicPartition> assignment() {
        lock.lock();
        try {
            return Set.copyOf(assignment.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** Goes on at another offset, or {@link #UNKNOWN}; what has arrived is dropped. */
    void seek(TopicPartition partition, long offset) {
        locked(() -> {
            Assigned assigned = assigned(partition);
            assigned.release();
            inTurn.removeIf(partition::equals);
            assigned.generation = ++generations;
            assigned.position = offset;
            assigned.fetchOffset = offset;
            assigned.fault = null;
        });
    }

    private Assigned assigned(TopicPartition partition) {
        Assigned assigned = assignment.get(partition);
        if (assigned == null) {
            throw new IllegalStateException(partition + " is not assigned; assigned are " + assignment.keySet());
        }
        return assigned;
    }

    /** The position, waiting until it is known. {@link #UNKNOWN} where that takes too long. */
    long position(TopicPartition partition, long waitNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNanos = waitNanos;
            while (assigned(partition).position == UNKNOWN && leftNanos > 0 && !closed) {
                throwFault();
                leftNanos = changed.awaitNanos(leftNanos);
            }
            return assigned(partition).position;
        } finally {
            lock.unlock();
        }
    }

    private void throwFault() {
        for (Assigned assigned : assignment.values()) {
            if (assigned.fault != null) {
                throw assigned.fault;
            }
        }
    }

    /** The looked-up position of a partition that had none. */
    void onPositionFound(TopicPartition partition, int generation, long offset) {
        locked(() -> {
            Assigned assigned = assignment.get(partition);
            if (assigned != null && assigned.generation == generation && assigned.position == UNKNOWN) {
                assigned.position = offset;
                assigned.fetchOffset = offset;
                assigned.fault = null;
            }
        });
    }

    /** A partition whose position turned out not to exist: it is looked up as if it had none. */
    void reset(TopicPartition partition, int generation) {
        locked(() -> {
            Assigned assigned = assignment.get(partition);
            if (assigned != null && assigned.generation == generation) {
                assigned.position = UNKNOWN;
                assigned.fetchOffset = UNKNOWN;
            }
        });
    }

    List<Wanted> wanted() {
        lock.lock();
        try {
            var wanted = new ArrayList<Wanted>(assignment.size());
            assignment.forEach((partition, assigned) -> wanted.add(
                    new Wanted(partition, assigned.generation, assigned.fetchOffset, assigned.bufferedBytes)));
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Takes over record batches, or releases them where they are not wanted any more. */
    void add(Chunk chunk, long askedOffset) {
        locked(() -> {
            Assigned assigned = assignment.get(chunk.partition());
            boolean isWanted = assigned != null
                    && !closed
                    && assigned.generation == chunk.generation()
                    && assigned.fetchOffset == askedOffset;
            if (assigned == null || !isWanted) {
                chunk.records().release();
                return;
            }
            assigned.chunks.addLast(chunk);
            assigned.bufferedBytes += chunk.records().readableBytes();
            assigned.fetchOffset = chunk.nextOffset();
            assigned.fault = null;
            inTurn.addLast(chunk.partition());
        });
    }

    /**
     * The next record batches, waiting for some. Null where none came in time, or somebody wants the wait to end.
     *
     * @throws ClientException where nothing can come any more
     */
    @Nullable
    Chunk take(long waitNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNanos = waitNanos;
            while (inTurn.isEmpty()) {
                throwFault();
                if (wakeup || closed || leftNanos <= 0) {
                    wakeup = false;
                    return null;
                }
                leftNanos = changed.awaitNanos(leftNanos);
            }
            return assigned(inTurn.removeFirst()).chunks.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Records up to an offset were delivered. */
    void onDelivered(Chunk chunk, long nextOffset) {
        locked(() -> {
            Assigned assigned = assignment.get(chunk.partition());
            if (assigned != null && assigned.generation == chunk.generation()) {
                assigned.position = nextOffset;
            }
        });
    }

    /** A chunk that was taken has been delivered or dropped, and its memory is free. */
    void onFinished(Chunk chunk, int bytes) {
        locked(() -> {
            Assigned assigned = assignment.get(chunk.partition());
            if (assigned != null && assigned.generation == chunk.generation()) {
                assigned.bufferedBytes -= bytes;
            }
        });
    }

    /** The offset that the next delivered record has at least; {@link #UNKNOWN} also where the chunk is outdated. */
    long positionFor(Chunk chunk) {
        lock.lock();
        try {
            Assigned assigned = assignment.get(chunk.partition());
            return assigned == null || assigned.generation != chunk.generation() ? UNKNOWN : assigned.position;
        } finally {
            lock.unlock();
        }
    }

    /** Whoever polls is told, once all that has arrived is delivered, unless another position was sought meanwhile. */
    void fault(Wanted wanted, ClientException why) {
        locked(() -> {
            Assigned assigned = assignment.get(wanted.partition());
            if (assigned != null && assigned.generation == wanted.generation()) {
                assigned.fault = why;
            }
        });
    }

    void wakeup() {
        locked(() -> wakeup = true);
    }

    void close() {
        locked(() -> {
            closed = true;
            assignment.values().forEach(Assigned::release);
            assignment.clear();
            inTurn.clear();
        });
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
