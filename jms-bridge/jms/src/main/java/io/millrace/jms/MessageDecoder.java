package io.millrace.jms;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.client.TopicPartition;
import io.millrace.record.RecordHeader;
import io.millrace.selector.PropertyHeaders;
import io.millrace.selector.PropertyNames;
import io.millrace.selector.ReservedHeaders;
import io.millrace.selector.Utf8;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records as received messages; the table of names and bytes is in the module's README.
 *
 * <p>Immutable. Every record gives a message: what a foreign client wrote under a reserved name and cannot be read has
 * the field's default, and a body that is not of the kind that its header says is one of bytes. The messages are read-only until cleared; {@code acknowledge()} on them does nothing, as
 * whoever received the record settles it.
 */
public final class MessageDecoder {
    private final ForeignBody foreignBody;
    private final ObjectAllowList objectAllowList;

    /** No object is read but those without behaviour. */
    public MessageDecoder(ForeignBody foreignBody) {
        this(foreignBody, ObjectAllowList.EMPTY);
    }

    /** @param objectAllowList the classes that the messages' objects may be of */
    public MessageDecoder(ForeignBody foreignBody, ObjectAllowList objectAllowList) {
        this.foreignBody = foreignBody;
        this.objectAllowList = objectAllowList;
    }

    /** The message that was acquired from a queue. */
    public Message decode(QueueMessage message) {
        return decode(Content.of(message));
    }

    /** The message that was read from a topic, for the first time. */
    public Message decode(ConsumerRecord record) {
        return decode(record, 1);
    }

    /** The same, for the delivery of this number. */
    public Message decode(ConsumerRecord record, int deliveryCount) {
        return decode(Content.of(record, deliveryCount));
    }

    /** Whether a message should not be delivered any more (chapter 3.4.9). */
    public static boolean isExpired(Message message, long nowMs) {
        try {
            long expirationMs = message.getJMSExpiration();
            return expirationMs != 0 && expirationMs <= nowMs;
        } catch (JMSException e) {
            throw new IllegalStateException("A message of this provider always has its expiration", e);
        }
    }

    MillraceMessage decode(Content content) {
        Fields fields = Fields.of(content.headers);
        Map<String, @Nullable Object> properties =
                PropertyHeaders.decode(content.headers, RecordHeader::key, RecordHeader::value);
        if (content.key != null) {
            Utf8.decode(content.key).ifPresent(groupId -> properties.put(PropertyNames.GROUP_ID, groupId));
        }
        Optional<BodyKind> bodyKind = BodyKind.decode(fields.bytes(ReservedHeaders.BODY));

        MillraceMessage message = withBody(bodyKind, content.value);
        message.onReceived(MessageProperties.received(properties));
        setIdentity(message, fields, content, bodyKind.isPresent());
        setDelivery(message, fields, content);
        message.deliveredTimes(content.deliveryCount);
        return message;
    }

    private MillraceMessage withBody(Optional<BodyKind> bodyKind, byte @Nullable [] value) {
        BodyKind kind = bodyKind.orElse(foreignBody == ForeignBody.TEXT ? BodyKind.TEXT : BodyKind.BYTES);
        return switch (kind) {
            case NONE -> new MillraceMessage();
            case BYTES -> new MillraceBytesMessage(value == null ? new byte[0] : value);
            case TEXT -> withText(value);
            case MAP -> value == null ? new MillraceMapMessage() : withMap(value);
            case STREAM -> value == null ? new MillraceStreamMessage(new ArrayList<>()) : withStream(value);
            case OBJECT -> new MillraceObjectMessage(value, objectAllowList);
        };
    }

    private static MillraceMessage withText(byte @Nullable [] value) {
        if (value == null) {
            return new MillraceTextMessage(null);
        }
        return Utf8.decode(value)
                .<MillraceMessage>map(MillraceTextMessage::new)
                .orElseGet(() -> new MillraceBytesMessage(value));
    }

    private static MillraceMessage withMap(byte[] value) {
        return CborReader.decodeMap(value)
                .<MillraceMessage>map(MillraceMapMessage::new)
                .orElseGet(() -> new MillraceBytesMessage(value));
    }

    private static MillraceMessage withStream(byte[] value) {
        return CborReader.decodeList(value)
                .<MillraceMessage>map(MillraceStreamMessage::new)
                .orElseGet(() -> new MillraceBytesMessage(value));
    }

    private static void setIdentity(MillraceMessage message, Fields fields, Content content, boolean isFromJms) {
        message.setJMSDestination(content.destination);
        String messageId = fields.text(ReservedHeaders.MESSAGE_ID);
        message.setJMSMessageID(messageId != null || isFromJms ? messageId : content.foreignMessageId());
        message.setJMSCorrelationIDAsBytes(fields.bytes(ReservedHeaders.CORRELATION_ID));
        message.setJMSType(fields.text(ReservedHeaders.TYPE));
        String replyTo = fields.text(ReservedHeaders.REPLY_TO);
        if (replyTo != null) {
            message.setJMSReplyTo(MillraceDestination.parse(replyTo).orElse(null));
        }
    }

    private static void setDelivery(MillraceMessage message, Fields fields, Content content) {
        message.setJMSTimestamp(fields.number(ReservedHeaders.TIMESTAMP, content.timestampMs));
        message.setJMSDeliveryTime(fields.number(ReservedHeaders.DELIVERY_TIME, content.timestampMs));
        message.setJMSExpiration(fields.number(ReservedHeaders.EXPIRATION, 0));
        long priority = fields.number(ReservedHeaders.PRIORITY, Message.DEFAULT_PRIORITY);
        boolean isNonPersistent = RecordEncoder.NON_PERSISTENT.equals(fields.text(ReservedHeaders.DELIVERY_MODE));
        try {
            message.setJMSPriority((int) Math.max(0, Math.min(9, priority)));
            message.setJMSDeliveryMode(isNonPersistent ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
        } catch (JMSException e) {
            throw new IllegalStateException("Both values were made legal above", e);
        }
    }

    /** One record, wherever it was received. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(
            MillraceDestination destination,
            TopicPartition partition,
            long offset,
            int deliveryCount,
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers) {

        static Content of(QueueMessage message) {
            return new Content(
                    new MillraceQueue(message.partition().topic()),
                    message.partition(),
                    message.offset(),
                    message.deliveryCount(),
                    message.timestampMs(),
                    message.key(),
                    message.value(),
                    message.headers());
        }

        static Content of(ConsumerRecord record, int deliveryCount) {
            return new Content(
                    new MillraceTopic(record.partition().topic()),
                    record.partition(),
                    record.offset(),
                    deliveryCount,
                    record.timestampMs(),
                    record.key(),
                    record.value(),
                    record.headers());
        }

        /** Of a record that no JMS client wrote. */
        String foreignMessageId() {
            return "ID:" + partition + "@" + offset;
        }

        Content withDeliveryCount(int newDeliveryCount) {
            return new Content(destination, partition, offset, newDeliveryCount, timestampMs, key, value, headers);
        }
    }

    /** The headers that carry header fields; of several with one name the last counts. */
    private record Fields(Map<String, byte[]> values) {
        static Fields of(List<RecordHeader> headers) {
            Map<String, byte[]> values = new HashMap<>();
            for (RecordHeader header : headers) {
                byte[] value = header.value();
                if (value != null && ReservedHeaders.contains(header.key())) {
                    values.put(header.key(), value);
                }
            }
            return new Fields(values);
        }

        byte @Nullable [] bytes(String name) {
            return values.get(name);
        }

        @Nullable
        String text(String name) {
            byte[] value = values.get(name);
            return value == null ? null : new String(value, StandardCharsets.UTF_8);
        }

        long number(String name, long otherwise) {
            String text = text(name);
            try {
                return text == null ? otherwise : Long.parseLong(text);
            } catch (NumberFormatException ignored) {
                // A foreign client wrote something else under the reserved name.
                return otherwise;
            }
        }
    }
}
