package io.millrace.ra.inbound;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.jms.ForeignBody;
import jakarta.jms.Message;

/** Makes messages as Jakarta Messaging's sessions do. */
final class JmsMessageDecoder implements MessageDecoder {
    private final io.millrace.jms.MessageDecoder decoder = new io.millrace.jms.MessageDecoder(ForeignBody.BYTES);

    @Override
    public Message decode(QueueMessage message) {
        return decoder.decode(message);
    }

    @Override
    public Message decode(ConsumerRecord consumerRecord, int deliveryCount) {
        return decoder.decode(consumerRecord, deliveryCount);
    }
}
