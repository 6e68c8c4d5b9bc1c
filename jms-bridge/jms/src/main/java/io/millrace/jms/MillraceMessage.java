package io.millrace.jms;

import io.millrace.selector.PropertyNames;
import io.millrace.selector.Utf8;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * A message: header fields and properties; the subclasses add a body.
 *
 * <p>Not safe for use by several threads at a time. A received message's properties and body are read-only until they
 * are cleared; header fields may always be set, and sending sets them anew (chapter 3.4.11).
 */
class MillraceMessage implements Message {
    private @Nullable String messageId;
    private long timestampMs;
    private byte @Nullable [] correlationId;
    private @Nullable Destination replyTo;
    private @Nullable Destination destination;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private boolean redelivered;
    private @Nullable String type;
    private long expirationMs;
    private long deliveryTimeMs;
    private int priority = Message.DEFAULT_PRIORITY;
    private MessageProperties properties = MessageProperties.writable();
    private Acknowledger acknowledger = Acknowledger.NONE;

    /** How a received message acknowledges what its session has consumed. */
    @FunctionalInterface
    interface Acknowledger {
        /** Of messages that are acknowledged by somebody else, or were never received. */
        Acknowledger NONE = () -> {};

        void acknowledge() throws JMSException;
    }

    @Override
    public @Nullable String getJMSMessageID() {
        return messageId;
    }

    @Override
    public void setJMSMessageID(@Nullable String newMessageId) {
        this.messageId = newMessageId;
    }

    @Override
    public long getJMSTimestamp() {
        return timestampMs;
    }

    @Override
    public void setJMSTimestamp(long newTimestampMs) {
        this.timestampMs = newTimestampMs;
    }

    /** The bytes themselves, or the UTF-8 bytes of the string that was set. */
    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return correlationId == null ? null : correlationId.clone();
    }

    @Override
    public void setJMSCorrelationIDAsBytes(byte @Nullable [] newCorrelationId) {
        this.correlationId = newCorrelationId == null ? null : newCorrelationId.clone();
    }

    @Override
    public void setJMSCorrelationID(@Nullable String newCorrelationId) throws JMSException {
        this.correlationId = newCorrelationId == null ? null : encodeText(newCorrelationId);
    }

    /** The string that was set, or the bytes that were set read as UTF-8. */
    @Override
    public @Nullable String getJMSCorrelationID() {
        return correlationId == null ? null : new String(correlationId, StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }

    @Override
    public void setJMSReplyTo(@Nullable Destination newReplyTo) {
        this.replyTo = newReplyTo;
    }

    @Override
    public @Nullable Destination getJMSDestination() {
        return destination;
    }

    @Override
    public void setJMSDestination(@Nullable Destination newDestination) {
        this.destination = newDestination;
    }

    @Override
    public int getJMSDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public void setJMSDeliveryMode(int newDeliveryMode) throws JMSException {
        this.deliveryMode = SendOptions.requireDeliveryMode(newDeliveryMode);
    }

    @Override
    public boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public void setJMSRedelivered(boolean newRedelivered) {
        this.redelivered = newRedelivered;
    }

    @Override
    public @Nullable String getJMSType() {
        return type;
    }

    @Override
    public void setJMSType(@Nullable String newType) {
        this.type = newType;
    }

    @Override
    public long getJMSExpiration() {
        return expirationMs;
    }

    @Override
    public void setJMSExpiration(long newExpirationMs) {
        this.expirationMs = newExpirationMs;
    }

    @Override
    public long getJMSDeliveryTime() {
        return deliveryTimeMs;
    }

    @Override
    public void setJMSDeliveryTime(long newDeliveryTimeMs) {
        this.deliveryTimeMs = newDeliveryTimeMs;
    }

    @Override
    public int getJMSPriority() {
        return priority;
    }

    @Override
    public void setJMSPriority(int newPriority) throws JMSException {
        this.priority = SendOptions.requirePriority(newPriority);
    }

    @Override
    public void clearProperties() {
        properties.clear();
    }

    @Override
    public boolean propertyExists(@Nullable String name) {
        return properties.contains(name);
    }

    @Override
    public boolean getBooleanProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toBoolean(name, properties.get(name));
    }

    @Override
    public byte getByteProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toByte(name, properties.get(name));
    }

    @Override
    public short getShortProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toShort(name, properties.get(name));
    }

    @Override
    public int getIntProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toInt(name, properties.get(name));
    }

    @Override
    public long getLongProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toLong(name, properties.get(name));
    }

    @Override
    public float getFloatProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toFloat(name, properties.get(name));
    }

    @Override
    public double getDoubleProperty(String name) throws JMSException {
        return ValueConversion.PROPERTY.toDouble(name, properties.get(name));
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        return properties.text(name);
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return properties.object(name);
    }

    @Override
    public Enumeration<String> getPropertyNames() {
        return Collections.enumeration(properties.names());
    }

    @Override
    public void setBooleanProperty(String name, boolean value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setByteProperty(String name, byte value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setShortProperty(String name, short value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setIntProperty(String name, int value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setLongProperty(String name, long value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setFloatProperty(String name, float value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setDoubleProperty(String name, double value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setStringProperty(String name, @Nullable String value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void setObjectProperty(String name, @Nullable Object value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public void acknowledge() throws JMSException {
        acknowledger.acknowledge();
    }

    @Override
    public void clearBody() throws JMSException {
        // A message of this class has no body.
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        Object body = body();
        if (body == null) {
            return null;
        }
        Class<?> bodyClass = bodyClass(body);
        if (bodyType.isAssignableFrom(bodyClass)) {
            return bodyType.cast(body);
        }
        throw new MessageFormatException(
                "The body is a " + bodyClass.getSimpleName() + "; it cannot be read as a " + bodyType.getName());
    }

    @Override
    public boolean isBodyAssignableTo(@SuppressWarnings("rawtypes") Class bodyType) throws JMSException {
        Object body = body();
        Class<?> wanted = bodyType;
        return body == null || wanted.isAssignableFrom(bodyClass(body));
    }

    /** What {@link #getBody} may be asked for, and what that extends. */
    Class<?> bodyClass(Object body) {
        return body.getClass();
    }

    /** The body as {@link #getBody} gives it; null where there is none. */
    @Nullable
    Object body() throws JMSException {
        return null;
    }

    /** The record's value; null is a record without a value. */
    byte @Nullable [] encodeBody() throws JMSException {
        return new byte[0];
    }

    /** What {@link io.millrace.selector.ReservedHeaders#BODY} says of this class. */
    BodyKind bodyKind() {
        return BodyKind.NONE;
    }

    /** Makes this a received message: properties and body read-only. */
    void onReceived(MessageProperties receivedProperties) {
        this.properties = receivedProperties;
    }

    void acknowledgeWith(Acknowledger newAcknowledger) {
        this.acknowledger = newAcknowledger;
    }

    void deliveredTimes(int deliveryCount) {
        redelivered = deliveryCount > 1;
        properties.setByProvider(PropertyNames.DELIVERY_COUNT, deliveryCount);
    }

    MessageProperties properties() {
        return properties;
    }

    /** UTF-8, or an exception instead of a replacement character. */
    static byte[] encodeText(String text) throws MessageFormatException {
        try {
            return Utf8.encode(text);
        } catch (IllegalArgumentException e) {
            throw Failures.caused(new MessageFormatException(e.getMessage()), e);
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + messageId + " to " + destination + ")";
    }
}
