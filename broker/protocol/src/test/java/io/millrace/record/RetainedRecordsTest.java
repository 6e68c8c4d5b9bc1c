package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches that compaction has made smaller, read by Kafka's library. */
class RetainedRecordsTest {

    private static final int UNPACKED_MAX = 16 * 1024 * 1024;
    private static final long HORIZON = 1_800_000_000_000L;

    private static RecordBatch batchAt(long baseOffset, ByteBuf bytes) throws Exception {
        RecordBatch batch = RecordBatch.at(bytes, 0);
        batch.assignOffset(baseOffset, 7);
        return batch;
    }

    private static List<Record> shifted(List<Record> records, long by) {
        return records.stream()
                .map(record -> new Record(
                        record.offset() + by, record.timestamp(), record.key(), record.value(), record.headers()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void kafkaReadsTheRecordsThatStay(Compression codec) throws Exception {
        List<Record> all = shifted(RecordSamples.variety(4), 100);
        RecordBatch batch = batchAt(100, KafkaBatches.write(codec, all));

        RetainedRecords retained =
                RetainedRecords.of(batch, UNPACKED_MAX, (offset, key, hasValue) -> offset % 2 == 1 || offset == 104);
        ByteBuf smaller = retained.toBatch(RetainedRecords.NO_NEW_HORIZON);

        assertThat(retained.count()).isEqualTo(4);
        assertThat(retained.hasTombstone()).isTrue();
        assertThat(KafkaBatches.read(smaller)).containsExactly(all.get(1), all.get(3), all.get(4), all.get(5));
        RecordBatch made = RecordBatch.at(smaller, 0);
        assertThat(made.hasValidChecksum()).isTrue();
        assertThat(made.compression()).isEqualTo(codec);
        assertThat(List.of(made.baseOffset(), made.lastOffset())).containsExactly(100L, 106L);
        assertThat(made.leaderEpoch()).isEqualTo(7);
        assertThat(made.maxTimestamp()).isEqualTo(1_700_000_000_500L);
        assertThat(made.hasDeleteHorizon()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aDeleteHorizonChangesNoTimestamp(Compression codec) throws Exception {
        List<Record> all = RecordSamples.variety(5);
        RecordBatch batch = batchAt(0, KafkaBatches.write(codec, all));

        ByteBuf marked = RetainedRecords.of(batch, UNPACKED_MAX, (offset, key, hasValue) -> true)
                .toBatch(HORIZON);

        assertThat(KafkaBatches.read(marked)).isEqualTo(all);
        assertThat(RecordBatch.at(marked, 0).records(UNPACKED_MAX).toList()).isEqualTo(all);
        var seenByKafka = KafkaBatches.kafkaView(marked).batches().iterator().next();
        assertThat(seenByKafka.deleteHorizonMs()).hasValue(HORIZON);
        assertThat(RecordBatch.at(marked, 0).hasDeleteHorizon()).isTrue();
        assertThat(RecordBatch.at(marked, 0).baseTimestamp()).isEqualTo(HORIZON);
    }

    @Test
    void aDeleteHorizonOutlivesTheNextCleaning() throws Exception {
        RecordBatch batch = batchAt(0, KafkaBatches.write(Compression.LZ4, RecordSamples.variety(6)));
        ByteBuf marked = RetainedRecords.of(batch, UNPACKED_MAX, (offset, key, hasValue) -> true)
                .toBatch(HORIZON);

        ByteBuf again = RetainedRecords.of(
                        RecordBatch.at(marked, 0), UNPACKED_MAX, (offset, key, hasValue) -> offset > 4)
                .toBatch(RetainedRecords.NO_NEW_HORIZON);

        assertThat(RecordBatch.at(again, 0).hasDeleteHorizon()).isTrue();
        assertThat(RecordBatch.at(again, 0).baseTimestamp()).isEqualTo(HORIZON);
        assertThat(KafkaBatches.read(again)).hasSize(2);
    }

    @Test
    void anEmptiedBatchStillTellsTheSequence() throws Exception {
        RecordBatch batch = batchAt(40, KafkaBatches.write(Compression.ZSTD, RecordSamples.variety(7)));
        batch.assignProducer(4711, (short) 3, 17);

        ByteBuf emptied = RetainedRecords.none(batch);

        var seenByKafka = KafkaBatches.kafkaView(emptied).batches().iterator().next();
        seenByKafka.ensureValid();
        assertThat(seenByKafka.producerId()).isEqualTo(4711);
        assertThat(seenByKafka.producerEpoch()).isEqualTo((short) 3);
        assertThat(seenByKafka.lastSequence()).isEqualTo(batch.lastSequence());
        assertThat(seenByKafka.lastOffset()).isEqualTo(46);
        assertThat(seenByKafka.iterator().hasNext()).isFalse();
        assertThat(RecordBatch.at(emptied, 0).records(UNPACKED_MAX).toList()).isEmpty();
        assertThat(emptied.readableBytes()).isEqualTo(RecordBatch.HEADER_BYTES);
    }

    @Test
    void aClientMayNotSetADeleteHorizon() throws Exception {
        RecordBatch batch = batchAt(0, KafkaBatches.write(Compression.NONE, RecordSamples.variety(8)));
        ByteBuf marked = RetainedRecords.of(batch, UNPACKED_MAX, (offset, key, hasValue) -> true)
                .toBatch(HORIZON);
        RecordBatch.at(marked, 0).assignOffset(0, -1);
        var validator = new RecordBatchValidator(Integer.MAX_VALUE, UNPACKED_MAX, RecordValidation.FULL, false);

        assertThatThrownBy(() -> validator.validate(marked))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("tombstones");
    }
}
