package io.millrace.metadata.zookeeper;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Writes the compact form in which metadata lies in a znode: variable-length numbers, seven bits a byte, the lowest first. */
final class BinaryWriter {
    private byte[] bytes = new byte[256];
    private int length;

    BinaryWriter writeByte(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        bytes[length++] = (byte) value;
        return this;
    }

    /** Small numbers take one byte; negative ones are refused. */
    BinaryWriter writeUnsigned(long value) {
        if (value < 0) {
            throw new IllegalStateException("cannot write the negative number " + value + " as unsigned");
        }
        return writeBits(value);
    }

    /** All 64 bits, from the lowest on; short where the highest are zero. */
    BinaryWriter writeBits(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        return writeByte((int) rest);
    }

    BinaryWriter writeLong(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            writeByte((int) (value >>> shift));
        }
        return this;
    }

    BinaryWriter writeUuid(UUID value) {
        return writeLong(value.getMostSignificantBits()).writeLong(value.getLeastSignificantBits());
    }

    BinaryWriter writeString(String value) {
        return writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    BinaryWriter writeBytes(byte[] value) {
        writeUnsigned(value.length);
        for (byte each : value) {
            writeByte(each);
        }
        return this;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }
}
