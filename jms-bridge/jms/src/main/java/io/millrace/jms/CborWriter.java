package io.millrace.jms;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of map and stream messages as CBOR (RFC 8949), so that any client reads them without a library of ours.
 *
 * <p>A value has one encoding. The width of a number says its type, as CBOR readers do not care for it and Jakarta
 * Messaging does: an {@code int} always takes the head with four bytes, where preferred serialization would take the
 * shortest. A character, which CBOR lacks, is a typed array of one unsigned 16-bit number (RFC 8746). Equal maps have
 * equal bytes, as the names are in the order of their encoding; lengths are definite and as short as they can be.
 */
final class CborWriter {
    static final int UNSIGNED = 0;
    static final int NEGATIVE = 1;
    static final int BYTES = 2;
    static final int TEXT = 3;
    static final int ARRAY = 4;
    static final int MAP = 5;
    static final int TAG = 6;
    static final int SIMPLE = 7;

    static final int FALSE = 20;
    static final int TRUE = 21;
    static final int NULL = 22;
    /** Additional information of a head: how many bytes of argument follow. */
    static final int ONE_BYTE = 24;

    static final int TWO_BYTES = 25;
    static final int FOUR_BYTES = 26;
    static final int EIGHT_BYTES = 27;
    /** RFC 8746: unsigned 16-bit numbers, big-endian. */
    static final int CHARACTERS_TAG = 65;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private CborWriter() {}

    /** The array of the values, each of which {@link TypedValues} has checked. */
    static byte[] encode(List<@Nullable Object> values) throws MessageFormatException {
        CborWriter writer = new CborWriter();
        writer.length(ARRAY, values.size());
        for (Object value : values) {
            writer.value(value);
        }
        return writer.out.toByteArray();
    }

    /** The map of the entries, whose values {@link TypedValues} has checked. */
    static byte[] encode(Map<String, @Nullable Object> entries) throws MessageFormatException {
        Map<byte[], @Nullable Object> inOrder = new TreeMap<>(Arrays::compareUnsigned);
        for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
            CborWriter name = new CborWriter();
            name.text(entry.getKey());
            inOrder.put(name.out.toByteArray(), entry.getValue());
        }
        CborWriter writer = new CborWriter();
        writer.length(MAP, entries.size());
        for (Map.Entry<byte[], @Nullable Object> entry : inOrder.entrySet()) {
            writer.out.writeBytes(entry.getKey());
            writer.value(entry.getValue());
        }
        return writer.out.toByteArray();
    }

    private void value(@Nullable Object value) throws MessageFormatException {
        if (value == null) {
            head(SIMPLE, NULL);
        } else if (value instanceof Boolean bool) {
            head(SIMPLE, bool ? TRUE : FALSE);
        } else if (value instanceof Number number) {
            number(number);
        } else if (value instanceof Character character) {
            length(TAG, CHARACTERS_TAG);
            length(BYTES, Character.BYTES);
            bigEndian(character, Character.BYTES);
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof byte[] bytes) {
            length(BYTES, bytes.length);
            out.writeBytes(bytes);
        } else {
            throw new IllegalStateException("A body holds a " + value.getClass().getName() + ", which was not checked");
        }
    }

    private void number(Number number) {
        if (number instanceof Byte) {
            integer(ONE_BYTE, number.longValue(), Byte.BYTES);
        } else if (number instanceof Short) {
            integer(TWO_BYTES, number.longValue(), Short.BYTES);
        } else if (number instanceof Integer) {
            integer(FOUR_BYTES, number.longValue(), Integer.BYTES);
        } else if (number instanceof Long) {
            integer(EIGHT_BYTES, number.longValue(), Long.BYTES);
        } else if (number instanceof Float) {
            head(SIMPLE, FOUR_BYTES);
            bigEndian(Float.floatToIntBits(number.floatValue()), Float.BYTES);
        } else if (number instanceof Double) {
            head(SIMPLE, EIGHT_BYTES);
            bigEndian(Double.doubleToLongBits(number.doubleValue()), Double.BYTES);
        } else {
            throw new IllegalStateException(
                    "A body holds a " + number.getClass().getName() + ", which was not checked");
        }
    }

    /** A negative number n is written as -1 - n, which is its complement. */
    private void integer(int width, long number, int bytes) {
        head(number < 0 ? NEGATIVE : UNSIGNED, width);
        bigEndian(number < 0 ? ~number : number, bytes);
    }

    private void text(String text) throws MessageFormatException {
        byte[] bytes = MillraceMessage.encodeText(text);
        length(TEXT, bytes.length);
        out.writeBytes(bytes);
    }

    /** A head whose argument takes as few bytes as it can. */
    private void length(int majorType, int argument) {
        if (argument < ONE_BYTE) {
            head(majorType, argument);
        } else if (argument <= 0xff) {
            head(majorType, ONE_BYTE);
            bigEndian(argument, Byte.BYTES);
        } else if (argument <= 0xffff) {
            head(majorType, TWO_BYTES);
            bigEndian(argument, Short.BYTES);
        } else {
            head(majorType, FOUR_BYTES);
            bigEndian(argument, Integer.BYTES);
        }
    }

    private void head(int majorType, int additional) {
        out.write(majorType << 5 | additional);
    }

    private void bigEndian(long number, int bytes) {
        for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            out.write((int) (number >>> shift));
        }
    }
}
