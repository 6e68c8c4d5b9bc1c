package io.millrace.coordinator.queue;

import java.util.Map;
import java.util.TreeMap;

/**
 * A set of offsets.
 *
 * <p>Kept in blocks of 64 Ki offsets, none for a block without members, so that the memory follows the number of
 * scattered members and is at most a bit for each offset of a block.
 *
 * <p>Not safe for use by several threads.
 */
final class OffsetSet {
    private static final int SHIFT = Integer.numberOfTrailingZeros(OffsetBlock.SIZE);

    private final TreeMap<Long, OffsetBlock> blocks = new TreeMap<>(); // by offset / SIZE; none is empty

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** Adds both ends and what is between. */
    void add(long first, long last) {
        for (long index = first >> SHIFT; index <= last >> SHIFT; index++) {
            long base = index << SHIFT;
            int from = (int) (Math.max(first, base) - base);
            int to = (int) (Math.min(last, base + OffsetBlock.SIZE - 1) - base);
            addToBlock(index, from, to);
        }
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

    /** Adds all members of the other set. */
    void addAll(OffsetSet other) {
        for (long first = other.first(); first < Long.MAX_VALUE; first = other.nextMember(other.nextGap(first))) {
            add(first, other.nextGap(first) - 1);
        }
    }

    /** Removes both ends and what is between. */
    void remove(long first, long last) {
        Map.Entry<Long, OffsetBlock> entry = blocks.ceilingEntry(first >> SHIFT);
        while (entry != null && entry.getKey() <= last >> SHIFT) {
            long index = entry.getKey();
            long base = index << SHIFT;
            int from = (int) (Math.max(first, base) - base);
            int to = (int) (Math.min(last, base + OffsetBlock.SIZE - 1) - base);
            OffsetBlock changed = entry.getValue().remove(from, to);
            if (changed.nextMember(0) == OffsetBlock.SIZE) {
                blocks.remove(index);
            } else if (changed != entry.getValue()) {
                blocks.put(index, changed);
            }
            entry = blocks.higherEntry(index);
        }
    }

    /** Forgets blocks all of which is below; for whoever does not look there any more. */
    void dropBlocksBelow(long end) {
        blocks.headMap(end >> SHIFT, false).clear();
    }

    /** Takes over a block whose place is free; whether it was. */
    boolean putBlock(long baseOffset, OffsetBlock block) {
        return blocks.putIfAbsent(baseOffset >> SHIFT, block) == null;
    }

    boolean contains(long offset) {
        return nextMember(offset) == offset;
    }

    /** The smallest member, or {@link Long#MAX_VALUE}. */
    long first() {
        return nextMember(0);
    }

    /** The smallest member at or above {@code from}; {@link Long#MAX_VALUE} where there is none. */
    long nextMember(long from) {
        Map.Entry<Long, OffsetBlock> block = blocks.ceilingEntry(from >> SHIFT);
        while (block != null) {
            long base = block.getKey() << SHIFT;
            int member = block.getValue().nextMember((int) (Math.max(from, base) - base));
            if (member < OffsetBlock.SIZE) {
                return base + member;
            }
            block = blocks.higherEntry(block.getKey());
        }
        return Long.MAX_VALUE;
    }

    /** The smallest offset at or above {@code from} that is no member. */
    long nextGap(long from) {
        long offset = from;
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

    /** Receives a block and the offset that it begins with. */
    @FunctionalInterface
    interface BlockVisitor {
        void visit(long baseOffset, OffsetBlock block);
    }

    void forEachBlock(BlockVisitor visitor) {
        blocks.forEach((index, block) -> visitor.visit(index << SHIFT, block));
    }

    /** Bytes that the members take, without the constant cost of each block. */
    long sizeInBytes() {
        return blocks.values().stream().mapToLong(OffsetBlock::sizeInBytes).sum();
    }
}
