package io.millrace.selector;

import org.jspecify.annotations.Nullable;

/**
 * What a selector sees of a message.
 *
 * <p>A selector asks for what it names and only while the answer still matters, so that a view can read values when they
 * are asked for.
 */
@FunctionalInterface
public interface MessageView {

    /**
     * The value of a property, or of one of the header fields {@code JMSDeliveryMode} ({@code "PERSISTENT"} or
     * {@code "NON_PERSISTENT"}), {@code JMSPriority}, {@code JMSMessageID}, {@code JMSTimestamp}, {@code JMSCorrelationID} and
     * {@code JMSType}.
     *
     * @return a {@code String}, {@code Boolean}, {@code Byte}, {@code Short}, {@code Integer}, {@code Long}, {@code Float} or
     *     {@code Double}; null where the message has no such value
     */
    @Nullable
    Object value(String identifier);
}
