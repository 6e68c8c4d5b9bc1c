package io.millrace.coordinator.queue;

import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A block of offsets as bytes, in the shorter of two forms.
 *
 * <pre>
 * runs:    0 | for each run: gap since the end of the run before (varint), length of the run - 1 (varint)
 * bitmap:  1 | a bit for each offset, the lowest first, up to the last one that is set
 * </pre>
 */
final class OffsetBlockFormat {
    private static final byte RUNS = 0;
    private static final byte BITMAP = 1;

    private OffsetBlockFormat() {}

    static Bytes write(OffsetBlock block) {
        ByteBuffer out = ByteBuffer.allocate(1 + BitmapBlock.BYTES);
        out.put(RUNS);
        int end = 0;
        for (int first = block.nextMember(0); first < OffsetBlock.SIZE; first = block.nextMember(end)) {
            int runEnd = block.nextGap(first);
            if (out.remaining() < 2 * VARINT_BYTES_MAX) {
                return writeBitmap(block);
            }
            writeVarint(out, first - end);
            writeVarint(out, runEnd - first - 1);
            end = runEnd;
        }
        return Bytes.consume(Arrays.copyOf(out.array(), out.position()));
    }

    private static Bytes writeBitmap(OffsetBlock block) {
        BitSet bits = new BitSet(OffsetBlock.SIZE);
        for (int first = block.nextMember(0);
                first < OffsetBlock.SIZE;
                first = block.nextMember(block.nextGap(first))) {
            bits.set(first, block.nextGap(first));
        }
        byte[] members = bits.toByteArray();
        byte[] bytes = new byte[1 + members.length];
        bytes[0] = BITMAP;
        System.arraycopy(members, 0, bytes, 1, members.length);
        return Bytes.consume(bytes);
    }

    /** @throws MalformedMessageException where the bytes are no block */
    static OffsetBlock read(Bytes bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes.toByteArray());
        byte form = in.hasRemaining() ? in.get() : -1;
        return switch (form) {
            case RUNS -> readRuns(in);
            case BITMAP -> readBitmap(in);
            default ->
                throw new MalformedMessageException("A block of offsets has form " + form + " of " + bytes.size()
                        + " bytes; known are " + RUNS + " (runs) and " + BITMAP + " (bitmap)");
        };
    }

    private static OffsetBlock readRuns(ByteBuffer in) {
        OffsetBlock block = new RunBlock();
        int end = 0;
        while (in.hasRemaining()) {
            int first = end + readVarint(in);
            int last = first + readVarint(in);
            if (last >= OffsetBlock.SIZE) {
                throw new MalformedMessageException("A run from " + first + " to " + last + " leaves its block of "
                        + OffsetBlock.SIZE + " offsets");
            }
            block = block.add(first, last);
            end = last + 1;
        }
        return block;
    }

    private static OffsetBlock readBitmap(ByteBuffer in) {
        if (in.remaining() > BitmapBlock.BYTES) {
            throw new MalformedMessageException(
                    "A bitmap of " + in.remaining() + " bytes; a block has at most " + BitmapBlock.BYTES);
        }
        BitSet bits = BitSet.valueOf(in);
        return bits.cardinality() == OffsetBlock.SIZE ? OffsetBlock.Full.INSTANCE : new BitmapBlock(bits);
    }

    private static final int VARINT_BYTES_MAX = 3; // 21 bits hold every number below the block's size

    private static void writeVarint(ByteBuffer out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static int readVarint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 7 * VARINT_BYTES_MAX && in.hasRemaining(); shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException(
                "A number in a block of offsets is cut off or runs over " + VARINT_BYTES_MAX + " bytes");
    }
}
