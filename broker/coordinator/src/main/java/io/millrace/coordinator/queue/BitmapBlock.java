package io.millrace.coordinator.queue;

import java.util.BitSet;

/** A block of scattered members: a bit for each offset. */
final class BitmapBlock implements OffsetBlock {
    static final int BYTES = SIZE / Byte.SIZE;

    private final BitSet members;
    private int size;

    BitmapBlock() {
        this(new BitSet(SIZE));
    }

    /** Takes over the bits, none of which may be beyond the block. */
    BitmapBlock(BitSet members) {
        this.members = members;
        this.size = members.cardinality();
    }

    @Override
    public OffsetBlock add(int first, int last) {
        for (int gap = members.nextClearBit(first); gap <= last; gap = members.nextClearBit(gap)) {
            int gapEnd = Math.min(nextMember(gap), last + 1);
            members.set(gap, gapEnd);
            size += gapEnd - gap;
        }
        return size == SIZE ? Full.INSTANCE : this;
    }

    @Override
    public OffsetBlock remove(int first, int last) {
        for (int member = members.nextSetBit(first); member >= 0 && member <= last; ) {
            int end = Math.min(nextGap(member), last + 1);
            members.clear(member, end);
            size -= end - member;
            member = members.nextSetBit(end);
        }
        return this;
    }

    @Override
    public int nextMember(int from) {
        int member = members.nextSetBit(from);
        return member < 0 ? SIZE : member;
    }

    @Override
    public int nextGap(int from) {
        return members.nextClearBit(from);
    }

    @Override
    public int sizeInBytes() {
        return BYTES;
    }
}
