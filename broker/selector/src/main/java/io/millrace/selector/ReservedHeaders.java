package io.millrace.selector;

import java.util.Set;

/**
 * The names of record headers that carry message header fields and the mapping's own marks.
 *
 * <p>Each is absent when the field has its default value. All values are UTF-8 text; numbers are decimal. No property
 * can have one of these names, as the specification reserves the prefix {@code JMS} (chapter 3.5.1).
 */
public final class ReservedHeaders {
    /** The message id, {@code ID:...}; absent where the sender disabled message ids, and on foreign records. */
    public static final String MESSAGE_ID = "JMSMessageID";
    /** {@code 0} where the sender disabled timestamps; else absent, as the record's timestamp is the message's. */
    public static final String TIMESTAMP = "JMSTimestamp";
    /** The bytes as they were set; a string is UTF-8. */
    public static final String CORRELATION_ID = "JMSCorrelationID";
    /** {@code queue:NAME} or {@code topic:NAME}. */
    public static final String REPLY_TO = "JMSReplyTo";

    public static final String TYPE = "JMSType";
    /** {@code NON_PERSISTENT}, or absent. */
    public static final String DELIVERY_MODE = "JMSDeliveryMode";
    /** {@code 0} to {@code 9}; absent for 4. */
    public static final String PRIORITY = "JMSPriority";
    /** Milliseconds since 1970; absent where the message never expires. */
    public static final String EXPIRATION = "JMSExpiration";
    /** Milliseconds since 1970; absent where it is the record's timestamp. */
    public static final String DELIVERY_TIME = "JMSDeliveryTime";
    /** Which message type the value is the body of: {@code text}, {@code bytes}, {@code map}; absent: a foreign record. */
    public static final String BODY = "JMS_Millrace_Body";
    /** The types of the properties that are not strings: {@code count:int,price:double}. */
    public static final String PROPERTY_TYPES = "JMS_Millrace_Types";

    private static final Set<String> NAMES = Set.of(
            MESSAGE_ID,
            TIMESTAMP,
            CORRELATION_ID,
            REPLY_TO,
            TYPE,
            DELIVERY_MODE,
            PRIORITY,
            EXPIRATION,
            DELIVERY_TIME,
            BODY,
            PROPERTY_TYPES);

    private ReservedHeaders() {}

    /** Whether a header of this name is a header field or mark, hence no property. */
    public static boolean contains(String name) {
        return NAMES.contains(name);
    }
}
