package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.xerial.snappy.Snappy;

/**
 * Reads snappy as Kafka's clients write it.
 *
 * <pre>
 * 0x82 "SNAPPY" 0x00 | version 4 | oldest compatible version 4 | { length of block 4 | block } *
 * </pre>
 *
 * Bytes without that beginning are one bare block. The library's own stream believes each length before it allocates;
 * this one does not.
 */
final class SnappyFraming {

    private static final byte[] MAGIC = "\u0082SNAPPY\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FRAME_HEADER_BYTES = MAGIC.length + 8;

    /** A snappy block cannot pack better: its best element makes 64 bytes of 3. */
    private static final int RATIO_MAX = 22;

    private static final int BLOCK_PREAMBLE_BYTES_MAX = 5;

    private SnappyFraming() {}

    static void unpack(ByteBuf source, UnpackedBytes target) throws IOException, InvalidRecordException {
        byte[] packed = ByteBufUtil.getBytes(source, source.readerIndex(), source.readableBytes(), false);
        if (!isFramed(source)) {
            unpackBlock(packed, 0, packed.length, target);
            return;
        }
        ByteBuf frame = source.skipBytes(FRAME_HEADER_BYTES);
        int base = packed.length - frame.readableBytes();
        int begin = frame.readerIndex();
        while (frame.isReadable()) {
            int length = readBlockLength(frame);
            unpackBlock(packed, base + frame.readerIndex() - begin, length, target);
            frame.skipBytes(length);
        }
    }

    private static boolean isFramed(ByteBuf source) {
        if (source.readableBytes() < FRAME_HEADER_BYTES) {
            return false;
        }
        for (int i = 0; i < MAGIC.length; i++) {
            if (source.getByte(source.readerIndex() + i) != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    private static int readBlockLength(ByteBuf frame) throws InvalidRecordException {
        if (frame.readableBytes() < Integer.BYTES) {
            throw new InvalidRecordException(
                    Reason.CORRUPT, "A snappy frame ends with " + frame.readableBytes() + " bytes of a block's length");
        }
        int length = frame.readInt();
        if (length < 0 || length > frame.readableBytes()) {
            throw new InvalidRecordException(
                    Reason.CORRUPT,
                    "A snappy block claims " + length + " bytes; " + frame.readableBytes() + " are left");
        }
        return length;
    }

    private static void unpackBlock(byte[] packed, int offset, int length, UnpackedBytes target)
            throws IOException, InvalidRecordException {
        if (length == 0) {
            return;
        }
        int claimed = Snappy.uncompressedLength(packed, offset, length);
        if (claimed < 0 || claimed > (long) (length + BLOCK_PREAMBLE_BYTES_MAX) * RATIO_MAX) {
            throw new InvalidRecordException(
                    Reason.CORRUPT, "A snappy block of " + length + " bytes claims to hold " + claimed);
        }
        target.reserve(claimed);
        target.advance(Snappy.uncompress(packed, offset, length, target.array(), target.length()));
    }
}
