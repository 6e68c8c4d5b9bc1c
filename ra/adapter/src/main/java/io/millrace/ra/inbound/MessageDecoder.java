package io.millrace.ra.inbound;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** Makes messages of records. Every call makes a new message, since a bean may change the one it got. */
interface MessageDecoder {

    Message decode(QueueMessage message) throws JMSException;

    /** @param deliveryCount 1 for the first delivery */
    Message decode(ConsumerRecord consumerRecord, int deliveryCount) throws JMSException;
}
