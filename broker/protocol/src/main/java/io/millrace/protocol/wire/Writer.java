package io.millrace.protocol.wire;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes the protocol's primitive types, in the encoding of one message version.
 *
 * <p>Everything but records goes to one buffer. Records stay where they are; the writer remembers at which byte of the
 * buffer they belong, and {@link #toFrame} cuts the buffer there. Small records in memory are copied all the same, since
 * a part of its own costs the network more than the copy.
 */
public final class Writer {
    /** Up to this size a copy is cheaper than a further part of the frame. */
    static final int COPIED_RECORDS_BYTES_MAX = 512;

    private static final int LENGTH_BYTES = Integer.BYTES;

    private record Cut(int index, Records records) {}

    private final ByteBuf out;
    private final int version;
    private final boolean flexible;
    private final boolean insideTag;
    private final List<Cut> cuts = new ArrayList<>(0);
    private final List<Records> copied = new ArrayList<>(0);

    public Writer(ByteBuf out, int version, boolean flexible) {
        this(out, version, flexible, false);
    }

    private Writer(ByteBuf out, int version, boolean flexible, boolean insideTag) {
        this.out = out;
        this.version = version;
        this.flexible = flexible;
        this.insideTag = insideTag;
    }

    /**
     * Ends the message and hands its records over to the frame. The buffer must start with four bytes left free for the
     * frame's length; the frame takes it over.
     *
     * @throws IllegalStateException if the frame would be larger than its length field can say
     */
    public OutgoingFrame toFrame() {
        long size = out.readableBytes();
        for (Cut cut : cuts) {
            size += cut.records().sizeInBytes();
        }
        if (size > Integer.MAX_VALUE) {
            throw new IllegalStateException("a frame of " + size + " bytes cannot be sent; split the message");
        }
        out.setInt(out.readerIndex(), (int) size - LENGTH_BYTES);
        copied.forEach(Records::release);
        return new OutgoingFrame(cutIntoParts(), (int) size);
    }

    private List<Records> cutIntoParts() {
        var parts = new ArrayList<Records>(2 * cuts.size() + 1);
        for (Cut cut : cuts) {
            if (cut.index() > out.readerIndex()) {
                parts.add(Records.of(out.readRetainedSlice(cut.index() - out.readerIndex())));
            }
            parts.add(cut.records());
        }
        if (out.isReadable()) {
            parts.add(Records.of(out));
        } else {
            out.release();
        }
        return parts;
    }

    int version() {
        return version;
    }

    boolean flexible() {
        return flexible;
    }

    /** For the value of a tagged field, whose size must be known before it is written. */
    Writer insideTag(ByteBuf value) {
        return new Writer(value, version, flexible, true);
    }

    ByteBuf buffer() {
        return out;
    }

    void bool(boolean value) {
        out.writeBoolean(value);
    }

    void int8(byte value) {
        out.writeByte(value);
    }

    void int16(short value) {
        out.writeShort(value);
    }

    void uint16(int value) {
        if (value >>> Short.SIZE != 0) {
            throw new IllegalStateException("an unsigned 16-bit field cannot hold " + value);
        }
        out.writeShort(value);
    }

    void int32(int value) {
        out.writeInt(value);
    }

    void int64(long value) {
        out.writeLong(value);
    }

    void float64(double value) {
        out.writeDouble(value);
    }

    void uuid(UUID value) {
        out.writeLong(value.getMostSignificantBits());
        out.writeLong(value.getLeastSignificantBits());
    }

    void errorCode(ErrorCode value) {
        out.writeShort(value.code());
    }

    void string(String value) {
        nullableString(Objects.requireNonNull(value, "string"));
    }

    void nullableString(@Nullable String value) {
        int length = value == null ? -1 : ByteBufUtil.utf8Bytes(value);
        if (length > Reader.STRING_BYTES_MAX) {
            throw new IllegalStateException(
                    "a string of " + length + " bytes cannot be sent; at most " + Reader.STRING_BYTES_MAX);
        }
        if (flexible) {
            unsignedVarint(length + 1);
        } else {
            out.writeShort(length);
        }
        if (value != null) {
            ByteBufUtil.reserveAndWriteUtf8(out, value, length);
        }
    }

    void bytes(Bytes value) {
        nullableBytes(Objects.requireNonNull(value, "bytes"));
    }

    void nullableBytes(@Nullable Bytes value) {
        length(value == null ? -1 : value.size());
        if (value != null) {
            out.writeBytes(value.content());
        }
    }

    void records(@Nullable Records value) {
        if (value == null) {
            length(-1);
            return;
        }
        if (insideTag) {
            throw new IllegalStateException("records cannot be the value of a tagged field");
        }
        int size = value.sizeInBytes();
        length(size);
        if (value instanceof ByteBufRecords inMemory && size <= COPIED_RECORDS_BYTES_MAX) {
            ByteBuf buffer = inMemory.buffer();
            out.writeBytes(buffer, buffer.readerIndex(), size);
            copied.add(value);
        } else if (size == 0) {
            copied.add(value);
        } else {
            cuts.add(new Cut(out.writerIndex(), value));
        }
    }

    void length(int length) {
        if (flexible) {
            unsignedVarint(length + 1);
        } else {
            out.writeInt(length);
        }
    }

    void unsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
