package io.millrace.coordinator.queue;

import java.util.Arrays;

/**
 * Offsets by a time, the earliest first: a binary heap without objects, 24 bytes an entry.
 *
 * <p>Not safe for use by several threads. Carries a tag with each offset.
 */
final class TimedOffsets {
    private static final int FIELDS = 3; // time, offset, tag
    private static final int INITIAL_ENTRIES = 16;

    private long[] heap = new long[0];
    private int size;

    int size() {
        return size;
    }

    /** The earliest time, or {@link Long#MAX_VALUE}. */
    long firstTimeMs() {
        return size == 0 ? Long.MAX_VALUE : heap[0];
    }

    /** The offset with the earliest time; there must be one. */
    long firstOffset() {
        return heap[1];
    }

    /** The tag of the offset with the earliest time; there must be one. */
    long firstTag() {
        return heap[2];
    }

    void add(long timeMs, long offset, long tag) {
        if (FIELDS * (size + 1) > heap.length) {
            heap = Arrays.copyOf(heap, FIELDS * Math.max(INITIAL_ENTRIES, size + size / 2));
        }
        size++;
        siftUp(size - 1, timeMs, offset, tag);
    }

    void removeFirst() {
        size--;
        if (size > 0) {
            int last = FIELDS * size;
            siftDown(0, heap[last], heap[last + 1], heap[last + 2]);
        } else {
            heap = new long[0];
        }
    }

    /** Says of an offset and its tag whether they are wanted. */
    @FunctionalInterface
    interface Condition {
        boolean test(long offset, long tag);
    }

    /** Forgets the offsets that do not satisfy the condition. */
    void retain(Condition isWanted) {
        long[] before = heap;
        int entries = size;
        heap = new long[0];
        size = 0;
        for (int at = 0; at < FIELDS * entries; at += FIELDS) {
            if (isWanted.test(before[at + 1], before[at + 2])) {
                add(before[at], before[at + 1], before[at + 2]);
            }
        }
    }

    private void siftUp(int entry, long timeMs, long offset, long tag) {
        int place = entry;
        while (place > 0) {
            int parent = (place - 1) / 2;
            if (heap[FIELDS * parent] <= timeMs) {
                break;
            }
            System.arraycopy(heap, FIELDS * parent, heap, FIELDS * place, FIELDS);
            place = parent;
        }
        set(place, timeMs, offset, tag);
    }

    private void siftDown(int entry, long timeMs, long offset, long tag) {
        int place = entry;
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[FIELDS * (child + 1)] < heap[FIELDS * child]) {
                child++;
            }
            if (timeMs <= heap[FIELDS * child]) {
                break;
            }
            System.arraycopy(heap, FIELDS * child, heap, FIELDS * place, FIELDS);
            place = child;
        }
        set(place, timeMs, offset, tag);
    }

    private void set(int entry, long timeMs, long offset, long tag) {
        heap[FIELDS * entry] = timeMs;
        heap[FIELDS * entry + 1] = offset;
        heap[FIELDS * entry + 2] = tag;
    }
}
