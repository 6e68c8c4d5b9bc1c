package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.FetchResponse.AbortedTransaction;
import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AbortedTransactionsTest {
    private static final short EPOCH = 0;
    private static final long ABORTING = 7;
    private static final long OTHER = 8;

    private final List<ByteBuf> buffers = new ArrayList<>();

    @AfterEach
    void release() {
        buffers.forEach(ByteBuf::release);
    }

    private RecordBatch at(long offset, ByteBuf bytes) throws InvalidRecordException {
        buffers.add(bytes);
        RecordBatch batch = RecordBatch.at(bytes, 0);
        batch.assignOffset(offset, 0);
        return batch;
    }

    private RecordBatch batch(long offset, long producerId, boolean transactional) throws InvalidRecordException {
        try (var builder = new RecordBatchBuilder(UnpooledByteBufAllocator.DEFAULT, Compression.NONE, 1024)) {
            builder.tryAppend(0, null, Unpooled.wrappedBuffer(new byte[] {1}), List.of());
            return at(offset, builder.build(producerId, EPOCH, 0, transactional));
        }
    }

    private RecordBatch marker(long offset, long producerId, boolean committed) throws InvalidRecordException {
        return at(
                offset,
                new EndTransactionMarker(committed, 0).toBatch(UnpooledByteBufAllocator.DEFAULT, 0, producerId, EPOCH));
    }

    @Test
    void aProducersBatchesAreLeftOutFromTheFirstOffsetToItsMarker() throws InvalidRecordException {
        var aborted = new AbortedTransactions(List.of(new AbortedTransaction(ABORTING, 11)));

        assertThat(aborted.isPartOfOne(batch(10, ABORTING, true))).as("before").isFalse();
        assertThat(aborted.isPartOfOne(batch(11, ABORTING, true)))
                .as("the first")
                .isTrue();
        assertThat(aborted.isPartOfOne(batch(12, OTHER, true))).as("another's").isFalse();
        assertThat(aborted.isPartOfOne(batch(13, ABORTING, true)))
                .as("the last")
                .isTrue();
        assertThat(aborted.isPartOfOne(marker(14, ABORTING, false)))
                .as("its marker")
                .isTrue();
        assertThat(aborted.isPartOfOne(batch(15, ABORTING, true)))
                .as("its next")
                .isFalse();
    }

    @Test
    void aTransactionThatBeganBeforeTheFetchIsLeftOut() throws InvalidRecordException {
        var aborted = new AbortedTransactions(
                List.of(new AbortedTransaction(ABORTING, 90), new AbortedTransaction(ABORTING, 3)));

        assertThat(aborted.isPartOfOne(batch(50, ABORTING, true))).isTrue();
        assertThat(aborted.isPartOfOne(marker(51, ABORTING, false))).isTrue();
        assertThat(aborted.isPartOfOne(batch(52, ABORTING, true))).isFalse();
        assertThat(aborted.isPartOfOne(batch(90, ABORTING, true))).isTrue();
    }

    @Test
    void whatBelongsToNoTransactionIsDelivered() throws InvalidRecordException {
        var aborted = new AbortedTransactions(List.of(new AbortedTransaction(ABORTING, 0)));

        assertThat(aborted.isPartOfOne(batch(1, ABORTING, false))).isFalse();
        assertThat(new AbortedTransactions(List.of()).isPartOfOne(batch(1, ABORTING, true)))
                .isFalse();
    }
}
