package io.millrace.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a queue consumer fetches.
 *
 * @param prefetch the most messages acquired and not yet received, over all partitions; at least 1
 * @param prefetchBytes the most bytes of them
 * @param fetchMaxWait how long a broker may hold a fetch
 * @param selector of a consumer of a queue, which gets nothing but what matches, as Jakarta Messaging has it; null: it gets everything
 */
public record QueueConsumerConfiguration(
        int prefetch, int prefetchBytes, Duration fetchMaxWait, @Nullable String selector) {

    public QueueConsumerConfiguration {
        if (prefetch < 1) {
            throw new IllegalArgumentException("prefetch is " + prefetch + "; it must be at least 1");
        }
    }

    /** Without a selector. */
    public QueueConsumerConfiguration(int prefetch, int prefetchBytes, Duration fetchMaxWait) {
        this(prefetch, prefetchBytes, fetchMaxWait, null);
    }

    public static QueueConsumerConfiguration defaults() {
        return new QueueConsumerConfiguration(100, 4 * 1024 * 1024, Duration.ofSeconds(1));
    }

    public QueueConsumerConfiguration withPrefetch(int newPrefetch) {
        return new QueueConsumerConfiguration(newPrefetch, prefetchBytes, fetchMaxWait, selector);
    }

    public QueueConsumerConfiguration withSelector(@Nullable String newSelector) {
        return new QueueConsumerConfiguration(prefetch, prefetchBytes, fetchMaxWait, newSelector);
    }
}
