package io.millrace.coordinator.queue;

import java.util.Map;
import java.util.TreeMap;

/**
 * The acknowledged offsets of one cursor: everything below {@link #prefixEnd()}, and any set of offsets above it.
 *
 * <p>Kept in blocks of 64 Ki offsets, none for a block without members, so that the memory follows the number of
 * scattered acknowledgements and is at most a bit for each offset of a block.
 *
 * <p>Not safe for use by several threads.
 */
final class AcknowledgedOffsets {
    private static final int SHIFT = Integer.numberOfTrailingZeros(OffsetBlock.SIZE);

    private final TreeMap<Long, OffsetBlock> blocks =
            new TreeMap<>(); // by offset / SIZE; members below the prefix's end are noise
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
        if (first <= prefixEnd) {
            if (last >= prefixEnd) {
                moveUpTo(last + 1);
            }
            return;
        }
        for (long index = first >> SHIFT; index <= last >> SHIFT; index++) {
            long base = index << SHIFT;
            int from = (int) (Math.max(first, base) - base);
            int to = (int) (Math.min(last, base + OffsetBlock.SIZE - 1) - base);
            addToBlock(index, from, to);
        }
    }

    /** Adds everything below. */
    void addBelow(long end) {
        if (end > prefixEnd) {
            moveUpTo(end);
        }
    }

    private void moveUpTo(long end) {
        prefixEnd = nextGap(end);
        blocks.headMap(prefixEnd >> SHIFT, false).clear();
    }

    private void addToBlock(long index, int from, int to) {
        if (from == 0 && to == OffsetBlock.SIZE - 1) {
            blocks.put(index, OffsetBlock.Full.INSTANCE);
            return;
        }
        OffsetBlock block = blocks.get(index);
        OffsetBlock changed = (block == null ? new RunBlock() : block).add(from, to);
        if (changed != block) {
            blocks.put(index, changed);
        }
    }

    /** Adds the members of a block; takes it over. */
    void merge(long baseOffset, OffsetBlock other) {
        long index = baseOffset >> SHIFT;
        if (baseOffset > prefixEnd && !blocks.containsKey(index)) {
            blocks.put(index, other);
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
        if (from < prefixEnd) {
            return from;
        }
        for (Map.Entry<Long, OffsetBlock> block :
                blocks.tailMap(from >> SHIFT, true).entrySet()) {
            long base = block.getKey() << SHIFT;
            int member = block.getValue().nextMember((int) (Math.max(from, base) - base));
            if (member < OffsetBlock.SIZE) {
                return base + member;
            }
        }
        return Long.MAX_VALUE;
    }

    /** The smallest offset at or above {@code from} that is not acknowledged. */
    long nextGap(long from) {
        long offset = Math.max(from, prefixEnd);
        while (true) {
            long index = offset >> SHIFT;
            long base = index << SHIFT;
            OffsetBlock block = blocks.get(index);
            int gap = block == null ? (int) (offset - base) : block.nextGap((int) (offset - base));
            if (gap < OffsetBlock.SIZE) {
                return base + gap;
            }
            offset = base + OffsetBlock.SIZE;
        }
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

    /** Receives a block and the offset that it begins with. */
    @FunctionalInterface
    interface BlockVisitor {
        void visit(long baseOffset, OffsetBlock block);
    }

    /** The blocks with members at or above the end of the prefix; members below it may be among them. */
    void forEachBlock(BlockVisitor visitor) {
        blocks.forEach((index, block) -> visitor.visit(index << SHIFT, block));
    }

    /** Bytes that the members take, without the constant cost of each block. */
    long sizeInBytes() {
        return blocks.values().stream().mapToLong(OffsetBlock::sizeInBytes).sum();
    }
}
