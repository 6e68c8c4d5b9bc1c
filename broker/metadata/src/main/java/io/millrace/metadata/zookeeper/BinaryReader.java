package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Reads what {@link BinaryWriter} wrote. Believes no length before it has checked it. */
final class BinaryReader {
    private final String what;
    private final byte[] bytes;
    private int at;

    /** @param what names the znode in error messages */
    BinaryReader(String what, byte[] bytes) {
        this.what = what;
        this.bytes = bytes;
    }

    int readByte() {
        if (at == bytes.length) {
            throw new MetadataException(what + " ends after " + at + " bytes in the middle of a value");
        }
        return bytes[at++] & 0xFF;
    }

    long readBits() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7F) << shift;
            if ((next & 0x80) == 0) {
                return value;
            }
        }
        throw new MetadataException(what + " holds a number of more than 64 bits before byte " + at);
    }

    int readUnsignedInt() {
        long value = readBits();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new MetadataException(what + " holds " + value + " before byte " + at + " where 0 to "
                    + Integer.MAX_VALUE + " may stand");
        }
        return (int) value;
    }

    /** A number of things that follow, each of which takes at least one byte. */
    int readCount() {
        int count = readUnsignedInt();
        if (count > bytes.length - at) {
            throw new MetadataException(what + " announces " + count + " items at byte " + at + " but only "
                    + (bytes.length - at) + " bytes follow");
        }
        return count;
    }

    long readLong() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    UUID readUuid() {
        return new UUID(readLong(), readLong());
    }

    byte[] readBytes() {
        int count = readCount();
        at += count;
        return Arrays.copyOfRange(bytes, at - count, at);
    }

    String readString() {
        return new String(readBytes(), StandardCharsets.UTF_8);
    }

    /** The first byte of every znode says how the rest is written. */
    void expectVersion(int version) {
        int found = readByte();
        if (found != version) {
            throw new MetadataException(
                    what + " is written in format " + found + "; this broker reads format " + version);
        }
    }

    /** The same where formats that follow each other can be read; answers which it is. */
    int expectVersion(int first, int last) {
        int found = readByte();
        if (found < first || found > last) {
            throw new MetadataException(
                    what + " is written in format " + found + "; this broker reads formats " + first + " to " + last);
        }
        return found;
    }

    void expectEnd() {
        if (at != bytes.length) {
            throw new MetadataException(what + " goes on after its end at byte " + at + " of " + bytes.length);
        }
    }
}
