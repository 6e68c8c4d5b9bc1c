package io.millrace.server.coordinator;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordIterator;
import io.millrace.replication.AppendResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The records of a coordinator in a log that this broker leads.
 *
 * <p>Owned by the log's loop. Replays what earlier leaders have written, then appends: what is given in one round of the loop
 * goes out together, and listeners learn of commits in the order of the log.
 *
 * <pre>
 *   append --> unsent --end of round--> under way --committed--> told
 *                                          |--refused----------> told, forgotten
 *                                          `--time is up-------> told, under way until committed or closed
 * </pre>
 */
public final class CoordinatorLog<R> {
    private static final System.Logger LOGGER = System.getLogger(CoordinatorLog.class.getName());

    private static final int LOAD_BYTES = 1 << 20; // one round of the loop's time
    private static final int BATCH_BYTES_MAX = 512 * 1024;
    private static final int RECORD_OVERHEAD_BYTES = 32;
    private static final int DECOMPRESSED_BYTES_MAX = 128 << 20;
    private static final long WATCH_AGAIN_MS = 10; // after a wake-up that came before the commit

    /**
     * What was given together: it goes into one batch, which others may join unless it is a producer's.
     *
     * @param append how it is appended where others have made the batch
     */
    private record Group(
            List<EncodedRecord> records,
            int sizeInBytes,
            @Nullable TransactionalProducer producer,
            @Nullable Supplier<CompletableFuture<AppendResult>> append,
            AppendListener listener) {
        boolean isAlone() {
            return producer != null || append != null;
        }
    }

    private final ReplicatedLog log;
    private final RecordFormat<R> format;
    private final InstantSource clock;
    private final ByteBufAllocator allocator;
    private final long timeoutMs;
    private final Deque<Flight> underWay = new ArrayDeque<>();
    private List<Group> unsent = new ArrayList<>();
    private long appendedBytes;
    private long coveredOffset;
    private boolean closed;

    /**
     * A log about which nothing is known yet.
     *
     * @param timeoutMs after which an append that is not committed is reported as uncertain
     */
    public CoordinatorLog(
            ReplicatedLog log,
            RecordFormat<R> format,
            InstantSource clock,
            ByteBufAllocator allocator,
            long timeoutMs) {
        this.log = log;
        this.format = format;
        this.clock = clock;
        this.allocator = allocator;
        this.timeoutMs = timeoutMs;
    }

    /** All records below are replayed or have been reported as committed. */
    public long coveredOffset() {
        return coveredOffset;
    }

    /** Bytes appended by this leader, for deciding when a checkpoint pays. */
    public long appendedBytes() {
        return appendedBytes;
    }

    /**
     * Replays everything that is in the log now. Waits until it is committed: it is then part of every future leader's
     * log, so that nothing is shown which could be lost.
     */
    public void load(Consumer<R> replay, LoadListener listener) {
        load(
                new LogReplay<R>() {
                    @Override
                    public void onRecord(R logged) {
                        replay.accept(logged);
                    }

                    @Override
                    public void onTransactionalRecord(R logged, long producerId) {
                        replay.accept(logged);
                    }

                    @Override
                    public void onTransactionEnded(long producerId, boolean committed) {}
                },
                listener);
    }

    /** Replays everything that is in the log now, once it is committed, and tells what transactions have brought from the rest. */
    public void load(LogReplay<R> replay, LoadListener listener) {
        long end = log.logEndOffset();
        coveredOffset = log.logStartOffset();
        if (end <= coveredOffset) {
            listener.onLoaded();
            return;
        }
        whenCommitted(end, () -> loadFrom(coveredOffset, end, replay, listener));
    }

    /** Runs the task when all below the offset is committed; never, when this is closed before. */
    private void whenCommitted(long end, Runnable task) {
        log.onCommitted(end - 1, () -> {
            if (closed) {
                return;
            }
            if (log.highWatermark() >= end) {
                task.run();
            } else {
                // Too many wait for commits, or the leadership is lost and this will be closed at once.
                log.loop().schedule(WATCH_AGAIN_MS, () -> watchAgain(end, task));
            }
        });
    }

    private void watchAgain(long end, Runnable task) {
        if (!closed) {
            whenCommitted(end, task);
        }
    }

    private void loadFrom(long offset, long end, LogReplay<R> replay, LoadListener listener) {
        if (closed) {
            return;
        }
        ReplicatedLog.Batches found = log.read(offset, LOAD_BYTES);
        try {
            if (found.errorCode().isError() || !found.batches().isReadable()) {
                listener.onFailed("reading offset " + offset + " of " + log + " gave " + found.errorCode());
                return;
            }
            coveredOffset = replayBatches(found.batches(), offset, replay);
        } catch (InvalidRecordException | MalformedMessageException e) {
            LOGGER.log(ERROR, () -> "Cannot understand the " + log + " from offset " + offset, e);
            listener.onFailed(String.valueOf(e.getMessage()));
            return;
        } finally {
            found.batches().release();
        }
        if (coveredOffset >= end) {
            listener.onLoaded();
        } else {
            log.loop().execute(() -> loadFrom(coveredOffset, end, replay, listener));
        }
    }

    private long replayBatches(ByteBuf bytes, long from, LogReplay<R> replay) throws InvalidRecordException {
        long next = from;
        RecordBatches batches = RecordBatches.in(bytes);
        while (batches.hasNext()) {
            RecordBatch batch = batches.next();
            next = batch.nextOffset();
            if (!batch.isControl()) {
                replayRecords(batch, from, replay);
            } else if (batch.isTransactional()) {
                replay.onTransactionEnded(
                        batch.producerId(), EndTransactionMarker.of(batch).committed());
            }
        }
        return next;
    }

    private void replayRecords(RecordBatch batch, long from, LogReplay<R> replay) throws InvalidRecordException {
        RecordIterator records = batch.records(DECOMPRESSED_BYTES_MAX);
        while (records.hasNext()) {
            Record logged = records.next();
            byte[] key = logged.keyBytes();
            if (logged.offset() >= from && key != null) {
                byte[] value = logged.valueBytes();
                format.read(Bytes.consume(key), value == null ? null : Bytes.consume(value))
                        .ifPresent(read -> replay(batch, read, replay));
            }
        }
    }

    private static <R> void replay(RecordBatch batch, R logged, LogReplay<R> replay) {
        if (batch.isTransactional()) {
            replay.onTransactionalRecord(logged, batch.producerId());
        } else {
            replay.onRecord(logged);
        }
    }

    /** Appends records as one batch. Without records the listener hears at once that they are committed. */
    public void append(List<R> records, AppendListener listener) {
        append(records, null, listener);
    }

    /**
     * Appends records as one batch.
     *
     * @param producer whose transaction the batch belongs to; null where it is none's
     */
    public void append(List<R> records, @Nullable TransactionalProducer producer, AppendListener listener) {
        if (records.isEmpty() && !closed) {
            listener.onCommitted();
            return;
        }
        List<EncodedRecord> encoded = records.stream().map(format::write).toList();
        int size = encoded.stream().mapToInt(CoordinatorLog::sizeOf).sum();
        enqueue(new Group(encoded, size, producer, null, listener));
    }

    /** Has others append a batch that they have made, in the order of the appends here. */
    public void append(Supplier<CompletableFuture<AppendResult>> append, AppendListener listener) {
        enqueue(new Group(List.of(), 0, null, append, listener));
    }

    private void enqueue(Group group) {
        if (closed) {
            resigned(group.listener());
            return;
        }
        unsent.add(group);
        if (unsent.size() == 1) {
            log.loop().atEndOfRound(this::send);
        }
    }

    private static int sizeOf(EncodedRecord encoded) {
        Bytes value = encoded.value();
        return RECORD_OVERHEAD_BYTES + encoded.key().size() + (value == null ? 0 : value.size());
    }

    private void send() {
        List<Group> groups = unsent;
        unsent = new ArrayList<>();
        int from = 0;
        while (from < groups.size() && !closed) {
            int to = from + 1;
            int size = groups.get(from).sizeInBytes();
            while (to < groups.size() && mayJoin(groups.get(from), groups.get(to), size)) {
                size += groups.get(to).sizeInBytes();
                to++;
            }
            send(groups.subList(from, to), size);
            from = to;
        }
        tellUncertain(groups.subList(from, groups.size()));
    }

    private static boolean mayJoin(Group first, Group other, int sizeInBytes) {
        return !first.isAlone() && !other.isAlone() && sizeInBytes + other.sizeInBytes() <= BATCH_BYTES_MAX;
    }

    private void send(List<Group> groups, int sizeInBytes) {
        var flight = new Flight(log, listeners(groups));
        underWay.addLast(flight);
        append(groups, sizeInBytes)
                .whenComplete((result, failure) -> log.loop().runOrExecute(() -> onAppended(flight, result, failure)));
    }

    // What is behind this flight must not wait for ever for one that never left.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private CompletableFuture<AppendResult> append(List<Group> groups, int sizeInBytes) {
        Supplier<CompletableFuture<AppendResult>> append = groups.get(0).append();
        try {
            return append == null ? appendBatch(groups, sizeInBytes) : append.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<AppendResult> appendBatch(List<Group> groups, int sizeInBytes) {
        ByteBuf batch = batchOf(groups, sizeInBytes);
        appendedBytes += batch.readableBytes();
        return log.append(batch, timeoutMs);
    }

    private ByteBuf batchOf(List<Group> groups, int sizeInBytes) {
        long now = clock.millis();
        try (var builder = new RecordBatchBuilder(allocator, Compression.NONE, Integer.MAX_VALUE)) {
            for (Group group : groups) {
                for (EncodedRecord encoded : group.records()) {
                    Bytes value = encoded.value();
                    ByteBuf valueBytes = value == null ? null : Unpooled.wrappedBuffer(value.toByteArray());
                    builder.tryAppend(now, Unpooled.wrappedBuffer(encoded.key().toByteArray()), valueBytes, List.of());
                }
            }
            LOGGER.log(DEBUG, () -> "Appending " + sizeInBytes + " bytes to the " + log);
            TransactionalProducer producer = groups.get(0).producer();
            return producer == null
                    ? builder.build()
                    : builder.build(producer.producerId(), producer.producerEpoch(), RecordBatch.NO_SEQUENCE, true);
        }
    }

    private void onAppended(Flight flight, @Nullable AppendResult result, @Nullable Throwable failure) {
        if (closed) {
            return;
        }
        if (result == null) {
            LOGGER.log(ERROR, () -> "An append to the " + log + " failed", failure);
            refuse(flight, ErrorCode.UNKNOWN_SERVER_ERROR);
        } else if (result.isAppended()) {
            flight.onAppended(result.lastOffset());
            flight.onCommitted();
            reportCommits();
        } else if (result.baseOffset() < 0) {
            refuse(flight, result.errorCode());
        } else {
            flight.onAppended(result.lastOffset());
            flight.tell(listener -> listener.onUncertain(result.errorCode()));
            whenCommitted(result.lastOffset() + 1, () -> onLateCommit(flight));
        }
    }

    private void refuse(Flight flight, ErrorCode error) {
        underWay.remove(flight);
        flight.tell(listener -> listener.onRefused(error));
        reportCommits();
    }

    private void onLateCommit(Flight flight) {
        flight.onCommitted();
        reportCommits();
    }

    private void reportCommits() {
        Flight first = underWay.peekFirst();
        while (first != null && first.isCommitted() && !closed) {
            underWay.removeFirst();
            coveredOffset = first.lastOffset() + 1;
            first.tell(AppendListener::onCommitted);
            first = underWay.peekFirst();
        }
    }

    /** The leadership is lost: what is under way is uncertain, and nothing will be told of it any more. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        underWay.forEach(flight -> flight.tell(CoordinatorLog::resigned));
        underWay.clear();
        tellUncertain(unsent);
        unsent.clear();
    }

    private void tellUncertain(List<Group> notSent) {
        new Flight(log, listeners(notSent)).tell(CoordinatorLog::resigned);
    }

    private static List<AppendListener> listeners(List<Group> groups) {
        return groups.stream().map(Group::listener).toList();
    }

    private static void resigned(AppendListener listener) {
        listener.onUncertain(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
}
