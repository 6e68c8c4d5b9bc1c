package io.millrace.coordinator.queue;

/**
 * The acknowledged offsets of one cursor: everything below {@link #prefixEnd()}, and any set of offsets above it.
 *
 * <p>Not safe for use by several threads.
 */
final class AcknowledgedOffsets {
    private final OffsetSet scattered = new OffsetSet(); // members below the prefix's end are noise
    private long prefixEnd;

    AcknowledgedOffsets(long prefixEnd) {
        this.prefixEnd = prefixEnd;
    }

    /** The first offset that is not acknowledged. */
    long prefixEnd() {
        return prefixEnd;
    }

    /** Adds both ends and what is between. */
    void add(long first, long last) {
        if (first > prefixEnd) {
            scattered.add(first, last);
        } else if (last >= prefixEnd) {
            moveUpTo(last + 1);
        }
    }

    /** Adds everything below. */
    void addBelow(long end) {
        if (end > prefixEnd) {
            moveUpTo(end);
        }
    }

    private void moveUpTo(long end) {
        prefixEnd = scattered.nextGap(end);
        scattered.dropBlocksBelow(prefixEnd);
    }

    /** Adds the members of a block; takes it over. */
    void merge(long baseOffset, OffsetBlock other) {
        if (baseOffset > prefixEnd && scattered.putBlock(baseOffset, other)) {
            return;
        }
        for (int first = other.nextMember(0);
                first < OffsetBlock.SIZE;
                first = other.nextMember(other.nextGap(first))) {
            add(baseOffset + first, baseOffset + other.nextGap(first) - 1);
        }
    }

    boolean contains(long offset) {
        return nextMember(offset) == offset;
    }

    /** The smallest acknowledged offset at or above {@code from}; {@link Long#MAX_VALUE} where there is none. */
    long nextMember(long from) {
        return from < prefixEnd ? from : scattered.nextMember(from);
    }

    /** The smallest offset at or above {@code from} that is not acknowledged. */
    long nextGap(long from) {
        return scattered.nextGap(Math.max(from, prefixEnd));
    }

    /**
     * How many offsets below the end are not acknowledged. Those behind the first so many gaps count as if none were.
     */
    long gapsBelow(long end, int gapsMax) {
        long count = 0;
        long gap = nextGap(prefixEnd);
        for (int seen = 0; gap < end && seen < gapsMax; seen++) {
            long member = Math.min(end, nextMember(gap));
            count += member - gap;
            gap = nextGap(member);
        }
        return count + Math.max(0, end - gap);
    }

    /** The blocks with members at or above the end of the prefix; members below it may be among them. */
    void forEachBlock(OffsetSet.BlockVisitor visitor) {
        scattered.forEachBlock(visitor);
    }

    /** Bytes that the members take, without the constant cost of each block. */
    long sizeInBytes() {
        return scattered.sizeInBytes();
    }
}
