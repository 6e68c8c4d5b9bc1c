package io.millrace.jms;

import io.millrace.client.ProducerRecord;
import io.millrace.record.RecordHeader;
import io.millrace.selector.PropertyHeaders;
import io.millrace.selector.PropertyNames;
import io.millrace.selector.ReservedHeaders;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages as records; the table of names and bytes is in the module's README. */
final class RecordEncoder {
    static final String NON_PERSISTENT = "NON_PERSISTENT";

    private RecordEncoder() {}

    /**
     * The record of a message whose header fields have been set for sending.
     *
     * @param partition where the session keeps its order; a message with a group goes where its group goes
     * @param nowMs the record's timestamp
     */
    @SuppressWarnings("NullAway") // JDK 17's javac drops @Nullable from the parameters of a record's constructor
    static ProducerRecord encode(MillraceMessage message, String topic, int partition, long nowMs) throws JMSException {
        Map<String, @Nullable Object> properties =
                new LinkedHashMap<>(message.properties().asMap());
        properties.remove(PropertyNames.DELIVERY_COUNT);
        Object groupId = properties.remove(PropertyNames.GROUP_ID);
        byte[] key = groupId == null ? null : MillraceMessage.encodeText(groupId.toString());

        List<RecordHeader> headers = new ArrayList<>();
        headers.add(new RecordHeader(ReservedHeaders.BODY, message.bodyKind().encode()));
        addIdentity(headers, message);
        addDelivery(headers, message, nowMs);
        try {
            PropertyHeaders.encode(properties, (name, value) -> headers.add(new RecordHeader(name, value)));
        } catch (IllegalArgumentException e) {
            throw Failures.of("Writing the properties " + properties.keySet(), e);
        }
        return new ProducerRecord(topic, key == null ? partition : null, nowMs, key, message.encodeBody(), headers);
    }

    private static void addIdentity(List<RecordHeader> headers, MillraceMessage message) throws JMSException {
        addText(headers, ReservedHeaders.MESSAGE_ID, message.getJMSMessageID());
        byte[] correlationId = message.getJMSCorrelationIDAsBytes();
        if (correlationId != null) {
            headers.add(new RecordHeader(ReservedHeaders.CORRELATION_ID, correlationId));
        }
        Destination replyTo = message.getJMSReplyTo();
        if (replyTo != null) {
            addText(
                    headers,
                    ReservedHeaders.REPLY_TO,
                    MillraceDestination.require(replyTo).qualifiedName());
        }
        addText(headers, ReservedHeaders.TYPE, message.getJMSType());
    }

    private static void addDelivery(List<RecordHeader> headers, MillraceMessage message, long nowMs)
            throws JMSException {
        if (message.getJMSTimestamp() == 0) {
            addText(headers, ReservedHeaders.TIMESTAMP, "0");
        }
        if (message.getJMSDeliveryMode() == DeliveryMode.NON_PERSISTENT) {
            addText(headers, ReservedHeaders.DELIVERY_MODE, NON_PERSISTENT);
        }
        if (message.getJMSPriority() != Message.DEFAULT_PRIORITY) {
            addText(headers, ReservedHeaders.PRIORITY, Integer.toString(message.getJMSPriority()));
        }
        if (message.getJMSExpiration() != 0) {
            addText(headers, ReservedHeaders.EXPIRATION, Long.toString(message.getJMSExpiration()));
        }
        if (message.getJMSDeliveryTime() != nowMs) {
            addText(headers, ReservedHeaders.DELIVERY_TIME, Long.toString(message.getJMSDeliveryTime()));
        }
    }

    private static void addText(List<RecordHeader> headers, String name, @Nullable String value) throws JMSException {
        if (value != null) {
            headers.add(new RecordHeader(name, MillraceMessage.encodeText(value)));
        }
    }
}
