package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AcknowledgedOffsetsTest {
    private static final int OFFSETS = 3 * OffsetBlock.SIZE;

    @Test
    void thePrefixSwallowsWhatFollowsIt() {
        var offsets = new AcknowledgedOffsets(10);
        offsets.add(11, 20);
        offsets.add(22, 22);

        offsets.add(10, 10);

        assertThat(offsets.prefixEnd()).isEqualTo(21);
        assertThat(offsets.contains(22)).isTrue();
        assertThat(offsets.contains(21)).isFalse();
    }

    @Test
    void aFullBlockTakesNoMemory() {
        var offsets = new AcknowledgedOffsets(0);
        for (long offset = OffsetBlock.SIZE; offset < 2 * OffsetBlock.SIZE; offset += 2) {
            offsets.add(offset, offset);
        }
        assertThat(offsets.sizeInBytes()).isEqualTo(BitmapBlock.BYTES);

        offsets.add(OffsetBlock.SIZE, 2 * OffsetBlock.SIZE - 1);

        assertThat(offsets.sizeInBytes()).isZero();
        assertThat(offsets.nextGap(OffsetBlock.SIZE)).isEqualTo(2 * OffsetBlock.SIZE);
    }

    @Test
    void fewRunsTakeLittleMemory() {
        var offsets = new AcknowledgedOffsets(0);

        for (long block = 0; block < 1_000; block++) {
            offsets.add(block * OffsetBlock.SIZE + 77, block * OffsetBlock.SIZE + 99);
        }

        assertThat(offsets.sizeInBytes()).isLessThanOrEqualTo(1_000 * 16);
    }

    @Property(tries = 200)
    void itHoldsWhatASetOfBitsHolds(@ForAll long seed) {
        var random = new Random(seed);
        var offsets = new AcknowledgedOffsets(0);
        var expected = new BitSet(OFFSETS);
        int lengthMax = random.nextBoolean() ? 3 : 20_000;

        for (int i = 0; i < 400; i++) {
            int first = random.nextInt(OFFSETS - lengthMax);
            int last = first + random.nextInt(lengthMax);
            offsets.add(first, last);
            expected.set(first, last + 1);
        }

        assertThat(offsets.prefixEnd()).isEqualTo(expected.nextClearBit(0));
        assertSameMembers(offsets, expected);
    }

    @Property(tries = 100)
    void aBlockIsTheSameWhenReadBack(@ForAll long seed) {
        var random = new Random(seed);
        OffsetBlock block = new RunBlock();
        int adds = random.nextInt(5_000);
        int lengthMax = 1 + random.nextInt(random.nextBoolean() ? 3 : 500);
        for (int i = 0; i < adds; i++) {
            int first = random.nextInt(OffsetBlock.SIZE - lengthMax);
            block = block.add(first, first + random.nextInt(lengthMax));
        }

        OffsetBlock readBack = OffsetBlockFormat.read(OffsetBlockFormat.write(block));

        assertThat(bitsOf(readBack)).isEqualTo(bitsOf(block));
        assertThat(OffsetBlockFormat.write(block).size()).isLessThanOrEqualTo(1 + BitmapBlock.BYTES);
    }

    @Property(tries = 100)
    void mergedBlocksAreUnited(@ForAll long seed) {
        var random = new Random(seed);
        var offsets = new AcknowledgedOffsets(random.nextInt(OFFSETS));
        var expected = new BitSet(OFFSETS);
        expected.set(0, (int) offsets.prefixEnd());

        for (int i = 0; i < 6; i++) {
            int base = random.nextInt(OFFSETS / OffsetBlock.SIZE) * OffsetBlock.SIZE;
            OffsetBlock block = new RunBlock();
            for (int add = random.nextInt(3_000); add >= 0; add--) {
                int first = random.nextInt(OffsetBlock.SIZE - 100);
                int last = first + random.nextInt(100);
                block = block.add(first, last);
                expected.set(base + first, base + last + 1);
            }
            offsets.merge(base, block);
        }

        assertThat(offsets.prefixEnd()).isEqualTo(expected.nextClearBit(0));
        assertSameMembers(offsets, expected);
    }

    private static void assertSameMembers(AcknowledgedOffsets offsets, BitSet expected) {
        long offset = 0;
        while (offset < OFFSETS) {
            long member = offsets.nextMember(offset);
            int expectedMember = expected.nextSetBit((int) offset);
            assertThat(member).isEqualTo(expectedMember < 0 ? Long.MAX_VALUE : expectedMember);
            if (expectedMember < 0) {
                return;
            }
            offset = offsets.nextGap(member);
            assertThat(offset).isEqualTo(expected.nextClearBit(expectedMember));
        }
    }

    private static BitSet bitsOf(OffsetBlock block) {
        var bits = new BitSet();
        for (int first = block.nextMember(0);
                first < OffsetBlock.SIZE;
                first = block.nextMember(block.nextGap(first))) {
            bits.set(first, block.nextGap(first));
        }
        return bits;
    }
}
