package io.millrace.server.coordinator;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.record.RecordHeader;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A replicated log in memory. What is appended is committed at once, unless the test holds commits back.
 *
 * <p>Owned by the test's thread.
 */
public final class InMemoryLog implements ReplicatedLog {
    private record Batch(long baseOffset, long lastOffset, byte[] bytes) {}

    private record Waiter(long offset, Runnable callback) {}

    private record Append(long baseOffset, long lastOffset, CompletableFuture<AppendResult> result) {}

    private final ManualLoop loop;
    private final List<Batch> batches = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final List<Append> appends = new ArrayList<>();
    private long logStartOffset;
    private long logEndOffset;
    private long highWatermark;
    private long firstOwnOffset;
    private boolean holdsCommits;
    private boolean led = true;
    private ErrorCode refusal = ErrorCode.NONE;
    private int appendCount;

    public InMemoryLog(ManualLoop loop) {
        this.loop = loop;
    }

    /** What another replica has of this log, up to an offset; all of it committed. */
    public InMemoryLog replicaUpTo(ManualLoop otherLoop, long endOffset) {
        var replica = new InMemoryLog(otherLoop);
        batches.stream().filter(batch -> batch.lastOffset() < endOffset).forEach(replica.batches::add);
        replica.logStartOffset = logStartOffset;
        replica.logEndOffset = replica.batches.isEmpty()
                ? logStartOffset
                : replica.batches.get(replica.batches.size() - 1).lastOffset() + 1;
        replica.highWatermark = replica.logEndOffset;
        replica.firstOwnOffset = replica.logEndOffset;
        return replica;
    }

    /** Records of a producer, one batch. */
    public void produce(String... values) {
        try (var builder =
                new RecordBatchBuilder(UnpooledByteBufAllocator.DEFAULT, Compression.NONE, Integer.MAX_VALUE)) {
            for (String value : values) {
                builder.tryAppend(5, null, Unpooled.wrappedBuffer(value.getBytes(StandardCharsets.UTF_8)), List.of());
            }
            append(builder.build(), 1_000);
        }
        loop.run();
    }

    /** A record with a key and headers, in a batch of its own. */
    public void produce(String value, @Nullable String key, Map<String, String> headers) {
        produce(Compression.NONE, value, key, headers);
    }

    public void produce(Compression compression, String value, @Nullable String key, Map<String, String> headers) {
        try (var builder = new RecordBatchBuilder(UnpooledByteBufAllocator.DEFAULT, compression, Integer.MAX_VALUE)) {
            List<RecordHeader> recordHeaders = headers.entrySet().stream()
                    .map(header ->
                            new RecordHeader(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8)))
                    .toList();
            builder.tryAppend(5, key == null ? null : bytes(key), bytes(value), recordHeaders);
            append(builder.build(), 1_000);
        }
        loop.run();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes that are no batch, at the next offset. */
    public void produceGarbage() {
        batches.add(new Batch(logEndOffset, logEndOffset, new byte[100]));
        logEndOffset++;
        commit();
    }

    public void holdCommits() {
        holdsCommits = true;
    }

    public void releaseCommits() {
        holdsCommits = false;
        commit();
        loop.run();
    }

    /** Refuses all appends from now on; NONE to accept them again. */
    public void refuseAppends(ErrorCode error) {
        refusal = error;
    }

    /** Tells all who wait that their append took too long. */
    public void timeOutAppends() {
        for (Append append : List.copyOf(appends)) {
            appends.remove(append);
            append.result()
                    .complete(new AppendResult(
                            ErrorCode.REQUEST_TIMED_OUT, append.baseOffset(), append.lastOffset(), -1, 0, "too late"));
        }
        loop.run();
    }

    /** From now on whoever waits for a commit is called back at once, as a partition does that is about to resign. */
    public void loseLeadership() {
        led = false;
        List<Waiter> all = List.copyOf(waiters);
        waiters.clear();
        all.forEach(waiter -> waiter.callback().run());
        loop.run();
    }

    /** Calls back all who wait for a commit although nothing was committed, as a partition may do where too many wait. */
    public void wakeEarly() {
        List<Waiter> all = List.copyOf(waiters);
        waiters.clear();
        all.forEach(waiter -> loop.execute(waiter.callback()));
        loop.run();
    }

    public int appendCount() {
        return appendCount;
    }

    public int largestBatchBytes() {
        return batches.stream().mapToInt(batch -> batch.bytes().length).max().orElse(0);
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public long logStartOffset() {
        return logStartOffset;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public long logEndOffset() {
        return logEndOffset;
    }

    @Override
    public long firstOwnOffset() {
        return firstOwnOffset;
    }

    @Override
    public Batches read(long offset, int maxBytes) {
        if (offset < logStartOffset || offset > logEndOffset) {
            return Batches.refused(ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        ByteBuf read = Unpooled.buffer();
        for (Batch batch : batches) {
            boolean isWanted = batch.lastOffset() >= offset && batch.lastOffset() < highWatermark;
            if (!isWanted) {
                continue;
            }
            if (read.isReadable() && read.readableBytes() + batch.bytes().length > maxBytes) {
                break; // a smaller one behind it would leave a hole
            }
            read.writeBytes(batch.bytes());
        }
        return new Batches(ErrorCode.NONE, read);
    }

    @Override
    public CompletableFuture<AppendResult> append(ByteBuf batch, long timeoutMs) {
        appendCount++;
        try {
            if (refusal.isError()) {
                return CompletableFuture.completedFuture(AppendResult.refused(refusal, "refused by the test"));
            }
            RecordBatch view = RecordBatch.at(batch, batch.readerIndex());
            view.assignOffset(logEndOffset, 1);
            var append = new Append(view.baseOffset(), view.lastOffset(), new CompletableFuture<>());
            batches.add(new Batch(view.baseOffset(), view.lastOffset(), ByteBufUtil.getBytes(batch)));
            logEndOffset = view.nextOffset();
            appends.add(append);
            commit();
            return append.result();
        } catch (InvalidRecordException e) {
            throw new IllegalStateException(e);
        } finally {
            batch.release();
        }
    }

    private void commit() {
        if (holdsCommits) {
            return;
        }
        highWatermark = logEndOffset;
        for (Append append : List.copyOf(appends)) {
            appends.remove(append);
            append.result()
                    .complete(new AppendResult(ErrorCode.NONE, append.baseOffset(), append.lastOffset(), -1, 0, ""));
        }
        for (Waiter waiter : List.copyOf(waiters)) {
            if (waiter.offset() < highWatermark && waiters.remove(waiter)) {
                loop.execute(waiter.callback());
            }
        }
    }

    @Override
    public Cancellable onCommitted(long offset, Runnable callback) {
        if (!led || highWatermark > offset) {
            callback.run();
            return () -> {};
        }
        var waiter = new Waiter(offset, callback);
        waiters.add(waiter);
        return () -> waiters.remove(waiter);
    }

    @Override
    public CompletableFuture<?> advanceLogStartOffset(long offset) {
        logStartOffset = Math.max(logStartOffset, offset);
        batches.removeIf(batch -> batch.lastOffset() < logStartOffset);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public String toString() {
        return "log in memory of " + Arrays.asList(logStartOffset, logEndOffset);
    }
}
