package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Reads the LZ4 frame format.
 *
 * <pre>
 * magic 4 | flags 1 | block size 1 | [content size 8] | header checksum 1
 * { size of block 4, highest bit: stored as is | block | [checksum 4] } *
 * 0 4 | [content checksum 4]
 * </pre>
 *
 * Numbers are little-endian. The frame's own checksums are not computed: the checksum of the batch covers every byte.
 */
final class Lz4Framing {

    private static final int MAGIC = 0x184D2204;
    private static final int VERSION_MASK = 0xC0;
    private static final int VERSION = 0x40;
    private static final int INDEPENDENT_BLOCKS = 0x20;
    private static final int BLOCK_CHECKSUM = 0x10;
    private static final int CONTENT_SIZE = 0x08;
    private static final int CONTENT_CHECKSUM = 0x04;
    private static final int DICTIONARY = 0x01;
    private static final int BLOCK_SIZE_ID_MIN = 4;
    private static final int BLOCK_SIZE_ID_MAX = 7;
    private static final int STORED_BIT = 0x80000000;

    /** A byte of an LZ4 block stands for at most so many bytes. */
    private static final int RATIO_MAX = 255;

    private static final LZ4SafeDecompressor DECOMPRESSOR =
            LZ4Factory.fastestInstance().safeDecompressor();

    private final ByteBuf source;
    private final UnpackedBytes target;

    private Lz4Framing(ByteBuf source, UnpackedBytes target) {
        this.source = source;
        this.target = target;
    }

    static void unpack(ByteBuf source, UnpackedBytes target) throws InvalidRecordException {
        Lz4Framing framing = new Lz4Framing(source, target);
        while (source.isReadable()) {
            framing.unpackFrame();
        }
    }

    private void unpackFrame() throws InvalidRecordException {
        require(7, "a frame header");
        int magic = source.readIntLE();
        int flags = source.readUnsignedByte();
        int blockSizeId = (source.readUnsignedByte() >> 4) & 0x07;
        check(magic == MAGIC && (flags & VERSION_MASK) == VERSION, "These bytes do not begin an LZ4 frame");
        check((flags & INDEPENDENT_BLOCKS) != 0, "An LZ4 frame with linked blocks is not supported");
        check((flags & DICTIONARY) == 0, "An LZ4 frame with a dictionary is not supported");
        check(
                blockSizeId >= BLOCK_SIZE_ID_MIN && blockSizeId <= BLOCK_SIZE_ID_MAX,
                "An LZ4 frame names the block size " + blockSizeId + "; known are 4 to 7");
        skip(((flags & CONTENT_SIZE) == 0 ? 0 : 8) + 1, "a frame header");
        unpackBlocks(1 << (8 + 2 * blockSizeId), (flags & BLOCK_CHECKSUM) != 0);
        skip((flags & CONTENT_CHECKSUM) == 0 ? 0 : 4, "a content checksum");
    }

    private void unpackBlocks(int blockBytesMax, boolean blockChecksums) throws InvalidRecordException {
        while (true) {
            require(Integer.BYTES, "a block size");
            int field = source.readIntLE();
            if (field == 0) {
                return;
            }
            int length = field & ~STORED_BIT;
            check(
                    length > 0 && length <= source.readableBytes() && length <= blockBytesMax,
                    "An LZ4 block claims " + length + " bytes; " + source.readableBytes() + " are left");
            if ((field & STORED_BIT) != 0) {
                copyBlock(length);
            } else {
                unpackBlock(length, blockBytesMax);
            }
            skip(blockChecksums ? 4 : 0, "a block checksum");
        }
    }

    private void copyBlock(int length) throws InvalidRecordException {
        target.reserve(length);
        source.readBytes(target.array(), target.length(), length);
        target.advance(length);
    }

    private void unpackBlock(int length, int blockBytesMax) throws InvalidRecordException {
        int possible = (int) Math.min(blockBytesMax, (long) length * RATIO_MAX);
        int room = Math.min(possible, target.allowance());
        target.reserve(room);
        byte[] packed = ByteBufUtil.getBytes(source, source.readerIndex(), length, false);
        try {
            target.advance(DECOMPRESSOR.decompress(packed, 0, length, target.array(), target.length(), room));
        } catch (LZ4Exception e) {
            if (room < possible) {
                throw target.tooLarge();
            }
            throw new InvalidRecordException(Reason.CORRUPT, "An LZ4 block of " + length + " bytes is damaged", e);
        }
        source.skipBytes(length);
    }

    private void skip(int bytes, String what) throws InvalidRecordException {
        require(bytes, what);
        source.skipBytes(bytes);
    }

    private void require(int bytes, String what) throws InvalidRecordException {
        check(
                source.readableBytes() >= bytes,
                "LZ4 data ends " + (bytes - source.readableBytes()) + " bytes before the end of " + what);
    }

    private static void check(boolean holds, String message) throws InvalidRecordException {
        if (!holds) {
            throw new InvalidRecordException(Reason.CORRUPT, message);
        }
    }
}
