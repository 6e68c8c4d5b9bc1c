package io.millrace.ra.inbound;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Set once, when an activation ends; every wait of the activation ends with it. Safe for use by any thread. */
final class StopSignal {
    private final CountDownLatch latch = new CountDownLatch(1);
    private final CompletableFuture<Void> future = new CompletableFuture<>();

    void set() {
        latch.countDown();
        future.complete(null);
    }

    boolean isSet() {
        return latch.getCount() == 0;
    }

    /** Waits this long, or until the signal is set, and says whether it is. */
    boolean await(Duration atMost) throws InterruptedException {
        return latch.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Waits for a result as long as the signal is not set.
     *
     * @throws InterruptedException also where the signal was set before the result came
     */
    <T> T result(CompletableFuture<T> result, Duration atMost)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture.anyOf(result, future).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        if (!result.isDone()) {
            throw new InterruptedException("stopped while waiting");
        }
        return result.get();
    }
}
