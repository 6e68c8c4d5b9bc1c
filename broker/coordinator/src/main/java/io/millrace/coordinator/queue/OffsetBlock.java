package io.millrace.coordinator.queue;

/**
 * A set of offsets within one block of {@value #SIZE}, in the smallest of three forms: runs while they are few, a bitmap,
 * or nothing at all when every offset is in the set.
 *
 * <p>Blocks are mutable and belong to one {@link AcknowledgedOffsets}; adding may return another block in their place.
 */
sealed interface OffsetBlock permits OffsetBlock.Full, RunBlock, BitmapBlock {
    int SIZE = 1 << 16;

    /** Adds both ends and what is between; the block that holds the result. */
    OffsetBlock add(int first, int last);

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
