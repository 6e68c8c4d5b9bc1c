package io.millrace.jms;

import io.millrace.selector.Utf8;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link CborWriter} writes, and what other CBOR writers make of the same values: numbers in their shortest
 * form, half-precision fractions, containers of indefinite length, names in any order.
 *
 * <p>The bytes are not trusted. A length is compared with the bytes that are left before anything is allocated for it,
 * every value takes one byte at least, and a container inside the outermost one is refused, so that memory is bounded
 * by the record's size and the stack by nothing but this class. Whatever is no body of a message is refused as a whole.
 */
final class CborReader {
    private static final int INDEFINITE = 31;
    private static final int HALF_PRECISION = CborWriter.TWO_BYTES;
    private static final int SINGLE_PRECISION = CborWriter.FOUR_BYTES;
    private static final int DOUBLE_PRECISION = CborWriter.EIGHT_BYTES;
    private static final int UNDEFINED = 23;
    private static final byte BREAK = (byte) 0xff;

    private final ByteBuffer in;

    private CborReader(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes);
    }

    /** The bytes are no body; says nothing more, as the application is given the bytes themselves. */
    private static final class MalformedException extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        MalformedException() {
            super("no body of a message", null, false, false);
        }
    }

    /** The fields of a stream; empty where the bytes are none. */
    static Optional<List<@Nullable Object>> decodeList(byte[] bytes) {
        try {
            CborReader reader = new CborReader(bytes);
            List<@Nullable Object> values = reader.list();
            reader.requireEnd();
            return Optional.of(values);
        } catch (MalformedException ignored) {
            // The answer says it: these bytes are something else.
            return Optional.empty();
        }
    }

    /** The entries of a map, in the order of the bytes; empty where the bytes are none. */
    static Optional<Map<String, @Nullable Object>> decodeMap(byte[] bytes) {
        try {
            CborReader reader = new CborReader(bytes);
            Map<String, @Nullable Object> entries = reader.map();
            reader.requireEnd();
            return Optional.of(entries);
        } catch (MalformedException ignored) {
            // The answer says it: these bytes are something else.
            return Optional.empty();
        }
    }

    private List<@Nullable Object> list() throws MalformedException {
        int count = count(CborWriter.ARRAY, 1);
        List<@Nullable Object> values = new ArrayList<>(Math.max(0, count));
        for (int i = 0; i != count && !atBreak(count); i++) {
            values.add(value());
        }
        return values;
    }

    private Map<String, @Nullable Object> map() throws MalformedException {
        int count = count(CborWriter.MAP, 2);
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        for (int i = 0; i != count && !atBreak(count); i++) {
            int head = unsignedByte();
            require(head >>> 5 == CborWriter.TEXT);
            String name = text(head & 0x1f);
            require(!name.isEmpty() && !entries.containsKey(name));
            entries.put(name, value());
        }
        return entries;
    }

    /** How many elements a container has, {@code -1} for those that end with a break. */
    private int count(int majorType, int bytesEach) throws MalformedException {
        int head = unsignedByte();
        require(head >>> 5 == majorType);
        if ((head & 0x1f) == INDEFINITE) {
            return -1;
        }
        long count = argument(head & 0x1f);
        require(count >= 0 && count <= in.remaining() / bytesEach);
        return (int) count;
    }

    private boolean atBreak(int count) throws MalformedException {
        if (count >= 0) {
            return false;
        }
        require(in.hasRemaining());
        if (in.get(in.position()) != BREAK) {
            return false;
        }
        in.get();
        return true;
    }

    private @Nullable Object value() throws MalformedException {
        int head = unsignedByte();
        int additional = head & 0x1f;
        return switch (head >>> 5) {
            case CborWriter.UNSIGNED -> integer(additional, false);
            case CborWriter.NEGATIVE -> integer(additional, true);
            case CborWriter.BYTES -> bytes(additional);
            case CborWriter.TEXT -> text(additional);
            case CborWriter.TAG -> character(additional);
            case CborWriter.SIMPLE -> simple(additional);
            default -> throw new MalformedException();
        };
    }

    /** The type of the width it was written with, or the next larger one where it needs that. */
    private Object integer(int additional, boolean isNegative) throws MalformedException {
        long argument = argument(additional);
        require(argument >= 0);
        long number = isNegative ? ~argument : argument;
        if (additional == CborWriter.ONE_BYTE && number == (byte) number) {
            return (byte) number;
        }
        if ((additional == CborWriter.ONE_BYTE || additional == CborWriter.TWO_BYTES) && number == (short) number) {
            return (short) number;
        }
        if (additional != CborWriter.EIGHT_BYTES && number == (int) number) {
            return (int) number;
        }
        return number;
    }

    private byte[] bytes(int additional) throws MalformedException {
        long length = argument(additional);
        require(length >= 0 && length <= in.remaining());
        int from = in.position();
        in.position(from + (int) length);
        return Arrays.copyOfRange(in.array(), from, in.position());
    }

    private String text(int additional) throws MalformedException {
        return Utf8.decode(bytes(additional)).orElseThrow(MalformedException::new);
    }

    private Character character(int additional) throws MalformedException {
        require(argument(additional) == CborWriter.CHARACTERS_TAG);
        int head = unsignedByte();
        require(head >>> 5 == CborWriter.BYTES && argument(head & 0x1f) == Character.BYTES);
        require(in.remaining() >= Character.BYTES);
        return in.getChar();
    }

    private @Nullable Object simple(int additional) throws MalformedException {
        return switch (additional) {
            case CborWriter.FALSE -> false;
            case CborWriter.TRUE -> true;
            case CborWriter.NULL, UNDEFINED -> null;
            case HALF_PRECISION -> halfPrecision((int) argument(additional));
            case SINGLE_PRECISION -> Float.intBitsToFloat((int) argument(additional));
            case DOUBLE_PRECISION -> Double.longBitsToDouble(argument(additional));
            default -> throw new MalformedException();
        };
    }

    /** One bit of sign, five of exponent, ten of fraction. */
    private static float halfPrecision(int bits) {
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, -24);
        } else if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else {
            magnitude = Math.scalb((float) (fraction | 0x400), exponent - 25);
        }
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }

    /** Negative where it is larger than a long can be. */
    private long argument(int additional) throws MalformedException {
        if (additional < CborWriter.ONE_BYTE) {
            return additional;
        }
        require(additional <= CborWriter.EIGHT_BYTES);
        int bytes = 1 << (additional - CborWriter.ONE_BYTE);
        require(in.remaining() >= bytes);
        return switch (bytes) {
            case Byte.BYTES -> Byte.toUnsignedLong(in.get());
            case Short.BYTES -> Short.toUnsignedLong(in.getShort());
            case Integer.BYTES -> Integer.toUnsignedLong(in.getInt());
            default -> in.getLong();
        };
    }

    private int unsignedByte() throws MalformedException {
        require(in.hasRemaining());
        return Byte.toUnsignedInt(in.get());
    }

    private void requireEnd() throws MalformedException {
        require(!in.hasRemaining());
    }

    private static void require(boolean condition) throws MalformedException {
        if (!condition) {
            throw new MalformedException();
        }
    }
}
