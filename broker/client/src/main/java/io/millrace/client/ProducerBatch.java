package io.millrace.client;

import io.millrace.protocol.wire.Records;
import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records of one partition that are sent, stored and acknowledged together, and those who wait for that.
 *
 * <p>Guarded by its queue while records are added; from {@link #seal} on owned by the sender's loop. Its memory is given
 * back when it is completed or has failed, whichever comes first.
 */
final class ProducerBatch {
    /** A record that somebody waits for. */
    private record Awaited(long timestampMs, CompletableFuture<RecordMetadata> metadata) {}

    private final TopicPartition partition;
    private final long order;
    private final long createdNanos;
    private final Compression compression;
    private final RecordBatchBuilder builder;
    private final List<Awaited> awaited = new ArrayList<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable ByteBuf sealed;
    private int reservedBytes;
    private int baseSequence = RecordBatch.NO_SEQUENCE;
    private int attempts;
    private String lastFailure = "it was not sent yet";

    ProducerBatch(TopicPartition partition, long order, long createdNanos, Compression compression, int bytesMax) {
        this.partition = partition;
        this.order = order;
        this.createdNanos = createdNanos;
        this.compression = compression;
        this.builder = new RecordBatchBuilder(ByteBufAllocator.DEFAULT, compression, bytesMax);
    }

    /** Adds a record, or refuses since the batch would grow too large. */
    boolean tryAppend(ProducerRecord record, long timestampMs, int bytes, CompletableFuture<RecordMetadata> metadata) {
        if (sealed != null
                || !builder.tryAppend(timestampMs, wrap(record.key()), wrap(record.value()), record.headers())) {
            return false;
        }
        awaited.add(new Awaited(timestampMs, metadata));
        reservedBytes += bytes;
        return true;
    }

    private static @Nullable ByteBuf wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : Unpooled.wrappedBuffer(bytes);
    }

    /** Ends the adding of records. Compresses, so whoever filled the batch had better do it. */
    void seal() {
        if (sealed == null) {
            sealed = builder.build();
        }
    }

    /** Whether sealing it takes long. */
    boolean isCompressed() {
        return compression != Compression.NONE;
    }

    boolean isSealed() {
        return sealed != null;
    }

    /** Gives the batch its place in the sequence of a producer, instead of the one that it had. */
    void number(ProducerIdentity identity, int sequence) {
        baseSequence = sequence;
        try {
            RecordBatch.at(sealedBytes(), sealedBytes().readerIndex())
                    .assignProducer(identity.producerId(), identity.producerEpoch(), sequence);
        } catch (InvalidRecordException e) {
            throw new IllegalStateException("The batch just built is not one", e);
        }
    }

    boolean isNumbered() {
        return baseSequence != RecordBatch.NO_SEQUENCE;
    }

    /** What is sent: memory of its own as far as releasing goes. */
    Records records() {
        return Records.of(sealedBytes().retainedDuplicate());
    }

    int sizeInBytes() {
        return sealedBytes().readableBytes();
    }

    private ByteBuf sealedBytes() {
        if (sealed == null) {
            throw new IllegalStateException("The batch of " + partition + " is not sealed");
        }
        return sealed;
    }

    TopicPartition partition() {
        return partition;
    }

    /** Its place among the batches of the partition, in the order of the calls. */
    long order() {
        return order;
    }

    long createdNanos() {
        return createdNanos;
    }

    int recordCount() {
        return awaited.size();
    }

    /** The bytes that it takes of the producer's buffer. */
    int reservedBytes() {
        return reservedBytes;
    }

    int attempts() {
        return attempts;
    }

    void onSent() {
        attempts++;
    }

    void onFailedAttempt(String why) {
        lastFailure = why;
    }

    String lastFailure() {
        return lastFailure;
    }

    boolean isDone() {
        return done.isDone();
    }

    /** Completes after the futures of all records, never exceptionally. */
    CompletableFuture<Void> done() {
        return done;
    }

    /**
     * The records are stored.
     *
     * @param baseOffset -1 where the broker did not say
     * @param logAppendTimeMs -1 where the records keep their own time
     */
    void complete(long baseOffset, long logAppendTimeMs) {
        if (done.isDone()) {
            return;
        }
        release();
        for (int i = 0; i < awaited.size(); i++) {
            Awaited record = awaited.get(i);
            long timestampMs = logAppendTimeMs >= 0 ? logAppendTimeMs : record.timestampMs();
            record.metadata()
                    .complete(new RecordMetadata(partition, baseOffset < 0 ? -1 : baseOffset + i, timestampMs));
        }
        done.complete(null);
    }

    void fail(ClientException why) {
        if (done.isDone()) {
            return;
        }
        release();
        awaited.forEach(record -> record.metadata().completeExceptionally(why));
        done.complete(null);
    }

    private void release() {
        builder.close();
        if (sealed != null) {
            sealed.release();
        }
    }
}
