package io.millrace.selector;

/**
 * The names of the record headers by which a message of a dead-letter queue says where it is from and why it is there.
 *
 * <p>All values are UTF-8 text; numbers are decimal. To JMS they are string properties; an application that forwards the message may keep them, and the
 * next death replaces them.
 */
public final class DeadLetterHeaders {
    private static final String PREFIX = "JMS_Millrace_Dead_";

    /** The queue or topic that it was sent to. */
    public static final String DESTINATION = PREFIX + "Destination";
    /** The id of that destination, which tells it from others that had or will have its name. */
    public static final String TOPIC_ID = PREFIX + "TopicId";

    public static final String PARTITION = PREFIX + "Partition";
    public static final String OFFSET = PREFIX + "Offset";
    /** The subscription that could not process it; absent where it was a queue. */
    public static final String SUBSCRIPTION = PREFIX + "Subscription";
    /** {@code max.deliveries}, {@code rejected} or {@code expired}. */
    public static final String CAUSE = PREFIX + "Cause";
    /** How often it was delivered. */
    public static final String DELIVERIES = PREFIX + "Deliveries";
    /** What the last consumer said of its failure; absent where it said nothing. */
    public static final String ERROR = PREFIX + "Error";
    /** Milliseconds since 1970: the timestamp of the message, which the copy has too unless its queue stamps anew. */
    public static final String TIMESTAMP = PREFIX + "Timestamp";
    /** Milliseconds since 1970: when it was given up. */
    public static final String TIME = PREFIX + "Time";
    /** What was its {@code JMSExpiration}: the copy has none, as it would expire too. */
    public static final String EXPIRATION = PREFIX + "Expiration";

    private DeadLetterHeaders() {}

    /** Whether a header of this name says something of a death. */
    public static boolean contains(String name) {
        return name.startsWith(PREFIX);
    }
}
