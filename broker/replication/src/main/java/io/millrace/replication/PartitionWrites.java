package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.storage.DiskFullException;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * What a partition's leader does for those who write to it, and delete from it.
 *
 * <p>Asked from any thread; works on the partition's loop, which also completes all futures. Refuses while this replica does not lead.
 */
final class PartitionWrites {
    private static final System.Logger LOGGER = System.getLogger(PartitionWrites.class.getName());

    private final String partition;
    private final Function<LogKind, ReplicaLog> logs;
    private final ReplicaRole role;
    private final Loop loop;
    private final int brokerId;
    private final LogPauses notices;

    /**
     * @param partition its name, for people
     * @param logs throws where the partition has no such log
     * @param notices of the partition
     */
    PartitionWrites(
            String partition,
            Function<LogKind, ReplicaLog> logs,
            ReplicaRole role,
            PartitionEnvironment environment,
            LogPauses notices) {
        this.partition = partition;
        this.logs = logs;
        this.role = role;
        this.loop = environment.loop();
        this.brokerId = environment.brokerId();
        this.notices = notices;
    }

    /** See {@link Partition#append}. */
    CompletableFuture<AppendResult> append(LogKind logKind, ByteBuf batches, Acks acks, long timeoutMs) {
        var answer = new CompletableFuture<AppendResult>();
        try {
            loop.runHereOrExecute(() -> {
                try {
                    runOrFail(answer, () -> append(logs.apply(logKind), batches, acks, timeoutMs, answer));
                } finally {
                    batches.release();
                }
            });
        } catch (RejectedExecutionException overloadedOrClosed) {
            batches.release();
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_LEADER_OR_FOLLOWER, String.valueOf(overloadedOrClosed.getMessage())));
        }
        return answer;
    }

    private void append(
            ReplicaLog log, ByteBuf batches, Acks acks, long timeoutMs, CompletableFuture<AppendResult> answer) {
        var leading = role.leadership();
        if (leading == null) {
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_LEADER_OR_FOLLOWER, "partition " + partition + " is not led by broker " + brokerId));
            return;
        }
        if (acks == Acks.ALL && !leading.hasEnoughInSync()) {
            answer.complete(AppendResult.refused(
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    "in sync are only the replicas " + leading.inSyncReplicas().committed() + " of partition "
                            + partition));
            return;
        }
        try {
            leading.append(log, batches, acks, timeoutMs, answer);
        } catch (InvalidRecordException e) {
            answer.complete(AppendResult.refused(ErrorCodes.of(e), String.valueOf(e.getMessage())));
        } catch (DiskFullException e) {
            notices.log(
                    Level.WARNING,
                    loop.nowMs(),
                    () -> "Partition " + partition + " refuses records: " + e.getMessage());
            answer.complete(AppendResult.refused(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage())));
        } catch (StorageException e) {
            answer.complete(AppendResult.refused(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage())));
            role.goOffline(e);
        }
    }

    // Who waits for the answer must hear of a fault of ours.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void runOrFail(CompletableFuture<?> answer, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, () -> "A write to partition " + partition + " failed for a fault of the broker", e);
            answer.completeExceptionally(e);
        }
    }

    /** See {@link Partition#onCommitted}. */
    Cancellable onCommitted(LogKind logKind, long offset, Runnable callback) {
        var registration = new LateCancellable();
        try {
            loop.runOrExecute(() -> {
                ReplicaLog log = logs.apply(logKind);
                if (role.leadership() == null || log.log().highWatermark() > offset) {
                    registration.run(callback);
                } else {
                    registration.is(log.commits().awaitBeyond(offset, callback));
                }
            });
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "Nobody will be woken for " + partition + ": " + closing.getMessage());
        }
        return registration;
    }

    /** See {@link Partition#advanceLogStartOffset}. */
    CompletableFuture<OffsetLookup> advanceLogStartOffset(LogKind logKind, long offset) {
        var answer = new CompletableFuture<OffsetLookup>();
        try {
            loop.runOrExecute(() -> runOrFail(answer, () -> answer.complete(advanceNow(logs.apply(logKind), offset))));
        } catch (RejectedExecutionException overloadedOrClosed) {
            answer.complete(OffsetLookup.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        }
        return answer;
    }

    /** See {@link Partition#deleteRecords}. */
    CompletableFuture<OffsetLookup> deleteRecords(long offset, long timeoutMs) {
        var answer = new CompletableFuture<OffsetLookup>();
        try {
            loop.runOrExecute(() -> runOrFail(answer, () -> deleteNow(offset, timeoutMs, answer)));
        } catch (RejectedExecutionException overloadedOrClosed) {
            answer.complete(OffsetLookup.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        }
        return answer;
    }

    private void deleteNow(long offset, long timeoutMs, CompletableFuture<OffsetLookup> answer) {
        var leading = role.leadership();
        ReplicaLog data = logs.apply(LogKind.DATA);
        long before = offset == Partition.HIGH_WATERMARK ? data.log().highWatermark() : offset;
        OffsetLookup advanced =
                before < 0 ? OffsetLookup.refused(ErrorCode.OFFSET_OUT_OF_RANGE) : advanceNow(data, before);
        if (leading == null || advanced.errorCode().isError()) {
            answer.complete(advanced);
        } else {
            leading.awaitLowWatermark(data, before, timeoutMs, answer);
        }
    }

    private OffsetLookup advanceNow(ReplicaLog log, long offset) {
        var leading = role.leadership();
        if (leading == null) {
            return OffsetLookup.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        try {
            return leading.advanceLogStartOffset(log, offset);
        } catch (DiskFullException e) {
            notices.log(
                    Level.WARNING, loop.nowMs(), () -> "Partition " + partition + " keeps records: " + e.getMessage());
            return OffsetLookup.refused(ErrorCode.KAFKA_STORAGE_ERROR);
        } catch (StorageException e) {
            role.goOffline(e);
            return OffsetLookup.refused(ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }
}
