package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientException;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueMessage;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The messages of a queue, acquired by one consumer. */
final class QueueSource implements MessageSource {
    private final QueueConsumer consumer;
    private final String queue;
    private volatile boolean fresh = true;

    QueueSource(String queue, QueueConsumer consumer, Bell bell) {
        this.queue = queue;
        this.consumer = consumer;
        consumer.onAvailable(bell::ring);
    }

    @Override
    public @Nullable Delivery poll() throws JMSException {
        try {
            QueueMessage message = consumer.receive(Duration.ZERO);
            if (message == null) {
                return null;
            }
            fresh = false;
            return new Delivery(this, MessageDecoder.Content.of(message), message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.caused(new JMSException("Receiving from queue:" + queue + " was interrupted"), e);
        } catch (ClientException e) {
            throw Failures.of("Receiving from queue:" + queue, e);
        }
    }

    @Override
    public CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        List<QueueMessage> messages = deliveries.stream()
                .map(Delivery::queueMessage)
                .filter(Objects::nonNull)
                .toList();
        return consumer.acknowledge(messages, type);
    }

    @Override
    public MessageSelector selector() {
        return MessageSelector.ALL;
    }

    @Override
    public boolean isFresh() {
        return fresh;
    }

    @Override
    public void giveBackUnpolled() {
        consumer.releasePrefetched();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
