package io.millrace.client;

import java.time.Duration;

/**
 * What the broker does with messages that are released. A consumer that delivers a message again itself, without asking the broker, must heed it. Immutable.
 *
 * @param deliveriesMax how often a message is delivered before it goes to the dead-letter queue; 0: without end
 * @param delay how long the broker lets a message wait whose first delivery has failed; zero: it lets none wait
 */
public record QueueRedelivery(int deliveriesMax, Duration delay) {
    /** Again at once, and without end. */
    public static final QueueRedelivery UNLIMITED = new QueueRedelivery(0, Duration.ZERO);

    /** Whether a message that has been delivered so often must be released when that has failed: the broker lets it wait, or gives it up. */
    public boolean isForBroker(int deliveryCount) {
        return !delay.isZero() || (deliveriesMax > 0 && deliveryCount >= deliveriesMax);
    }
}
