package io.millrace.jms;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;

/** The simplified API's consumer over a classic one. */
final class MillraceJMSConsumer implements JMSConsumer {
    private final MessageConsumer consumer;

    MillraceJMSConsumer(MessageConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public @Nullable String getMessageSelector() {
        return Unchecked.getNullable(consumer::getMessageSelector);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        return Unchecked.getNullable(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        Unchecked.run(() -> consumer.setMessageListener(listener));
    }

    @Override
    public @Nullable Message receive() {
        return Unchecked.getNullable(consumer::receive);
    }

    @Override
    public @Nullable Message receive(long timeoutMs) {
        return Unchecked.getNullable(() -> consumer.receive(timeoutMs));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return Unchecked.getNullable(consumer::receiveNoWait);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> bodyType) {
        return receiveBodyWithin(bodyType, 0);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> bodyType, long timeoutMs) {
        if (timeoutMs < 0) {
            throw new JMSRuntimeException(
                    "The timeout is " + timeoutMs + " ms; it must be positive, or 0 to wait for ever");
        }
        return receiveBodyWithin(bodyType, timeoutMs);
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> bodyType) {
        return receiveBodyWithin(bodyType, BodyReceiver.NO_WAIT);
    }

    private <T> @Nullable T receiveBodyWithin(Class<T> bodyType, long timeoutMs) {
        return Unchecked.getNullable(() -> consumer instanceof BodyReceiver bodies
                ? bodies.receiveBody(bodyType, timeoutMs)
                : bodyOf(
                        timeoutMs == BodyReceiver.NO_WAIT ? consumer.receiveNoWait() : consumer.receive(timeoutMs),
                        bodyType));
    }

    private static <T> @Nullable T bodyOf(@Nullable Message message, Class<T> bodyType) throws JMSException {
        return message == null ? null : message.getBody(bodyType);
    }

    @Override
    public void close() {
        Unchecked.run(consumer::close);
    }
}
