package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A byte array that grows while something is unpacked into it, up to a bound. Owned by one call. */
final class UnpackedBytes {

    private static final int EXPECTED_RATIO = 4;
    private static final int CAPACITY_MIN = 512;

    private final int bytesMax;
    private byte[] bytes;
    private int length;

    UnpackedBytes(int packedBytes, int bytesMax) {
        this.bytesMax = bytesMax;
        long expected = Math.max(CAPACITY_MIN, (long) packedBytes * EXPECTED_RATIO);
        this.bytes = new byte[(int) Math.min(bytesMax, expected)];
    }

    /** The array to write to, from {@link #length} on. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** How many more bytes the bound allows. */
    int allowance() {
        return bytesMax - length;
    }

    /** Makes room for so many bytes more, or refuses when the bound does not allow them. */
    void reserve(int more) throws InvalidRecordException {
        if (more > allowance()) {
            throw tooLarge();
        }
        if (length + more > bytes.length) {
            long grown = Math.max(length + (long) more, bytes.length * 2L);
            bytes = Arrays.copyOf(bytes, (int) Math.min(bytesMax, grown));
        }
    }

    /** Counts bytes that were written behind {@link #length}. */
    void advance(int written) {
        length += written;
    }

    UnpackedBytes readAll(InputStream packed) throws IOException, InvalidRecordException {
        while (true) {
            if (length == bytes.length) {
                if (length == bytesMax) {
                    return readEnd(packed);
                }
                reserve(1);
            }
            int read = packed.read(bytes, length, bytes.length - length);
            if (read < 0) {
                return this;
            }
            length += read;
        }
    }

    private UnpackedBytes readEnd(InputStream packed) throws IOException, InvalidRecordException {
        if (packed.read() >= 0) {
            throw tooLarge();
        }
        return this;
    }

    InvalidRecordException tooLarge() {
        return new InvalidRecordException(
                Reason.TOO_LARGE, "A compressed batch unpacks to more than the limit of " + bytesMax + " bytes");
    }

    ByteBuf toByteBuf() {
        return Unpooled.wrappedBuffer(bytes, 0, length);
    }
}
