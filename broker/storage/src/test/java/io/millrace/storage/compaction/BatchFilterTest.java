package io.millrace.storage.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Passes over logs that hold transactions: what goes, and when the markers go after it. */
class BatchFilterTest {

    private static final UnpooledByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);
    private static final long RETENTION_MS = 1_000;
    private static final int UNPACKED_MAX = 1024 * 1024;

    private List<ByteBuf> log = new ArrayList<>();
    private long nextOffset;
    private long nowMs = 50_000;

    private void data(long producerId, String... keys) throws Exception {
        try (RecordBatchBuilder builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, UNPACKED_MAX)) {
            for (String key : keys) {
                builder.tryAppend(
                        1000, Unpooled.copiedBuffer(key, StandardCharsets.UTF_8), Unpooled.EMPTY_BUFFER, List.of());
            }
            append(builder.build(producerId, (short) 0, 0, producerId >= 0));
        }
    }

    private void marker(long producerId, boolean committed) throws Exception {
        append(new EndTransactionMarker(committed, 1).toBatch(ON_HEAP, 1000, producerId, (short) 0));
    }

    private void append(ByteBuf batch) throws Exception {
        RecordBatch.at(batch, 0).assignOffset(nextOffset, 0);
        nextOffset = RecordBatch.at(batch, 0).nextOffset();
        log.add(batch);
    }

    /** Cleans the whole log as a cleaner does and answers the offsets of the records that stay. */
    private List<Long> pass(Map<Long, ProducerEnd> producers) throws Exception {
        TransactionScan scan = new TransactionScan();
        for (ByteBuf bytes : log) {
            RecordBatch batch = RecordBatch.at(bytes, 0);
            if (batch.isControl()) {
                scan.onMarker(batch, EndTransactionMarker.of(batch));
            } else {
                scan.onData(batch);
            }
        }
        long upper = scan.decidedBelow(nextOffset);
        OffsetMap newest = newest(scan, upper);
        BatchFilter filter =
                new BatchFilter(newest, upper, producers, new TransactionFilter(scan.aborted()), nowMs, RETENTION_MS);
        List<ByteBuf> left = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        for (ByteBuf bytes : log) {
            Optional<ByteBuf> kept = filter.filter(RecordBatch.at(bytes, 0), false);
            if (kept.isPresent()) {
                left.add(kept.get());
                RecordBatch.at(kept.get(), 0)
                        .records(UNPACKED_MAX)
                        .toList()
                        .forEach(record -> offsets.add(record.offset()));
            }
        }
        log = left;
        assertThat(filter.recordsAfter()).isEqualTo(offsets.size());
        return offsets;
    }

    private OffsetMap newest(TransactionScan scan, long upper) throws Exception {
        OffsetMap newest = new OffsetMap(10_000);
        TransactionFilter filter = new TransactionFilter(scan.aborted());
        for (ByteBuf bytes : log) {
            RecordBatch batch = RecordBatch.at(bytes, 0);
            if (!batch.isControl() && batch.baseOffset() < upper && !filter.isAborted(batch)) {
                for (var record : batch.records(UNPACKED_MAX).toList()) {
                    newest.put(record.key(), record.offset());
                }
            }
        }
        return newest;
    }

    @Test
    void recordsOfAnAbortedTransactionGoAndDisplaceNothing() throws Exception {
        data(-1, "a");
        data(1, "a", "b");
        marker(1, false);
        data(-1, "c");

        assertThat(pass(Map.of())).containsExactly(0L, 3L, 4L);
    }

    @Test
    void aMarkerStaysAsLongAsItsDataAndThenUntilItsHorizon() throws Exception {
        data(1, "a");
        marker(1, true);
        data(-1, "a");

        assertThat(pass(Map.of())).as("the pass that takes the data").containsExactly(1L, 2L);
        assertThat(RecordBatch.at(log.get(0), 0).hasDeleteHorizon()).isFalse();
        assertThat(pass(Map.of())).as("the pass that finds none").containsExactly(1L, 2L);
        assertThat(RecordBatch.at(log.get(0), 0).baseTimestamp()).isEqualTo(nowMs + RETENTION_MS);
        nowMs += RETENTION_MS - 1;
        assertThat(pass(Map.of())).containsExactly(1L, 2L);
        nowMs += 1;
        assertThat(pass(Map.of())).containsExactly(2L);
    }

    @Test
    void aMarkerStaysWhereRecordsOfItsTransactionDo() throws Exception {
        data(1, "a");
        data(2, "b");
        marker(2, true);
        marker(1, true);
        data(-1, "b");

        for (int i = 0; i < 3; i++) {
            pass(Map.of());
            nowMs += 2 * RETENTION_MS;
        }

        assertThat(pass(Map.of())).containsExactly(0L, 3L, 4L);
    }

    @Test
    void anOpenTransactionEndsWhatMayBeCleaned() throws Exception {
        data(-1, "a");
        data(-1, "a");
        data(1, "a");
        data(-1, "a");

        assertThat(pass(Map.of())).containsExactly(1L, 2L, 3L);
    }

    @Test
    void theMarkerThatTellsAProducersEpochStays() throws Exception {
        marker(1, false);
        var ends = Map.of(1L, new ProducerEnd(ProducerEnd.NO_DATA, (short) 0));

        pass(ends);
        nowMs += 2 * RETENTION_MS;

        assertThat(pass(ends)).containsExactly(0L);
        assertThat(pass(Map.of())).isEmpty();
    }

    @Test
    void twoTransactionsOfOneProducerAreToldApart() throws Exception {
        data(1, "a");
        marker(1, false);
        data(1, "a");
        marker(1, true);
        data(1, "a");
        marker(1, false);

        assertThat(pass(Map.of())).containsExactly(1L, 2L, 3L, 5L);
    }

    @Test
    void aWrongChecksumIsRefused() throws Exception {
        data(-1, "a");
        log.get(0).setByte(63, log.get(0).getByte(63) ^ 1);
        BatchFilter filter = new BatchFilter(
                new OffsetMap(100), 10, Map.of(), new TransactionFilter(List.of()), nowMs, RETENTION_MS);

        assertThatThrownBy(() -> filter.filter(RecordBatch.at(log.get(0), 0), false))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("checksum");
    }
}
