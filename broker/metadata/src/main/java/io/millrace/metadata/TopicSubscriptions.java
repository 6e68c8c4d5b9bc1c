package io.millrace.metadata;

import java.util.HashMap;
import java.util.Map;

/**
 * The subscriptions of a topic. Immutable.
 *
 * @param lastNumber of the last subscription that was ever begun; 0 where there was none. A leader that finds the cursor of one with a greater number
 *     knows that it has yet to hear of it; of one with a smaller number, that is not here, that it has ended
 */
public record TopicSubscriptions(long lastNumber, Map<Long, Subscription> byNumber) {
    /** Of a topic that has never had any. */
    public static final TopicSubscriptions NONE = new TopicSubscriptions(0, Map.of());

    public TopicSubscriptions {
        byNumber = Map.copyOf(byNumber);
        for (long number : byNumber.keySet()) {
            if (number <= 0 || number > lastNumber) {
                throw new IllegalArgumentException("subscription " + byNumber.get(number)
                        + " must have one of the numbers 1 to " + lastNumber + ", the last that was given");
            }
        }
    }

    /** Whether the topic's partitions have a cursor log beside each data log: from the first subscription on for ever. */
    public boolean hasCursors() {
        return lastNumber > 0;
    }

    /** These with one added, which is the next by number, or replaced. */
    public TopicSubscriptions with(Subscription subscription) {
        var all = new HashMap<>(byNumber);
        all.put(subscription.number(), subscription);
        return new TopicSubscriptions(Math.max(lastNumber, subscription.number()), all);
    }

    public TopicSubscriptions without(long number) {
        var all = new HashMap<>(byNumber);
        all.remove(number);
        return new TopicSubscriptions(lastNumber, all);
    }
}
