package io.millrace.coordinator.queue;

/**
 * What becomes of records whose delivery has failed. Immutable.
 *
 * @param deliveriesMax how often a record is delivered before it is dead; 0: there are no dead records, and what is rejected is gone
 * @param delayMs how long a record waits for its second delivery; 0: no record waits for any
 * @param multiplier how many times longer it waits for each further delivery
 * @param delayMaxMs the longest wait
 * @param keepsExpired whether records that expire are dead, too
 */
public record RedeliveryPolicy(
        int deliveriesMax, long delayMs, double multiplier, long delayMaxMs, boolean keepsExpired) {
    /** Failed records are delivered again at once, for ever. */
    public static final RedeliveryPolicy AT_ONCE_FOR_EVER = new RedeliveryPolicy(0, 0, 1, 0, false);

    /**
     * A consumer that is lost may have had records that its application has never seen. So these take twice as many deliveries, lest a consumer that
     * dies of one record takes those with it that were acquired ahead.
     */
    private static final int FACTOR_OF_LOSSES = 2;

    /** The same, but that no record is ever dead. */
    public RedeliveryPolicy withoutDeath() {
        return new RedeliveryPolicy(0, delayMs, multiplier, delayMaxMs, false);
    }

    /** Whether there are dead records. */
    public boolean knowsDeath() {
        return deliveriesMax > 0;
    }

    /** Whether a record is dead that a consumer has given back. */
    boolean isExhausted(int deliveryCount) {
        return knowsDeath() && deliveryCount >= deliveriesMax;
    }

    /** Whether a record is dead whose consumer is gone. */
    boolean isExhaustedByLosses(int deliveryCount) {
        return knowsDeath() && deliveryCount >= (long) FACTOR_OF_LOSSES * deliveriesMax;
    }

    /** How long a record waits that was delivered so often. */
    long delayMs(int deliveryCount) {
        double delay = delayMs * Math.pow(multiplier, Math.max(0, deliveryCount - 1));
        long delayMax = Math.max(delayMs, delayMaxMs);
        return delay < delayMax ? (long) delay : delayMs == 0 ? 0 : delayMax;
    }
}
