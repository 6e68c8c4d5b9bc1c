package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;

/** The zigzag variable-length integers of record batches: small absolute values take few bytes. */
final class Varints {

    private static final int INT_BYTES_MAX = 5;
    private static final int LONG_BYTES_MAX = 10;

    private Varints() {}

    static void writeInt(ByteBuf target, int value) {
        writeLong(target, value);
    }

    static void writeLong(ByteBuf target, long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        while ((zigzag & ~0x7FL) != 0) {
            target.writeByte((int) (zigzag & 0x7F) | 0x80);
            zigzag >>>= 7;
        }
        target.writeByte((int) zigzag);
    }

    static int sizeOf(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        int bits = 64 - Long.numberOfLeadingZeros(zigzag | 1);
        return (bits + 6) / 7;
    }

    static int readInt(ByteBuf source) throws InvalidRecordException {
        int raw = 0;
        for (int i = 0; i < INT_BYTES_MAX; i++) {
            byte next = readByte(source);
            raw |= (next & 0x7F) << (7 * i);
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new InvalidRecordException(
                Reason.CORRUPT, "A varint at byte " + source.readerIndex() + " is longer than " + INT_BYTES_MAX);
    }

    static long readLong(ByteBuf source) throws InvalidRecordException {
        long raw = 0;
        for (int i = 0; i < LONG_BYTES_MAX; i++) {
            byte next = readByte(source);
            raw |= (next & 0x7FL) << (7 * i);
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new InvalidRecordException(
                Reason.CORRUPT, "A varlong at byte " + source.readerIndex() + " is longer than " + LONG_BYTES_MAX);
    }

    private static byte readByte(ByteBuf source) throws InvalidRecordException {
        if (!source.isReadable()) {
            throw new InvalidRecordException(
                    Reason.CORRUPT, "A varint at byte " + source.readerIndex() + " is cut off by the end of the data");
        }
        return source.readByte();
    }
}
