package io.millrace.jms;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.ProducerRecord;
import io.millrace.client.TopicPartition;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** Messages that travelled as records. */
final class Records {
    private static final long NOW_MS = 1_700_000_000_000L;

    private Records() {}

    /** What a receiver gets that permits no objects. */
    static <T extends Message> T received(T message) throws JMSException {
        return received(message, ObjectAllowList.EMPTY);
    }

    @SuppressWarnings("unchecked") // the type travels with the message
    static <T extends Message> T received(T message, ObjectAllowList allowList) throws JMSException {
        return (T) decode(record(message), allowList);
    }

    static ProducerRecord record(Message message) throws JMSException {
        return RecordEncoder.encode((MillraceMessage) message, "orders", 3, NOW_MS);
    }

    private static Message decode(ProducerRecord record, ObjectAllowList allowList) {
        return new MessageDecoder(ForeignBody.BYTES, allowList)
                .decode(new ConsumerRecord(
                        new TopicPartition("orders", 3),
                        42,
                        0,
                        NOW_MS,
                        record.key(),
                        record.value(),
                        record.headers()));
    }
}
