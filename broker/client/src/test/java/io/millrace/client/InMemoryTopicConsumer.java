package io.millrace.client;

import io.millrace.client.ConsumerConfiguration.StartingPosition;
import io.millrace.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A consumer of {@link InMemoryCluster} that reads assigned partitions; guarded by the cluster. */
final class InMemoryTopicConsumer implements TopicConsumer {
    private static final int POLL_MAX = 100;

    private final InMemoryCluster cluster;
    private final StartingPosition startingPosition;
    private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
    private boolean woken;
    private boolean closed;

    InMemoryTopicConsumer(InMemoryCluster cluster, StartingPosition startingPosition) {
        this.cluster = cluster;
        this.startingPosition = startingPosition;
        cluster.countTopicConsumers(1);
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        synchronized (cluster) {
            positions.keySet().retainAll(partitions);
            for (TopicPartition partition : partitions) {
                positions.computeIfAbsent(partition, this::startOf);
            }
            cluster.notifyAll();
        }
    }

    private long startOf(TopicPartition partition) {
        return startingPosition == StartingPosition.LATEST
                ? cluster.require(partition).log.size()
                : 0;
    }

    @Override
    public Set<TopicPartition> assignment() {
        synchronized (cluster) {
            return Set.copyOf(positions.keySet());
        }
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        synchronized (cluster) {
            positions.put(partition, offset);
            cluster.notifyAll();
        }
    }

    @Override
    public long position(TopicPartition partition) {
        synchronized (cluster) {
            Long position = positions.get(partition);
            if (position == null) {
                throw new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition + " is not assigned");
            }
            return position;
        }
    }

    @Override
    public List<ConsumerRecord> poll(Duration timeout) {
        synchronized (cluster) {
            long deadlineNanos = System.nanoTime() + timeout.toNanos();
            List<ConsumerRecord> records = read();
            while (records.isEmpty() && !woken && !closed) {
                long remainingNanos = deadlineNanos - System.nanoTime();
                if (remainingNanos <= 0) {
                    break;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(cluster, remainingNanos);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return List.of();
                }
                records = read();
            }
            woken = false;
            return records;
        }
    }

    private List<ConsumerRecord> read() {
        List<ConsumerRecord> records = new ArrayList<>();
        positions.replaceAll((partition, position) -> {
            List<ConsumerRecord> log = cluster.require(partition).log;
            int until = (int) Math.min(log.size(), position + POLL_MAX);
            for (int offset = (int) (long) position; offset < until; offset++) {
                records.add(log.get(offset));
            }
            return Math.max(until, position);
        });
        return records;
    }

    @Override
    public void wakeup() {
        synchronized (cluster) {
            woken = true;
            cluster.notifyAll();
        }
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> beginningOffsets(Collection<TopicPartition> partitions) {
        return offsets(partitions, partition -> 0L);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> endOffsets(Collection<TopicPartition> partitions) {
        return offsets(
                partitions, partition -> (long) cluster.require(partition).log.size());
    }

    private CompletableFuture<Map<TopicPartition, Long>> offsets(
            Collection<TopicPartition> partitions, Function<TopicPartition, Long> offset) {
        synchronized (cluster) {
            Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
            try {
                partitions.forEach(partition -> offsets.put(partition, offset.apply(partition)));
            } catch (ClientException e) {
                return CompletableFuture.failedFuture(e);
            }
            return CompletableFuture.completedFuture(offsets);
        }
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> offsetsForTimes(Map<TopicPartition, Long> timestampsMs) {
        synchronized (cluster) {
            Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
            timestampsMs.forEach((partition, timestampMs) -> cluster.require(partition).log.stream()
                    .filter(record -> record.timestampMs() >= timestampMs)
                    .findFirst()
                    .ifPresent(record -> offsets.put(partition, record.offset())));
            return CompletableFuture.completedFuture(offsets);
        }
    }

    @Override
    public void close() {
        synchronized (cluster) {
            if (!closed) {
                closed = true;
                cluster.countTopicConsumers(-1);
                cluster.notifyAll();
            }
        }
    }
}
