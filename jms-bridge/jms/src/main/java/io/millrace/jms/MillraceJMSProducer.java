package io.millrace.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The simplified API's producer: options, properties and header fields that each of its messages gets. */
final class MillraceJMSProducer implements JMSProducer {
    private final JMSContext context;
    private final MessageProducer producer;
    private final MessageProperties properties = MessageProperties.writable();
    private SendOptions options = SendOptions.DEFAULT;
    private boolean disableMessageId;
    private boolean disableTimestamp;
    private long deliveryDelayMs;
    private @Nullable CompletionListener completionListener;
    private byte @Nullable [] correlationId;
    private @Nullable String type;
    private @Nullable Destination replyTo;

    /** @param producer of the context's session, without a destination; shared by the context's producers */
    MillraceJMSProducer(JMSContext context, MessageProducer producer) {
        this.context = context;
        this.producer = producer;
    }

    @Override
    public JMSProducer send(Destination destination, Message message) {
        if (message == null) {
            throw new MessageFormatRuntimeException("The message is null");
        }
        Unchecked.run(() -> {
            setOnMessage(message);
            sendNow(destination, message);
        });
        return this;
    }

    private void setOnMessage(Message message) throws JMSException {
        for (Map.Entry<String, @Nullable Object> property : properties.asMap().entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }
        if (correlationId != null) {
            setCorrelationId(message, correlationId);
        }
        if (type != null) {
            message.setJMSType(type);
        }
        if (replyTo != null) {
            message.setJMSReplyTo(replyTo);
        }
    }

    /** Other providers' messages need not know bytes. */
    private static void setCorrelationId(Message message, byte[] correlationId) throws JMSException {
        if (message instanceof MillraceMessage ours) {
            ours.setJMSCorrelationIDAsBytes(correlationId);
        } else {
            message.setJMSCorrelationID(new String(correlationId, StandardCharsets.UTF_8));
        }
    }

    private void sendNow(Destination destination, Message message) throws JMSException {
        producer.setDisableMessageID(disableMessageId);
        producer.setDisableMessageTimestamp(disableTimestamp);
        producer.setDeliveryDelay(deliveryDelayMs);
        if (completionListener == null) {
            producer.send(destination, message, options.deliveryMode(), options.priority(), options.timeToLiveMs());
        } else {
            producer.send(
                    destination,
                    message,
                    options.deliveryMode(),
                    options.priority(),
                    options.timeToLiveMs(),
                    completionListener);
        }
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable String body) {
        return send(destination, context.createTextMessage(body));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Map<String, Object> body) {
        return send(destination, Unchecked.get(() -> {
            var message = context.createMapMessage();
            if (body != null) {
                for (Map.Entry<String, Object> entry : body.entrySet()) {
                    message.setObject(entry.getKey(), entry.getValue());
                }
            }
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, byte @Nullable [] body) {
        return send(destination, Unchecked.get(() -> {
            var message = context.createBytesMessage();
            if (body != null) {
                message.writeBytes(body);
            }
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Serializable body) {
        return send(destination, context.createObjectMessage(body));
    }

    @Override
    public JMSProducer setDisableMessageID(boolean disable) {
        disableMessageId = disable;
        return this;
    }

    @Override
    public boolean getDisableMessageID() {
        return disableMessageId;
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean disable) {
        disableTimestamp = disable;
        return this;
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return disableTimestamp;
    }

    @Override
    public JMSProducer setDeliveryMode(int deliveryMode) {
        options = Unchecked.get(() -> SendOptions.of(deliveryMode, options.priority(), options.timeToLiveMs()));
        return this;
    }

    @Override
    public int getDeliveryMode() {
        return options.deliveryMode();
    }

    @Override
    public JMSProducer setPriority(int priority) {
        options = Unchecked.get(() -> SendOptions.of(options.deliveryMode(), priority, options.timeToLiveMs()));
        return this;
    }

    @Override
    public int getPriority() {
        return options.priority();
    }

    @Override
    public JMSProducer setTimeToLive(long timeToLiveMs) {
        options = Unchecked.get(() -> SendOptions.of(options.deliveryMode(), options.priority(), timeToLiveMs));
        return this;
    }

    @Override
    public long getTimeToLive() {
        return options.timeToLiveMs();
    }

    @Override
    public JMSProducer setDeliveryDelay(long newDeliveryDelayMs) {
        Unchecked.run(() -> producer.setDeliveryDelay(newDeliveryDelayMs));
        deliveryDelayMs = newDeliveryDelayMs;
        return this;
    }

    @Override
    public long getDeliveryDelay() {
        return deliveryDelayMs;
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener listener) {
        completionListener = listener;
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return completionListener;
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable String value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable Object value) {
        return set(name, value);
    }

    private JMSProducer set(String name, @Nullable Object value) {
        Unchecked.run(() -> properties.set(name, value));
        return this;
    }

    @Override
    public JMSProducer clearProperties() {
        properties.clear();
        return this;
    }

    @Override
    public boolean propertyExists(@Nullable String name) {
        return properties.contains(name);
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toBoolean(name, properties.get(name)));
    }

    @Override
    public byte getByteProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toByte(name, properties.get(name)));
    }

    @Override
    public short getShortProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toShort(name, properties.get(name)));
    }

    @Override
    public int getIntProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toInt(name, properties.get(name)));
    }

    @Override
    public long getLongProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toLong(name, properties.get(name)));
    }

    @Override
    public float getFloatProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toFloat(name, properties.get(name)));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Unchecked.get(() -> ValueConversion.PROPERTY.toDouble(name, properties.get(name)));
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
    public Set<String> getPropertyNames() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(properties.names()));
    }

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] newCorrelationId) {
        correlationId = newCorrelationId == null ? null : newCorrelationId.clone();
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return correlationId == null ? null : correlationId.clone();
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String newCorrelationId) {
        correlationId =
                newCorrelationId == null ? null : Unchecked.get(() -> MillraceMessage.encodeText(newCorrelationId));
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return correlationId == null ? null : new String(correlationId, StandardCharsets.UTF_8);
    }

    @Override
    public JMSProducer setJMSType(@Nullable String newType) {
        type = newType;
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return type;
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination newReplyTo) {
        replyTo = newReplyTo;
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }
}
