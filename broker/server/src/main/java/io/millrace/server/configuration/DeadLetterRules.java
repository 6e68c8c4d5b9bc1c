package io.millrace.server.configuration;

import io.millrace.coordinator.queue.RedeliveryPolicy;
import java.util.Map;

/**
 * What becomes of a destination's messages whose delivery fails. Immutable.
 *
 * @param queue the dead-letter queue; empty for {@value #PREFIX} and the destination's name
 */
public record DeadLetterRules(RedeliveryPolicy redelivery, String queue) {
    public static final String MAX_DELIVERIES = "max.deliveries";
    public static final String QUEUE = "dead.letter.queue";

    /** What begins with this is a dead-letter queue, whose own messages never die. */
    public static final String PREFIX = "DLQ.";

    private static final String LEGAL = "[a-zA-Z0-9._-]{1,249}";

    static DeadLetterRules of(Map<String, String> settings) {
        var redelivery = new RedeliveryPolicy(
                TopicKeys.MAX_DELIVERIES.read(settings.get(TopicKeys.MAX_DELIVERIES.name())),
                TopicKeys.REDELIVERY_DELAY.read(settings.get(TopicKeys.REDELIVERY_DELAY.name())),
                TopicKeys.REDELIVERY_MULTIPLIER.read(settings.get(TopicKeys.REDELIVERY_MULTIPLIER.name())),
                TopicKeys.REDELIVERY_DELAY_MAX.read(settings.get(TopicKeys.REDELIVERY_DELAY_MAX.name())),
                TopicKeys.DEAD_LETTER_EXPIRED.read(settings.get(TopicKeys.DEAD_LETTER_EXPIRED.name())));
        return new DeadLetterRules(redelivery, TopicKeys.DEAD_LETTER_QUEUE.read(settings.get(QUEUE)));
    }

    /** @throws ConfigurationException if the dead-letter queue cannot have its name */
    static void check(Map<String, String> settings) {
        String queue = settings.getOrDefault(QUEUE, "");
        if (!queue.isEmpty() && (!queue.matches(LEGAL) || queue.startsWith("__") || queue.matches("\\.{1,2}"))) {
            throw new ConfigurationException(QUEUE + "=" + queue
                    + " is not valid; it must be empty, for a queue named " + PREFIX
                    + "<destination>, or a name of letters, digits, '.', '_' and '-' that does not begin with __");
        }
    }

    /** Where messages of the destination go that has this name and these rules. */
    public String queueOf(String destination) {
        return queue.isEmpty() ? PREFIX + destination : queue;
    }
}
