package io.millrace.coordinator.transaction;

/**
 * Rules for all transactions.
 *
 * @param timeoutMaxMs the longest time that a producer may leave a transaction open ({@code transaction.max.timeout.ms})
 * @param transactionalIdExpirationMs after which an unused transactional id is forgotten ({@code transactional.id.expiration.ms})
 */
public record TransactionConfiguration(int timeoutMaxMs, long transactionalIdExpirationMs) {
    /** Kafka's: 15 minutes and 7 days. */
    public static final TransactionConfiguration DEFAULT =
            new TransactionConfiguration(15 * 60 * 1000, 7L * 24 * 60 * 60 * 1000);
}
