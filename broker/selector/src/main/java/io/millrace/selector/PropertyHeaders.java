package io.millrace.selector;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Message properties as record headers and back.
 *
 * <p>A property is a header with its name and its value as UTF-8 text. Which properties are not strings stands in one
 * further header, {@link ReservedHeaders#PROPERTY_TYPES}, so that foreign readers see plain values and nothing is
 * guessed. A null string is a header without a value. A value that is no UTF-8 (foreign clients may write any bytes)
 * stays a {@code byte[]}.
 */
public final class PropertyHeaders {
    private PropertyHeaders() {}

    /**
     * Writes properties.
     *
     * @param properties values of the types of {@link PropertyType}, null, or {@code byte[]} that was read before
     * @throws IllegalArgumentException where a value has another type, or text that UTF-8 cannot carry
     */
    public static void encode(Map<String, @Nullable Object> properties, HeaderSink sink) {
        StringBuilder types = new StringBuilder();
        properties.forEach((name, value) -> {
            sink.header(name, encodeValue(name, value));
            appendType(types, name, value);
        });
        if (types.length() > 0) {
            sink.header(ReservedHeaders.PROPERTY_TYPES, Utf8.encode(types.toString()));
        }
    }

    private static byte @Nullable [] encodeValue(String name, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (PropertyType.of(value).isEmpty()) {
            throw new IllegalArgumentException("The property '" + name + "' is a "
                    + value.getClass().getName()
                    + "; it must be a Boolean, Byte, Short, Integer, Long, Float, Double or "
                    + "String");
        }
        return Utf8.encode(value.toString());
    }

    private static void appendType(StringBuilder types, String name, @Nullable Object value) {
        if (value == null || value instanceof String || value instanceof byte[]) {
            return;
        }
        if (types.length() > 0) {
            types.append(',');
        }
        PropertyType.of(value).ifPresent(type -> types.append(name).append(':').append(type.word()));
    }

    /**
     * Reads the properties among a record's headers, in their order; of several headers with one name the last counts.
     *
     * @return values of the types of {@link PropertyType}, null, or {@code byte[]} where a value is no UTF-8
     */
    public static <H> Map<String, @Nullable Object> decode(
            List<H> headers, Function<H, String> name, Function<H, byte @Nullable []> value) {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        Map<String, PropertyType> types = Map.of();
        for (H header : headers) {
            String headerName = name.apply(header);
            byte[] bytes = value.apply(header);
            if (headerName.equals(ReservedHeaders.PROPERTY_TYPES)) {
                types = parseTypes(bytes);
            } else if (!ReservedHeaders.contains(headerName)) {
                properties.put(headerName, decodeValue(bytes));
            }
        }
        types.forEach((propertyName, type) -> properties.computeIfPresent(
                propertyName, (ignored, text) -> text instanceof String string ? type.parse(string) : text));
        return properties;
    }

    private static @Nullable Object decodeValue(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        return Utf8.decode(bytes).<Object>map(text -> text).orElse(bytes);
    }

    private static Map<String, PropertyType> parseTypes(byte @Nullable [] bytes) {
        Map<String, PropertyType> types = new HashMap<>();
        String text = bytes == null ? "" : Utf8.decode(bytes).orElse("");
        for (String entry : text.split(",", -1)) {
            int colon = entry.lastIndexOf(':');
            if (colon > 0) {
                PropertyType.named(entry.substring(colon + 1))
                        .ifPresent(type -> types.put(entry.substring(0, colon), type));
            }
        }
        return types;
    }
}
