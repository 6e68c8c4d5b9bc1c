package io.millrace.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the protocol's primitive types from one frame, in the encoding of one message version.
 *
 * <p>Records handed out are slices of the frame: they live as long as the frame does. Every length is checked against
 * the bytes that are left, so a hostile length can never cause an allocation larger than the frame. A frame that ends
 * too early is reported by the buffer as an {@link IndexOutOfBoundsException}, which {@link Schema#read} turns into a
 * {@link MalformedMessageException}.
 */
public final class Reader {
    /** Kafka's bound on a string, in both encodings. */
    static final int STRING_BYTES_MAX = Short.MAX_VALUE;

    private static final int NULL_LENGTH = -1;

    private final ByteBuf frame;
    private final int version;
    private final boolean flexible;

    public Reader(ByteBuf frame, int version, boolean flexible) {
        this.frame = frame;
        this.version = version;
        this.flexible = flexible;
    }

    int version() {
        return version;
    }

    boolean flexible() {
        return flexible;
    }

    int position() {
        return frame.readerIndex();
    }

    int remaining() {
        return frame.readableBytes();
    }

    boolean bool() {
        return frame.readBoolean();
    }

    byte int8() {
        return frame.readByte();
    }

    short int16() {
        return frame.readShort();
    }

    int uint16() {
        return frame.readUnsignedShort();
    }

    int int32() {
        return frame.readInt();
    }

    long int64() {
        return frame.readLong();
    }

    double float64() {
        return frame.readDouble();
    }

    UUID uuid() {
        return new UUID(frame.readLong(), frame.readLong());
    }

    ErrorCode errorCode() {
        return ErrorCode.of(frame.readShort());
    }

    String string() {
        String value = nullableString();
        if (value == null) {
            throw new MalformedMessageException("null string before byte " + position() + " where one is required");
        }
        return value;
    }

    @Nullable
    String nullableString() {
        int length = flexible ? compactLength() : checked(frame.readShort());
        if (length > STRING_BYTES_MAX) {
            throw new MalformedMessageException(
                    "string of " + length + " bytes at byte " + position() + ", at most " + STRING_BYTES_MAX);
        }
        if (length == 0) {
            return "";
        }
        return length < 0 ? null : frame.readCharSequence(length, UTF_8).toString();
    }

    Bytes bytes() {
        Bytes value = nullableBytes();
        if (value == null) {
            throw new MalformedMessageException("null bytes before byte " + position() + " where some are required");
        }
        return value;
    }

    @Nullable
    Bytes nullableBytes() {
        int length = length();
        if (length < 0) {
            return null;
        }
        byte[] content = new byte[length];
        frame.readBytes(content);
        return Bytes.consume(content);
    }

    @Nullable
    Records records() {
        int length = length();
        if (length <= 0) {
            return length < 0 ? null : Records.EMPTY;
        }
        return new ByteBufRecords(frame.readSlice(length));
    }

    /** Length of an array or byte field, -1 for null; no more than the bytes that are left. */
    int length() {
        return flexible ? compactLength() : checked(frame.readInt());
    }

    /** Number of elements of a list, -1 for null; no more than the bytes that are left can hold. */
    int count(int elementBytesMin) {
        int count = length();
        if (count > 0 && (long) count * elementBytesMin > remaining()) {
            throw new MalformedMessageException("list of " + count + " elements at byte " + position() + ", but the "
                    + remaining() + " bytes left cannot hold as many");
        }
        return count;
    }

    int unsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            byte next = frame.readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("varint before byte " + position() + " runs over five bytes");
    }

    /** Where a value of {@code size} bytes that starts here ends. */
    int endOf(int size) {
        if (size < 0) {
            throw new MalformedMessageException("negative size " + size + " before byte " + position());
        }
        return position() + checked(size);
    }

    /** Skips what a newer sender has added before {@code end}; reading beyond it was the sender's lie. */
    void moveTo(int end) {
        if (position() > end) {
            throw new MalformedMessageException(
                    "tagged field ends at byte " + end + ", but its value at " + position());
        }
        frame.readerIndex(end);
    }

    private int compactLength() {
        return checked(unsignedVarint() - 1);
    }

    private int checked(int length) {
        if (length > frame.readableBytes() || length < NULL_LENGTH) {
            throw new MalformedMessageException("length " + length + " at byte " + position() + " is not within the "
                    + remaining() + " bytes left");
        }
        return length;
    }
}
