package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is typed values by name; names differ by case. The record's value is a CBOR map.
 *
 * <p>It is read and written, until it is received: then it is read only.
 */
final class MillraceMapMessage extends MillraceMessage implements MapMessage {
    private final Map<String, @Nullable Object> entries;
    private boolean readOnly;

    MillraceMapMessage() {
        this(new LinkedHashMap<>());
    }

    /** @param entries taken over */
    MillraceMapMessage(Map<String, @Nullable Object> entries) {
        this.entries = entries;
    }

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return ValueConversion.ENTRY.toBoolean(name, get(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return ValueConversion.ENTRY.toByte(name, get(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return ValueConversion.ENTRY.toShort(name, get(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return ValueConversion.ENTRY.toChar(name, get(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return ValueConversion.ENTRY.toInt(name, get(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return ValueConversion.ENTRY.toLong(name, get(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return ValueConversion.ENTRY.toFloat(name, get(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return ValueConversion.ENTRY.toDouble(name, get(name));
    }

    @Override
    public @Nullable String getString(String name) throws JMSException {
        return ValueConversion.ENTRY.toText(name, get(name));
    }

    @Override
    public byte @Nullable [] getBytes(String name) throws JMSException {
        return ValueConversion.ENTRY.toBytes(name, get(name));
    }

    @Override
    public @Nullable Object getObject(String name) {
        return TypedValues.copy(get(name));
    }

    @Override
    public Enumeration<String> getMapNames() {
        return Collections.enumeration(new ArrayList<>(entries.keySet()));
    }

    @Override
    public boolean itemExists(@Nullable String name) {
        return name != null && entries.containsKey(name);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setString(String name, @Nullable String value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setBytes(String name, byte @Nullable [] value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        set(name, TypedValues.copy(value, offset, length));
    }

    @Override
    public void setObject(String name, @Nullable Object value) throws JMSException {
        set(name, value);
    }

    private void set(@Nullable String name, @Nullable Object value)
            throws MessageFormatException, MessageNotWriteableException {
        String legalName = requireName(name);
        if (readOnly) {
            throw new MessageNotWriteableException("The entry '" + name + "' cannot be set: the message was received, "
                    + "and its body is read-only until clearBody() is called");
        }
        entries.put(legalName, TypedValues.requireStorable("The entry '" + name + "'", value));
    }

    private @Nullable Object get(@Nullable String name) {
        return entries.get(requireName(name));
    }

    private static String requireName(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("The name of the map's entry is " + (name == null ? "null" : "empty")
                    + "; it must have one character at least");
        }
        return name;
    }

    @Override
    public void clearBody() {
        entries.clear();
        readOnly = false;
    }

    /** Which map it is, is nobody's business. */
    @Override
    Class<?> bodyClass(Object body) {
        return Map.class;
    }

    /** A copy, so that changing it leaves the message as it is. */
    @Override
    @Nullable
    Object body() {
        if (entries.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        entries.forEach((name, value) -> copy.put(name, TypedValues.copy(value)));
        return copy;
    }

    @Override
    byte[] encodeBody() throws JMSException {
        return CborWriter.encode(entries);
    }

    @Override
    BodyKind bodyKind() {
        return BodyKind.MAP;
    }

    @Override
    void onReceived(MessageProperties receivedProperties) {
        super.onReceived(receivedProperties);
        readOnly = true;
    }
}
