package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchTest {

    private static final int UNPACKED_MAX = 16 * 1024 * 1024;

    @ParameterizedTest
    @EnumSource(Compression.class)
    void whatKafkaWritesIsReadTheSame(Compression codec) throws Exception {
        List<Record> records = RecordSamples.variety(1);
        ByteBuf written = KafkaBatches.write(codec, records);

        RecordBatch batch = RecordBatch.at(written, 0);

        assertThat(batch.hasValidChecksum()).isTrue();
        assertThat(batch.compression()).isEqualTo(codec);
        assertThat(batch.sizeInBytes()).isEqualTo(written.readableBytes());
        assertThat(batch.recordCount()).isEqualTo(records.size());
        assertThat(batch.records(UNPACKED_MAX).toList()).isEqualTo(records);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void kafkaReadsTheSameAsWasWritten(Compression codec) {
        List<Record> records = RecordSamples.variety(2);

        ByteBuf batch = RecordSamples.batch(codec, records);

        assertThat(KafkaBatches.read(batch)).isEqualTo(records);
        batch.release();
    }

    @Test
    void anUncompressedBatchHasTheSameBytesAsKafkas() {
        List<Record> records = RecordSamples.variety(3);

        ByteBuf batch = RecordSamples.batch(Compression.NONE, records);

        assertThat(batch).isEqualTo(KafkaBatches.write(Compression.NONE, records));
        batch.release();
    }

    @Test
    void everyHeaderFieldIsReadAsKafkaReadsIt() throws Exception {
        ByteBuf buffer = builtBy(4711, (short) 3, Integer.MAX_VALUE, true);

        RecordBatch batch = RecordBatch.at(buffer, 0);
        batch.assignOffset(1L << 40, 17);

        var kafka = KafkaBatches.kafkaView(buffer).batches().iterator().next();
        assertThat(batch.baseOffset()).isEqualTo(kafka.baseOffset());
        assertThat(batch.lastOffset()).isEqualTo(kafka.lastOffset());
        assertThat(batch.nextOffset()).isEqualTo(kafka.nextOffset());
        assertThat(batch.leaderEpoch()).isEqualTo(kafka.partitionLeaderEpoch());
        assertThat(batch.magic()).isEqualTo(kafka.magic());
        assertThat(Integer.toUnsignedLong(batch.checksum())).isEqualTo(kafka.checksum());
        assertThat(batch.maxTimestamp()).isEqualTo(kafka.maxTimestamp());
        assertThat(batch.producerId()).isEqualTo(kafka.producerId()).isEqualTo(4711);
        assertThat(batch.producerEpoch()).isEqualTo(kafka.producerEpoch());
        assertThat(batch.baseSequence()).isEqualTo(kafka.baseSequence());
        assertThat(batch.lastSequence()).isEqualTo(kafka.lastSequence()).isEqualTo(1);
        assertThat(batch.isTransactional()).isEqualTo(kafka.isTransactional()).isTrue();
        assertThat(batch.isControl()).isEqualTo(kafka.isControlBatch()).isFalse();
        assertThat(batch.sizeInBytes()).isEqualTo(kafka.sizeInBytes());
        buffer.release();
    }

    @Test
    void assigningAnOffsetKeepsTheChecksum() throws Exception {
        ByteBuf buffer = RecordSamples.batchOf("a", "b");
        RecordBatch batch = RecordBatch.at(buffer, 0);

        batch.assignOffset(123_456_789_012L, 7);

        assertThat(batch.hasValidChecksum()).isTrue();
        assertThat(KafkaBatches.read(buffer))
                .extracting(Record::offset)
                .containsExactly(123_456_789_012L, 123_456_789_013L);
        buffer.release();
    }

    @Test
    void logAppendTimeAppliesToEveryRecord() throws Exception {
        ByteBuf buffer = RecordSamples.batchOf("a", "b");
        RecordBatch batch = RecordBatch.at(buffer, 0);

        batch.assignTimestamp(TimestampType.LOG_APPEND_TIME, 99_000);

        assertThat(batch.hasValidChecksum()).isTrue();
        assertThat(batch.records(UNPACKED_MAX).toList())
                .extracting(Record::timestamp)
                .containsExactly(99_000L, 99_000L);
        assertThat(KafkaBatches.read(buffer))
                .isEqualTo(batch.records(UNPACKED_MAX).toList());
        buffer.release();
    }

    @Test
    void aRetryUnderAnotherEpochIsNumberedAnew() throws Exception {
        ByteBuf buffer = builtBy(1, (short) 0, 40, false);
        RecordBatch batch = RecordBatch.at(buffer, 0);

        batch.assignProducer(1, (short) 1, 0);

        assertThat(batch.hasValidChecksum()).isTrue();
        assertThat(batch.producerEpoch()).isEqualTo((short) 1);
        assertThat(batch.lastSequence()).isEqualTo(2);
        buffer.release();
    }

    @Test
    void aMarkerIsReadBackAndByKafka() throws Exception {
        ByteBuf buffer = new EndTransactionMarker(true, 12).toBatch(ByteBufAllocator.DEFAULT, 1000, 5, (short) 2);

        RecordBatch batch = RecordBatch.at(buffer, 0);

        assertThat(EndTransactionMarker.of(batch)).isEqualTo(new EndTransactionMarker(true, 12));
        assertThat(buffer.readableBytes()).isEqualTo(78);
        var kafkaBatch = KafkaBatches.kafkaView(buffer).batches().iterator().next();
        assertThat(kafkaBatch.isControlBatch()).isTrue();
        var marker = org.apache.kafka.common.record.internal.EndTransactionMarker.deserialize(
                kafkaBatch.iterator().next());
        assertThat(marker.coordinatorEpoch()).isEqualTo(12);
        buffer.release();
    }

    @Test
    void theChecksumOfABatchInSeveralPartsIsComputedOverAll() throws Exception {
        ByteBuf whole = RecordSamples.batchOf("some value", "another");
        CompositeByteBuf parts = Unpooled.compositeBuffer();
        parts.addComponent(true, whole.copy(0, 30));
        parts.addComponent(true, whole.copy(30, whole.readableBytes() - 30));

        boolean valid = RecordBatch.at(parts, 0).hasValidChecksum();

        assertThat(valid).isTrue();
        whole.release();
        parts.release();
    }

    @Test
    void batchesInARowAreWalkedOneByOne() throws Exception {
        ByteBuf first = RecordSamples.batchOf("a");
        ByteBuf second = RecordSamples.batchOf("b", "c");
        ByteBuf both = Unpooled.wrappedBuffer(first, second);

        List<RecordBatch> batches = RecordBatches.listOf(both);

        assertThat(batches).extracting(RecordBatch::recordCount).containsExactly(1, 2);
        both.release();
    }

    @Test
    void aCutOffBatchIsRefused() {
        ByteBuf whole = RecordSamples.batchOf("a");

        for (int length = 1; length < whole.readableBytes(); length++) {
            ByteBuf cut = whole.slice(0, length);
            assertThatThrownBy(() -> RecordBatches.in(cut).next()).isInstanceOf(InvalidRecordException.class);
        }

        whole.release();
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void aBatchThatUnpacksBeyondTheBoundIsRefused(Compression codec) throws Exception {
        ByteBuf zeros = Unpooled.wrappedBuffer(new byte[8 * 1024 * 1024]);
        ByteBuf buffer = RecordSamples.batch(codec, List.of(new Record(0, 0, null, zeros, List.of())));
        RecordBatch batch = RecordBatch.at(buffer, 0);

        assertThatThrownBy(() -> batch.records(8 * 1024 * 1024))
                .isInstanceOfSatisfying(InvalidRecordException.class, e -> assertThat(e.reason())
                        .isEqualTo(Reason.TOO_LARGE));

        assertThat(batch.records(8 * 1024 * 1024 + 100).next().valueBytes()).hasSize(8 * 1024 * 1024);
        buffer.release();
    }

    @Test
    void aBareSnappyBlockIsReadAsLibrdkafkaWritesIt() throws Exception {
        byte[] plain = new byte[10_000];
        ByteBuf packed = Unpooled.wrappedBuffer(org.xerial.snappy.Snappy.compress(plain));

        ByteBuf unpacked = Compression.SNAPPY.decompress(packed, UNPACKED_MAX);

        assertThat(unpacked).isEqualTo(Unpooled.wrappedBuffer(plain));
    }

    private static ByteBuf builtBy(long producerId, short epoch, int sequence, boolean transactional) {
        try (RecordBatchBuilder builder = new RecordBatchBuilder(ByteBufAllocator.DEFAULT, Compression.NONE, 1024)) {
            for (int i = 0; i < 3; i++) {
                builder.tryAppend(1000 + i, null, RecordSamples.utf8("v" + i), List.of());
            }
            return builder.build(producerId, epoch, sequence, transactional);
        }
    }
}
