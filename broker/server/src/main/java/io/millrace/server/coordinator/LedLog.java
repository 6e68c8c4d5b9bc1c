package io.millrace.server.coordinator;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Acks;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Cancellable;
import io.millrace.replication.LogKind;
import io.millrace.replication.Loop;
import io.millrace.replication.Partition;
import io.millrace.replication.ReadResult;
import io.millrace.storage.LogSlice;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;

/** The log of a partition of this broker, as its leader sees it. */
public final class LedLog implements ReplicatedLog {
    private static final System.Logger LOGGER = System.getLogger(LedLog.class.getName());
    private static final int ANY_EPOCH = -1;

    private final Partition partition;
    private final LogKind kind;
    private final ByteBufAllocator allocator;

    public LedLog(Partition partition, LogKind kind, ByteBufAllocator allocator) {
        this.partition = partition;
        this.kind = kind;
        this.allocator = allocator;
    }

    @Override
    public Loop loop() {
        return partition.loop();
    }

    @Override
    public long logStartOffset() {
        return partition.logStartOffset(kind);
    }

    @Override
    public long highWatermark() {
        return partition.highWatermark(kind);
    }

    @Override
    public long logEndOffset() {
        return partition.logEndOffset(kind);
    }

    @Override
    public long firstOwnOffset() {
        return partition.firstOwnOffset(kind);
    }

    @Override
    public Batches read(long offset, int maxBytes) {
        ReadResult found = partition.read(kind, ANY_EPOCH, offset, maxBytes, true);
        if (found.errorCode().isError() || found.slice().isEmpty()) {
            return new Batches(found.errorCode(), Unpooled.EMPTY_BUFFER);
        }
        try (LogSlice slice = found.slice().get()) {
            return new Batches(ErrorCode.NONE, slice.toByteBuf(allocator));
        } catch (StorageException e) {
            LOGGER.log(ERROR, () -> "Cannot read offset " + offset + " of the " + this, e);
            return Batches.refused(ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    @Override
    public CompletableFuture<AppendResult> append(ByteBuf batch, long timeoutMs) {
        return partition.append(kind, batch, Acks.ALL, timeoutMs);
    }

    @Override
    public Cancellable onCommitted(long offset, Runnable callback) {
        return partition.onCommitted(kind, offset, callback);
    }

    @Override
    public CompletableFuture<?> advanceLogStartOffset(long offset) {
        return partition.advanceLogStartOffset(kind, offset);
    }

    @Override
    public String toString() {
        return "log " + kind + " of " + partition.topicName() + "-"
                + partition.key().partition();
    }
}
