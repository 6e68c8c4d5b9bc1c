package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientException;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueMessage;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The messages of a queue, or of a subscription of a topic, acquired by one consumer. */
final class QueueSource implements MessageSource {
    private final QueueConsumer consumer;
    private final String where;
    private final MessageSelector selector;
    private final MessageSelector belonging; // what does not match this is acknowledged
    private final Runnable onClosed;
    private volatile boolean fresh = true;

    /**
     * Receives from a subscription from now on.
     *
     * @param where for messages of failures
     * @param selector of the subscription, to which other messages do not belong: they are acknowledged
     * @param onClosed runs when the native consumer is closed
     */
    QueueSource(String where, QueueConsumer consumer, MessageSelector selector, Bell bell, Runnable onClosed) {
        this(where, consumer, selector, selector, bell, onClosed);
    }

    private QueueSource(
            String where,
            QueueConsumer consumer,
            MessageSelector selector,
            MessageSelector belonging,
            Bell bell,
            Runnable onClosed) {
        this.where = where;
        this.selector = selector;
        this.belonging = belonging;
        this.onClosed = onClosed;
        this.consumer = consumer;
        consumer.onAvailable(bell::ring);
    }

    /**
     * Receives from a queue from now on.
     *
     * @param selector that the native consumer has, so that nothing else comes
     */
    static QueueSource ofQueue(String where, QueueConsumer consumer, MessageSelector selector, Bell bell) {
        return new QueueSource(where, consumer, selector, MessageSelector.ALL, bell, () -> {});
    }

    @Override
    public @Nullable Delivery poll() throws JMSException {
        try {
            QueueMessage message = receive();
            if (message == null) {
                return null;
            }
            fresh = false;
            return new Delivery(this, MessageDecoder.Content.of(message), message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.caused(new JMSException("Receiving from " + where + " was interrupted"), e);
        } catch (ClientException e) {
            throw Failures.of("Receiving from " + where, e);
        }
    }

    private @Nullable QueueMessage receive() throws InterruptedException {
        QueueMessage message = consumer.receive(Duration.ZERO);
        while (message != null && !Selectors.matches(belonging, MessageDecoder.Content.of(message))) {
            consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT);
            message = consumer.receive(Duration.ZERO);
        }
        return message;
    }

    @Override
    public CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        var byError = new LinkedHashMap<@Nullable String, List<QueueMessage>>();
        for (Delivery delivery : deliveries) {
            QueueMessage message = delivery.queueMessage();
            if (message != null) {
                byError.computeIfAbsent(delivery.error(), error -> new ArrayList<>())
                        .add(message);
            }
        }
        List<CompletableFuture<Void>> settled = new ArrayList<>();
        byError.forEach((error, messages) -> settled.add(consumer.acknowledge(messages, type, error)));
        return settled.size() == 1
                ? settled.get(0)
                : CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new));
    }

    @Override
    public boolean takesBack(Delivery failed) {
        return consumer.redelivery().isForBroker(failed.content().deliveryCount());
    }

    @Override
    public MessageSelector selector() {
        return selector;
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
        onClosed.run();
    }
}
