package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The exceptions of the classic API as those of the simplified one (chapter 2.4). */
final class Unchecked {
    private static final Map<Class<? extends JMSException>, Made> MADE = new LinkedHashMap<>();

    static {
        MADE.put(IllegalStateException.class, IllegalStateRuntimeException::new);
        MADE.put(InvalidClientIDException.class, InvalidClientIDRuntimeException::new);
        MADE.put(InvalidDestinationException.class, InvalidDestinationRuntimeException::new);
        MADE.put(InvalidSelectorException.class, InvalidSelectorRuntimeException::new);
        MADE.put(JMSSecurityException.class, JMSSecurityRuntimeException::new);
        MADE.put(MessageFormatException.class, MessageFormatRuntimeException::new);
        MADE.put(MessageNotWriteableException.class, MessageNotWriteableRuntimeException::new);
        MADE.put(ResourceAllocationException.class, ResourceAllocationRuntimeException::new);
        MADE.put(TransactionInProgressException.class, TransactionInProgressRuntimeException::new);
        MADE.put(TransactionRolledBackException.class, TransactionRolledBackRuntimeException::new);
    }

    private Unchecked() {}

    @FunctionalInterface
    private interface Made {
        JMSRuntimeException of(@Nullable String message, @Nullable String errorCode, Throwable cause);
    }

    @FunctionalInterface
    interface Call<T> {
        T call() throws JMSException;
    }

    @FunctionalInterface
    interface NullableCall<T> {
        @Nullable
        T call() throws JMSException;
    }

    @FunctionalInterface
    interface Action {
        void run() throws JMSException;
    }

    static <T> T get(Call<T> call) {
        try {
            return call.call();
        } catch (JMSException e) {
            throw of(e);
        }
    }

    static <T> @Nullable T getNullable(NullableCall<T> call) {
        try {
            return call.call();
        } catch (JMSException e) {
            throw of(e);
        }
    }

    static void run(Action action) {
        try {
            action.run();
        } catch (JMSException e) {
            throw of(e);
        }
    }

    static JMSRuntimeException of(JMSException exception) {
        Made made = MADE.getOrDefault(exception.getClass(), JMSRuntimeException::new);
        return made.of(exception.getMessage(), exception.getErrorCode(), exception);
    }
}
