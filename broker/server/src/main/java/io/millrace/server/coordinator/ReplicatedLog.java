package io.millrace.server.coordinator;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;

/** One log of a partition that this broker leads. Everything is called on the partition's loop. */
public interface ReplicatedLog {

    /**
     * Whole committed batches.
     *
     * @param batches owned by the receiver, who releases it; empty on an error and where there is nothing
     */
    record Batches(ErrorCode errorCode, ByteBuf batches) {

        public static Batches refused(ErrorCode errorCode) {
            return new Batches(errorCode, Unpooled.EMPTY_BUFFER);
        }
    }

    Loop loop();

    long logStartOffset();

    long highWatermark();

    long logEndOffset();

    /** Where the epoch of this leader begins: what is below was appended by others. */
    long firstOwnOffset();

    /** Whether all is committed that earlier leaders have appended: before that, one of them may have told a greater high watermark. */
    default boolean isCaughtUp() {
        return highWatermark() >= firstOwnOffset();
    }

    /** Reads from the batch that holds the offset on, at least one batch and about {@code maxBytes} of them. */
    Batches read(long offset, int maxBytes);

    /**
     * Appends a batch; answers when it is committed, or when the time is up and it may be committed later: then the error comes with an
     * offset.
     *
     * @param batch ownership passes
     */
    CompletableFuture<AppendResult> append(ByteBuf batch, long timeoutMs);

    /** Calls back once, on the loop, when the high watermark has passed the offset or the partition is not led here any more. */
    Cancellable onCommitted(long offset, Runnable callback);

    /** Gives up what is below the offset; completes when it is gone. */
    CompletableFuture<?> advanceLogStartOffset(long offset);
}
