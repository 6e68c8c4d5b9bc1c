package io.millrace.server;

import io.millrace.metadata.MetadataException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits while a broker starts or stops, on the thread that starts or stops it. */
final class Waiting {
    private Waiting() {}

    /**
     * The value of the future.
     *
     * @param what is waited for, in words
     * @throws BrokerStartException if it fails or does not come in time
     */
    static <T> T join(CompletableFuture<T> future, long timeoutMs, String what) {
        try {
            return future.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new BrokerStartException("Waited " + timeoutMs + " ms for " + what + ", in vain", e);
        } catch (ExecutionException e) {
            // Ours say in words what is wrong; of others the kind matters, too.
            Object why = e.getCause() instanceof MetadataException known ? known.getMessage() : e.getCause();
            throw new BrokerStartException("Waiting for " + what + " failed: " + why, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerStartException("Interrupted while waiting for " + what, e);
        }
    }
}
