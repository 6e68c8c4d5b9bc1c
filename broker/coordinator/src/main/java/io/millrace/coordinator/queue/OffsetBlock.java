package io.millrace.coordinator.queue;

/**
 * A set of offsets within one block of {@value #SIZE}, in the smallest of three forms: runs while they are few, a bitmap,
 * or nothing at all when every offset is in the set.
 *
 * <p>Blocks are mutable and belong to one {@link OffsetSet}; changing them may return another block in their place.
 */
sealed interface OffsetBlock permits OffsetBlock.Full, RunBlock, BitmapBlock {
    int SIZE = 1 << 16;

    /** Adds both ends and what is between; the block that holds the result. */
    OffsetBlock add(int first, int last);

    /** Removes both ends and what is between; the block that holds the result. */
    OffsetBlock remove(int first, int last);

    /** The smallest member at or above {@code from}, or {@link #SIZE} where there is none. */
    int nextMember(int from);

    /** The smallest offset at or above {@code from} that is no member, or {@link #SIZE} where there is none. */
    int nextGap(int from);

    /** Bytes of memory that the members take, headers left out. */
    int sizeInBytes();

    /** The block of which every offset is a member. */
    enum Full implements OffsetBlock {
        INSTANCE;

        @Override
        public OffsetBlock add(int first, int last) {
            return this;
        }

        @Override
        public OffsetBlock remove(int first, int last) {
            OffsetBlock rest = new RunBlock();
            if (first > 0) {
                rest = rest.add(0, first - 1);
            }
            return last < SIZE - 1 ? rest.add(last + 1, SIZE - 1) : rest;
        }

        @Override
        public int nextMember(int from) {
            return from;
        }

        @Override
        public int nextGap(int from) {
            return SIZE;
        }

        @Override
        public int sizeInBytes() {
            return 0;
        }
    }
}
