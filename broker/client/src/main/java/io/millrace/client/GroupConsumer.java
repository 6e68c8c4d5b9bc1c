package io.millrace.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A member of a group that shares the partitions of topics out among its members (KIP-848). Goes on where the group has committed.
 *
 * <p>Owned by one thread at a time; {@link #close()} and {@link #wakeup()} may come from others. What was {@link #processed} is committed every few seconds while it is
 * polled, before a partition is given up, and when it is closed. Every record is delivered at least once, and again where its consumer was lost before it was
 * committed.
 */
public interface GroupConsumer extends AutoCloseable {

    /**
     * Where to read, and as whom.
     *
     * @param groupId the group; it is made where it is not there
     * @param topics what to read; topics that are not there yet are read once they are
     * @param startMs where a partition starts of which the group has committed nothing: the first record at or after this time in milliseconds,
     *     {@link #BEGINNING} or {@link #END}
     * @param fetching how records are fetched; its starting position is used where a committed offset is out of range
     */
    record Subscription(String groupId, Collection<String> topics, long startMs, ConsumerConfiguration fetching) {
        public static final long END = -1;
        public static final long BEGINNING = -2;

        public Subscription {
            topics = List.copyOf(topics);
        }
    }

    /**
     * What has arrived, waiting at most this long for the first record. Takes part in the group's rebalances, which may take longer.
     *
     * @throws ClientException where the group refuses this member, or no further progress is possible
     */
    List<ConsumerRecord> poll(Duration timeout);

    /** A record counts as read from now on, and so do those before it in its partition. Ignored where the partition was lost meanwhile. */
    void processed(ConsumerRecord record);

    /** Commits what was processed; completes when that is kept. */
    CompletableFuture<Void> commit();

    /** What this member reads now. */
    Set<TopicPartition> assignment();

    /** Makes a {@link #poll} that is waiting, or the next one, return soon. */
    void wakeup();

    /** Commits, and leaves the group so that the others need not wait. At most some seconds. */
    @Override
    void close();
}
