package io.millrace.jms;

import io.millrace.selector.PropertyType;
import jakarta.jms.MessageFormatException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Property values read as another type (Jakarta Messaging 3.1, chapter 3.5.4, table 3.5).
 *
 * <p>A missing value converts as null does: numeric types throw {@link NumberFormatException}, boolean is false.
 */
final class PropertyConversion {
    private PropertyConversion() {}

    /** What a property can hold of this value, or an exception that says what it could. */
    static @Nullable Object requireSettable(String name, @Nullable Object value) throws MessageFormatException {
        if (value == null || PropertyType.of(value).isPresent()) {
            return value;
        }
        throw new MessageFormatException("The property '" + name + "' cannot hold a "
                + value.getClass().getName()
                + "; it must be a Boolean, Byte, Short, Integer, Long, Float, Double or String");
    }

    static boolean toBoolean(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw unreadable(name, value, "boolean");
    }

    static byte toByte(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte number) {
            return number;
        }
        if (value == null || value instanceof String) {
            return Byte.parseByte(requireText(name, value));
        }
        throw unreadable(name, value, "byte");
    }

    static short toShort(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short) {
            return ((Number) value).shortValue();
        }
        if (value == null || value instanceof String) {
            return Short.parseShort(requireText(name, value));
        }
        throw unreadable(name, value, "short");
    }

    static int toInt(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).intValue();
        }
        if (value == null || value instanceof String) {
            return Integer.parseInt(requireText(name, value));
        }
        throw unreadable(name, value, "int");
    }

    static long toLong(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (value == null || value instanceof String) {
            return Long.parseLong(requireText(name, value));
        }
        throw unreadable(name, value, "long");
    }

    static float toFloat(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Float number) {
            return number;
        }
        if (value == null || value instanceof String) {
            return Float.parseFloat(requireText(name, value));
        }
        throw unreadable(name, value, "float");
    }

    static double toDouble(String name, @Nullable Object value) throws MessageFormatException {
        if (value instanceof Float || value instanceof Double) {
            return ((Number) value).doubleValue();
        }
        if (value == null || value instanceof String) {
            return Double.parseDouble(requireText(name, value));
        }
        throw unreadable(name, value, "double");
    }

    /** A foreign header's bytes that are no UTF-8 read as hexadecimal digits after {@code 0x}. */
    static @Nullable String toText(@Nullable Object value) {
        return value instanceof byte[] bytes
                ? "0x" + HexFormat.of().formatHex(bytes)
                : value == null ? null : value.toString();
    }

    /** The value as an application sees it. */
    static @Nullable Object toObject(@Nullable Object value) {
        return value instanceof byte[] ? toText(value) : value;
    }

    private static String requireText(String name, @Nullable Object value) {
        if (value == null) {
            throw new NumberFormatException("The property '" + name + "' has no value; it cannot be read as a number");
        }
        return (String) value;
    }

    private static MessageFormatException unreadable(String name, Object value, String wanted) {
        return new MessageFormatException("The property '" + name + "' is a "
                + value.getClass().getSimpleName().toLowerCase(Locale.ROOT) + "; it cannot be read as a " + wanted);
    }
}
