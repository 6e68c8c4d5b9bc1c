package io.millrace.jms;

import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/**
 * A message consumer that can receive a body alone. A wrapper of this provider's consumers implements it too, so that
 * {@code JMSConsumer.receiveBody} leaves a message of another type where it was.
 */
public interface BodyReceiver {
    long NO_WAIT = -1;

    /**
     * The body of the next message; null when none came in time.
     *
     * @param timeoutMs 0: no bound; {@link #NO_WAIT}: what is here
     * @throws jakarta.jms.MessageFormatException where the body has another type; in a session that acknowledges by
     *     itself the message then is the next one still
     */
    <T> @Nullable T receiveBody(Class<T> bodyType, long timeoutMs) throws JMSException;
}
