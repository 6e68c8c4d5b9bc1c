package io.millrace.benchmarks.ecosystem;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Counts what was acknowledged, and keeps the first failure. Any thread. */
final class Acknowledgements implements Callback {
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
        if (exception == null) {
            acknowledged.incrementAndGet();
        } else {
            failure.compareAndSet(null, exception);
        }
    }

    long count() {
        return acknowledged.get();
    }

    /** Throws where not all that was sent was acknowledged. */
    void check(long sent) {
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("a send failed: " + first, first);
        }
        if (acknowledged.get() != sent) {
            throw new IllegalStateException(acknowledged.get() + " of " + sent + " sends were acknowledged");
        }
    }
}
