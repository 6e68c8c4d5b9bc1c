package io.millrace.ra.inbound;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** Makes messages as Jakarta Messaging's sessions do. */
final class JmsMessageDecoder implements MessageDecoder {

    @Override
    public Message decode(QueueMessage message) throws JMSException {
        throw new JMSException("not yet");
    }

    @Override
    public Message decode(ConsumerRecord consumerRecord, int deliveryCount) throws JMSException {
        throw new JMSException("not yet");
    }
}
