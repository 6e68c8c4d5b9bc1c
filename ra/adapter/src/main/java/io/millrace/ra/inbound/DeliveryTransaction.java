package io.millrace.ra.inbound;

import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The container's transaction around one delivery, watched for its outcome.
 *
 * <p>The adapter has no XA resource to enlist yet. It registers a synchronization between beforeDelivery and
 * afterDelivery instead: the bean's rollback, which raises no exception, is seen here and nowhere else. What is left is the moment between the
 * commit and the acknowledgement: a server that dies there gets the message again.
 */
final class DeliveryTransaction implements Synchronization {
    // A timeout rolls a transaction back on another thread.
    private volatile int status = Status.STATUS_UNKNOWN;

    private DeliveryTransaction() {}

    /** Watches the calling thread's transaction; empty where it has none. */
    static Optional<DeliveryTransaction> watch(@Nullable TransactionSynchronizationRegistry registry) {
        if (registry == null || registry.getTransactionKey() == null) {
            return Optional.empty();
        }
        DeliveryTransaction transaction = new DeliveryTransaction();
        try {
            registry.registerInterposedSynchronization(transaction);
        } catch (IllegalStateException ignored) {
            // It ended, or can only be rolled back, before it began: its outcome stays unknown, which is not committed.
        }
        return Optional.of(transaction);
    }

    boolean isCommitted() {
        return status == Status.STATUS_COMMITTED;
    }

    @Override
    public void beforeCompletion() {
        // There is nothing to prepare: the acknowledgement follows the commit.
    }

    @Override
    public void afterCompletion(int completionStatus) {
        status = completionStatus;
    }
}
