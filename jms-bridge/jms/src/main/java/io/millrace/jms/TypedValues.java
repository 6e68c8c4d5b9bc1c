package io.millrace.jms;

import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/** What an entry of a MapMessage and a field of a StreamMessage can be (chapter 3.11.3). */
final class TypedValues {
    private TypedValues() {}

    /**
     * The value as a body keeps it; bytes are copied, as the application may change them.
     *
     * <p>No other object than these is possible, hence none that would have to be serialized.
     *
     * @param where names it in the exception
     */
    static @Nullable Object requireStorable(String where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value == null
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Character
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof String) {
            return value;
        }
        throw new MessageFormatException(where + " cannot hold a "
                + value.getClass().getName() + "; it must be a primitive's object, a String or a byte[]");
    }

    /** A part of the bytes as a copy. */
    static byte[] copy(byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || length > bytes.length - offset) {
            throw new IndexOutOfBoundsException("The offset is " + offset + " and the length " + length
                    + "; they must name a part of the array, whose length is " + bytes.length);
        }
        byte[] copy = new byte[length];
        System.arraycopy(bytes, offset, copy, 0, length);
        return copy;
    }

    /** The value as an application may have it. */
    static @Nullable Object copy(@Nullable Object value) {
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }
}
