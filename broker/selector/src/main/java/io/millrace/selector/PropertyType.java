package io.millrace.selector;

import java.util.Optional;

/** The types of property values and how each is written as text, exactly and readably. */
public enum PropertyType {
    BOOLEAN("boolean", Boolean.class),
    BYTE("byte", Byte.class),
    SHORT("short", Short.class),
    INT("int", Integer.class),
    LONG("long", Long.class),
    FLOAT("float", Float.class),
    DOUBLE("double", Double.class),
    STRING("string", String.class);

    private final String word;
    private final Class<?> valueClass;

    PropertyType(String word, Class<?> valueClass) {
        this.word = word;
        this.valueClass = valueClass;
    }

    /** As the header {@link ReservedHeaders#PROPERTY_TYPES} names it. */
    public String word() {
        return word;
    }

    /** The type of a value; empty where a property cannot hold it. */
    public static Optional<PropertyType> of(Object value) {
        for (PropertyType type : values()) {
            if (type.valueClass.isInstance(value)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static Optional<PropertyType> named(String word) {
        for (PropertyType type : values()) {
            if (type.word.equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The value that was written as this text; the text itself where it is no value of this type. */
    Object parse(String text) {
        try {
            return switch (this) {
                case BOOLEAN -> parseBoolean(text);
                case BYTE -> Byte.valueOf(text);
                case SHORT -> Short.valueOf(text);
                case INT -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case STRING -> text;
            };
        } catch (NumberFormatException ignored) {
            // Somebody else changed the header; as text it is at least readable.
            return text;
        }
    }

    private static Object parseBoolean(String text) {
        return text.equals("true") || text.equals("false") ? (Object) Boolean.valueOf(text) : text;
    }
}
