package io.millrace.jms;

import io.millrace.selector.PropertyNames;
import io.millrace.selector.PropertyType;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties of one message, in the order in which they were set.
 *
 * <p>Not safe for use by several threads, as a message is not.
 */
final class MessageProperties {
    private final Map<String, @Nullable Object> values;
    private boolean readOnly;

    private MessageProperties(Map<String, @Nullable Object> values, boolean readOnly) {
        this.values = values;
        this.readOnly = readOnly;
    }

    static MessageProperties writable() {
        return new MessageProperties(new LinkedHashMap<>(), false);
    }

    /** Of a received message. */
    static MessageProperties received(Map<String, @Nullable Object> values) {
        return new MessageProperties(values, true);
    }

    void set(@Nullable String name, @Nullable Object value)
            throws MessageFormatException, MessageNotWriteableException {
        String legalName = requireSettable(name);
        if (readOnly) {
            throw new MessageNotWriteableException("The property '" + name + "' cannot be set: the message was "
                    + "received, and its properties are read-only until clearProperties() is called");
        }
        values.put(legalName, requireSettable(legalName, value));
    }

    private static String requireSettable(@Nullable String name) throws MessageFormatException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("The name of the property is " + (name == null ? "null" : "empty")
                    + "; it must be a Java identifier");
        }
        String objection = PropertyNames.objectionToSetting(name).orElse(null);
        if (objection == null) {
            return name;
        }
        if (PropertyNames.isPropertyName(name)) {
            throw new MessageFormatException(objection);
        }
        throw new IllegalArgumentException(objection);
    }

    private static @Nullable Object requireSettable(String name, @Nullable Object value) throws MessageFormatException {
        if (value == null || PropertyType.of(value).isPresent()) {
            return value;
        }
        throw new MessageFormatException("The property '" + name + "' cannot hold a "
                + value.getClass().getName()
                + "; it must be a Boolean, Byte, Short, Integer, Long, Float, Double or String");
    }

    @Nullable
    Object get(@Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("The name of the property is null");
        }
        return values.get(name);
    }

    /** A foreign header's bytes that are no UTF-8 read as hexadecimal digits after {@code 0x}. */
    @Nullable
    String text(@Nullable String name) {
        Object value = object(name);
        return value == null ? null : value.toString();
    }

    /** The value as an application sees it. */
    @Nullable
    Object object(@Nullable String name) {
        Object value = get(name);
        return value instanceof byte[] bytes ? "0x" + HexFormat.of().formatHex(bytes) : value;
    }

    boolean contains(@Nullable String name) {
        return name != null && values.containsKey(name);
    }

    /** The names that an application could set; foreign headers with other names are read by asking for them. */
    List<String> names() {
        List<String> names = new ArrayList<>(values.size());
        for (String name : values.keySet()) {
            if (PropertyNames.isPropertyName(name)) {
                names.add(name);
            }
        }
        return names;
    }

    void clear() {
        values.clear();
        readOnly = false;
    }

    /** What only the provider sets. */
    void setByProvider(String name, Object value) {
        values.put(name, value);
    }

    Map<String, @Nullable Object> asMap() {
        return Collections.unmodifiableMap(values);
    }
}
