package io.millrace.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Reads assigned partitions from a position on. Fetches ahead in the background, up to its configured buffer.
 *
 * <p>Owned by one thread at a time; only {@link #wakeup()} and the methods that return futures may be called by
 * others. A position that is out of range is reset as the configuration says, or {@link #poll} throws.
 */
public interface TopicConsumer extends AutoCloseable {

    /** Replaces the assignment. A partition that stays keeps its position; a new one starts as configured. */
    void assign(Collection<TopicPartition> partitions);

    Set<TopicPartition> assignment();

    /** The next record delivered from this partition is the first at or after this offset. */
    void seek(TopicPartition partition, long offset);

    /** The offset of the next record to be delivered. Asks the leader, at most the request timeout, where none is known. */
    long position(TopicPartition partition);

    /**
     * What has arrived, waiting at most this long for the first record. Records of one partition are in order.
     *
     * @throws ClientException where no further progress is possible: an offset out of range with no reset, a topic
     *     that was deleted, a corrupt batch
     */
    List<ConsumerRecord> poll(Duration timeout);

    /** Makes a {@link #poll} that is waiting, or the next one, return at once. */
    void wakeup();

    CompletableFuture<Map<TopicPartition, Long>> beginningOffsets(Collection<TopicPartition> partitions);

    /** The high watermarks; for a consumer of committed records, what open transactions hold up lies behind the ends. */
    CompletableFuture<Map<TopicPartition, Long>> endOffsets(Collection<TopicPartition> partitions);

    /** The first offset whose timestamp is at or after the one given; a partition without such a record is absent. */
    CompletableFuture<Map<TopicPartition, Long>> offsetsForTimes(Map<TopicPartition, Long> timestampsMs);

    @Override
    void close();
}
