package io.millrace.kafkasuite;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Answers, waited for with a bound. */
final class Futures {
    private static final long WAIT_MAX_SECONDS = 30;

    private Futures() {}

    static <T> T get(Future<T> answer) {
        try {
            return answer.get(WAIT_MAX_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a broker was asked", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a broker was asked and did not answer well", e);
        }
    }
}
