package io.millrace.jms;

import io.millrace.client.QueueMessage;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way to the application; equal only to itself.
 *
 * <p>It is decoded for each delivery anew, as the application may have changed the message it was given before.
 */
final class Delivery {
    private final MessageSource source;
    private final MessageDecoder.Content content;
    private final @Nullable QueueMessage queueMessage;
    private final @Nullable String error;

    /** @param queueMessage what is settled; null for topics */
    Delivery(MessageSource source, MessageDecoder.Content content, @Nullable QueueMessage queueMessage) {
        this(source, content, queueMessage, null);
    }

    private Delivery(
            MessageSource source,
            MessageDecoder.Content content,
            @Nullable QueueMessage queueMessage,
            @Nullable String error) {
        this.source = source;
        this.content = content;
        this.queueMessage = queueMessage;
        this.error = error;
    }

    /** The same delivery, and what the application has thrown at it. */
    Delivery failedWith(Throwable failure) {
        return new Delivery(source, content, queueMessage, failure.toString());
    }

    /** What the application has thrown at it, or null. */
    @Nullable
    String error() {
        return error;
    }

    MessageSource source() {
        return source;
    }

    MessageDecoder.Content content() {
        return content;
    }

    @Nullable
    QueueMessage queueMessage() {
        return queueMessage;
    }

    /** The same message, to be delivered once more to the same consumer. */
    Delivery again() {
        return counting(content.deliveryCount() + 1);
    }

    /** The same message without this delivery, which does not take place. */
    Delivery undone() {
        return counting(content.deliveryCount() - 1);
    }

    private Delivery counting(int deliveryCount) {
        return new Delivery(
                source,
                content.withDeliveryCount(deliveryCount),
                queueMessage == null ? null : queueMessage.withDeliveryCount(deliveryCount),
                error);
    }
}
