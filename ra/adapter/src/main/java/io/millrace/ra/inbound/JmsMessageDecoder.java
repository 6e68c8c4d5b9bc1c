package io.millrace.ra.inbound;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.jms.ForeignBody;
import io.millrace.jms.ObjectAllowList;
import jakarta.jms.Message;

/** Makes messages as Jakarta Messaging's sessions do. */
final class JmsMessageDecoder implements MessageDecoder {
    private final io.millrace.jms.MessageDecoder decoder;

    /** @param allowedObjects the classes that the messages' objects may be of */
    JmsMessageDecoder(ObjectAllowList allowedObjects) {
        this.decoder = new io.millrace.jms.MessageDecoder(ForeignBody.BYTES, allowedObjects);
    }

    @Override
    public Message decode(QueueMessage message) {
        return decoder.decode(message);
    }

    @Override
    public Message decode(ConsumerRecord consumerRecord, int deliveryCount) {
        return decoder.decode(consumerRecord, deliveryCount);
    }
}
