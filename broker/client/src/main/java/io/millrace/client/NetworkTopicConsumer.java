package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A consumer by assignment: a {@link FetchBuffer} that a {@link TopicFetcher} fills, and the reader of the chunk that is
 * being delivered.
 *
 * <p>Owned by one thread at a time, as its interface says; closing by another is safe.
 */
final class NetworkTopicConsumer implements TopicConsumer {
    /** The most records that one poll returns. */
    private static final int POLL_RECORDS_MAX = 1000;

    private final ClientContext context;
    private final EventLoop loop;
    private final FetchBuffer buffer = new FetchBuffer();
    private final TopicFetcher fetcher;
    private final OffsetLookup offsets;
    private final ConsumerConfiguration.Isolation isolation;
    private final Consumer<NetworkTopicConsumer> onClosed;
    private final ReentrantLock reading = new ReentrantLock(); // never taken by the loop
    private @Nullable ChunkReader reader; // guarded by reading
    private volatile boolean closed;

    NetworkTopicConsumer(
            ClientContext context,
            ConsumerConfiguration configuration,
            OffsetLookup offsets,
            Consumer<NetworkTopicConsumer> onClosed) {
        this.context = context;
        this.loop = context.loops().next();
        this.offsets = offsets;
        this.isolation = configuration.isolation();
        this.onClosed = onClosed;
        this.fetcher = new TopicFetcher(loop, context, configuration, buffer, offsets);
        fetcher.start();
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        refuseIfClosed();
        buffer.assign(Set.copyOf(partitions));
        fetcher.wakeUp();
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new ClientException(ErrorCode.INVALID_REQUEST, "The consumer is closed");
        }
    }

    @Override
    public Set<TopicPartition> assignment() {
        return buffer.assignment();
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        refuseIfClosed();
        if (offset < 0) {
            throw new IllegalArgumentException(
                    "Offset " + offset + " of " + partition + " is negative; offsets start at 0");
        }
        buffer.seek(partition, offset);
        fetcher.wakeUp();
    }

    @Override
    public long position(TopicPartition partition) {
        refuseIfClosed();
        Duration bound = context.configuration().requestTimeout();
        try {
            long position = buffer.position(partition, bound.toNanos());
            if (position == FetchBuffer.UNKNOWN) {
                throw new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "The position of " + partition + " could not be found within " + bound.toMillis() + " ms");
            }
            return position;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(ErrorCode.REQUEST_TIMED_OUT, "Interrupted while a position was looked up", e);
        }
    }

    @Override
    public List<ConsumerRecord> poll(Duration timeout) {
        refuseIfClosed();
        long waitNanos = timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : timeout.toNanos();
        long startNanos = System.nanoTime();
        try {
            while (true) {
                List<ConsumerRecord> records = readOn();
                if (!records.isEmpty()) {
                    return records;
                }
                FetchBuffer.Chunk chunk = buffer.take(waitNanos - (System.nanoTime() - startNanos));
                if (chunk == null) {
                    return List.of();
                }
                begin(chunk);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private void begin(FetchBuffer.Chunk chunk) {
        reading.lock();
        try {
            if (closed) {
                chunk.records().release();
            } else {
                reader = new ChunkReader(chunk);
            }
        } finally {
            reading.unlock();
        }
    }

    /** More of the chunk that is being read; nothing when it has ended or was outdated by a seek. */
    private List<ConsumerRecord> readOn() {
        reading.lock();
        try {
            ChunkReader current = reader;
            if (current == null) {
                return List.of();
            }
            long position = buffer.positionFor(current.chunk());
            List<ConsumerRecord> records =
                    position == FetchBuffer.UNKNOWN ? List.of() : current.next(position, POLL_RECORDS_MAX);
            if (records.isEmpty()) {
                buffer.onDelivered(current.chunk(), current.chunk().nextOffset());
                finish(current);
            } else {
                buffer.onDelivered(
                        current.chunk(), records.get(records.size() - 1).offset() + 1);
            }
            return records;
        } finally {
            reading.unlock();
        }
    }

    private void finish(ChunkReader finished) {
        reader = null;
        finished.release();
        buffer.onFinished(finished.chunk(), finished.sizeInBytes());
        fetcher.wakeUp();
    }

    @Override
    public void wakeup() {
        buffer.wakeup();
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> beginningOffsets(Collection<TopicPartition> partitions) {
        return find(partitions, ListOffsetsRequest.EARLIEST);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> endOffsets(Collection<TopicPartition> partitions) {
        return find(partitions, ListOffsetsRequest.LATEST);
    }

    private CompletableFuture<Map<TopicPartition, Long>> find(Collection<TopicPartition> partitions, long timestamp) {
        return offsetsForTimes(
                partitions.stream().distinct().collect(Collectors.toMap(partition -> partition, ignored -> timestamp)));
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> offsetsForTimes(Map<TopicPartition, Long> timestampsMs) {
        return offsets.find(timestampsMs, isolation, context.configuration().requestTimeout());
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        buffer.close();
        reading.lock();
        try {
            if (reader != null) {
                reader.release();
                reader = null;
            }
        } finally {
            reading.unlock();
        }
        Loops.run(loop, fetcher::close);
        onClosed.accept(this);
    }
}
