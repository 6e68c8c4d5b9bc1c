package io.millrace.jms;

import jakarta.jms.MessageFormatException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values read as another type than they were written (Jakarta Messaging 3.1, chapters 3.5.4 and 3.11.3): of properties,
 * of the entries of a MapMessage, of the fields of a StreamMessage. The tables are the same, but that properties are
 * neither characters nor bytes.
 *
 * <p>Null, and what is missing, converts as the primitive's {@code valueOf(String)} converts null: whole numbers throw
 * {@link NumberFormatException}, fractions and characters {@link NullPointerException}, boolean is false. Text that is
 * no such number throws {@link NumberFormatException}.
 *
 * @param noun what the values are, in exceptions
 */
record ValueConversion(String noun) {
    static final ValueConversion PROPERTY = new ValueConversion("property");
    static final ValueConversion ENTRY = new ValueConversion("map's entry");
    static final ValueConversion FIELD = new ValueConversion("stream's field");

    boolean toBoolean(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw unreadable(where, value, "boolean");
    }

    byte toByte(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte number) {
            return number;
        }
        if (value == null || value instanceof String) {
            return Byte.parseByte(requireNumber(where, value));
        }
        throw unreadable(where, value, "byte");
    }

    short toShort(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short) {
            return ((Number) value).shortValue();
        }
        if (value == null || value instanceof String) {
            return Short.parseShort(requireNumber(where, value));
        }
        throw unreadable(where, value, "short");
    }

    char toChar(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Character character) {
            return character;
        }
        if (value == null) {
            throw new NullPointerException(nothing(where, "character"));
        }
        throw unreadable(where, value, "char");
    }

    int toInt(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).intValue();
        }
        if (value == null || value instanceof String) {
            return Integer.parseInt(requireNumber(where, value));
        }
        throw unreadable(where, value, "int");
    }

    long toLong(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (value == null || value instanceof String) {
            return Long.parseLong(requireNumber(where, value));
        }
        throw unreadable(where, value, "long");
    }

    float toFloat(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Float number) {
            return number;
        }
        if (value == null || value instanceof String) {
            return Float.parseFloat(requireFraction(where, value));
        }
        throw unreadable(where, value, "float");
    }

    double toDouble(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Float || value instanceof Double) {
            return ((Number) value).doubleValue();
        }
        if (value == null || value instanceof String) {
            return Double.parseDouble(requireFraction(where, value));
        }
        throw unreadable(where, value, "double");
    }

    /** Everything but bytes has a text. */
    @Nullable
    String toText(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[]) {
            throw unreadable(where, value, "String");
        }
        return value == null ? null : value.toString();
    }

    /** A copy. */
    byte @Nullable [] toBytes(Object where, @Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value == null) {
            return null;
        }
        throw unreadable(where, value, "byte[]");
    }

    private String requireNumber(Object where, @Nullable Object value) {
        if (value == null) {
            throw new NumberFormatException(nothing(where, "number"));
        }
        return (String) value;
    }

    /** As {@code Float.valueOf} and {@code Double.valueOf} have it, other than those of whole numbers. */
    private String requireFraction(Object where, @Nullable Object value) {
        if (value == null) {
            throw new NullPointerException(nothing(where, "number"));
        }
        return (String) value;
    }

    private String nothing(Object where, String wanted) {
        return "The " + noun + " '" + where + "' has no value; it cannot be read as a " + wanted;
    }

    private MessageFormatException unreadable(Object where, Object value, String wanted) {
        return new MessageFormatException("The " + noun + " '" + where + "' is a "
                + value.getClass().getSimpleName().toLowerCase(Locale.ROOT) + "; it cannot be read as a " + wanted);
    }
}
