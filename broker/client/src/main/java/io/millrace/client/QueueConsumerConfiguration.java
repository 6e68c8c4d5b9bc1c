package io.millrace.client;

import java.time.Duration;

/**
 * How a queue consumer fetches.
 *
 * @param prefetch the most messages acquired and not yet received, over all partitions; at least 1
 * @param prefetchBytes the most bytes of them
 * @param fetchMaxWait how long a broker may hold a fetch
 */
public record QueueConsumerConfiguration(int prefetch, int prefetchBytes, Duration fetchMaxWait) {

    public QueueConsumerConfiguration {
        if (prefetch < 1) {
            throw new IllegalArgumentException("prefetch is " + prefetch + "; it must be at least 1");
        }
    }

    public static QueueConsumerConfiguration defaults() {
        return new QueueConsumerConfiguration(100, 4 * 1024 * 1024, Duration.ofSeconds(1));
    }

    public QueueConsumerConfiguration withPrefetch(int newPrefetch) {
        return new QueueConsumerConfiguration(newPrefetch, prefetchBytes, fetchMaxWait);
    }
}
