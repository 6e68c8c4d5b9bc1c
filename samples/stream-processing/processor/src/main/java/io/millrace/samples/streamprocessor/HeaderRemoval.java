package io.millrace.samples.streamprocessor;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/**
 * Takes off what Kafka Streams would hand on from a sale to the revenue: the headers are those of the bean's message, and its
 * message id, expiration and priority are its own.
 */
final class HeaderRemoval<K, V> extends ContextualFixedKeyProcessor<K, V, V> {
    @Override
    public void process(FixedKeyRecord<K, V> each) {
        context().forward(each.withHeaders(new RecordHeaders()));
    }
}
