package io.millrace.server.queue;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Isolation;
import io.millrace.replication.LogKind;
import io.millrace.replication.Loop;
import io.millrace.replication.Partition;
import io.millrace.replication.ReadResult;
import io.millrace.server.coordinator.LedLog;
import io.millrace.server.coordinator.ReplicatedLog;
import io.millrace.storage.LogSlice;
import io.millrace.storage.StorageException;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The data log of a topic's partition as its subscriptions see it: without what is not decided in a transaction or was aborted. The topic's own
 * retention says what goes of it, not what is acknowledged.
 *
 * <p>Everything is called on the partition's loop.
 */
final class SubscribedLog implements ReplicatedLog {
    private static final int ANY_EPOCH = -1;

    private final Partition partition;
    private final LedLog log;
    private final ByteBufAllocator allocator;

    SubscribedLog(Partition partition, ByteBufAllocator allocator) {
        this.partition = partition;
        this.log = new LedLog(partition, LogKind.DATA, allocator);
        this.allocator = allocator;
    }

    @Override
    public Loop loop() {
        return log.loop();
    }

    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    /** The end of what is decided. */
    @Override
    public long highWatermark() {
        return Math.min(log.highWatermark(), partition.transactions().lastStableOffset());
    }

    @Override
    public boolean isCaughtUp() {
        return log.isCaughtUp();
    }

    @Override
    public long logEndOffset() {
        return log.logEndOffset();
    }

    @Override
    public long firstOwnOffset() {
        return log.firstOwnOffset();
    }

    @Override
    public Batches read(long offset, int maxBytes) {
        ReadResult found = partition.read(LogKind.DATA, ANY_EPOCH, offset, maxBytes, true, Isolation.READ_COMMITTED);
        if (found.errorCode().isError() || found.slice().isEmpty()) {
            return new Batches(found.errorCode(), Unpooled.EMPTY_BUFFER);
        }
        try (LogSlice slice = found.slice().get()) {
            long end = Math.min(found.lastStableOffset(), slice.offsetBound());
            List<AbortedTransaction> aborted = partition.transactions().abortedIn(offset, end);
            ByteBuf bytes = slice.toByteBuf(allocator);
            return new Batches(ErrorCode.NONE, aborted.isEmpty() ? bytes : without(aborted, bytes));
        } catch (StorageException e) {
            return log.read(offset, maxBytes); // which says so
        }
    }

    /**
     * Offsets that no batch has are settled as soon as they turn up. Where nothing else is left, the last batch stays, as one that is for no
     * consumer.
     *
     * @param bytes ownership passes
     */
    private ByteBuf without(List<AbortedTransaction> aborted, ByteBuf bytes) {
        ByteBuf kept = allocator.buffer(bytes.readableBytes());
        try {
            RecordBatches batches = RecordBatches.in(bytes);
            RecordBatch last = null;
            while (batches.hasNext()) {
                last = batches.next();
                if (!isAborted(aborted, last)) {
                    kept.writeBytes(last.bytes().duplicate());
                }
            }
            if (last != null && isAborted(aborted, last)) {
                int at = kept.writerIndex();
                kept.writeBytes(last.bytes().duplicate());
                RecordBatch.at(kept, at).makeControl();
            }
            bytes.release();
            return kept;
        } catch (InvalidRecordException damaged) {
            kept.release();
            return bytes; // whoever reads it finds the damage, too
        }
    }

    private static boolean isAborted(List<AbortedTransaction> aborted, RecordBatch batch) {
        return batch.isTransactional()
                && !batch.isControl()
                && aborted.stream()
                        .anyMatch(transaction -> transaction.producerId() == batch.producerId()
                                && transaction.firstOffset() <= batch.baseOffset()
                                && batch.baseOffset() <= transaction.markerOffset());
    }

    @Override
    public CompletableFuture<AppendResult> append(ByteBuf batch, long timeoutMs) {
        return log.append(batch, timeoutMs);
    }

    /** What is decided grows only with what is committed: a marker. */
    @Override
    public Cancellable onCommitted(long offset, Runnable callback) {
        long undecided = Math.max(offset, highWatermark() <= offset ? log.highWatermark() : offset);
        return log.onCommitted(undecided, callback);
    }

    @Override
    public CompletableFuture<?> advanceLogStartOffset(long offset) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public String toString() {
        return log.toString();
    }
}
