package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RecordBatchValidatorTest {

    private static final RecordBatchValidator HEADER = validator(RecordValidation.HEADER, false);
    private static final RecordBatchValidator FULL = validator(RecordValidation.FULL, false);

    private static RecordBatchValidator validator(RecordValidation validation, boolean keyRequired) {
        return new RecordBatchValidator(1024 * 1024, 4 * 1024 * 1024, validation, keyRequired);
    }

    @Test
    void aBatchOfAProducerIsAccepted() throws Exception {
        ByteBuf buffer = RecordSamples.batchOf("a", "b");

        RecordBatch batch = FULL.validate(buffer);

        assertThat(batch.recordCount()).isEqualTo(2);
        buffer.release();
    }

    @Test
    void aFlippedBitIsFoundByTheChecksum() {
        assertRefused(HEADER, Reason.CORRUPT, buffer -> buffer.setByte(65, buffer.getByte(65) ^ 4));
    }

    @Test
    void aSecondBatchIsRefused() {
        ByteBuf both = Unpooled.wrappedBuffer(RecordSamples.batchOf("a"), RecordSamples.batchOf("b"));

        var refusal = catchThrowableOfType(InvalidRecordException.class, () -> HEADER.validate(both));

        assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
        both.release();
    }

    @Test
    void aBatchAboveTheLimitIsRefused() {
        ByteBuf large = RecordSamples.batchOf("x".repeat(2 * 1024 * 1024));

        var refusal = catchThrowableOfType(InvalidRecordException.class, () -> HEADER.validate(large));

        assertThat(refusal.reason()).isEqualTo(Reason.TOO_LARGE);
        large.release();
    }

    @Test
    void anotherFormatIsRefused() {
        assertRefused(HEADER, Reason.UNSUPPORTED_FORMAT, buffer -> buffer.setByte(RecordBatch.MAGIC_AT, 1));
    }

    @Test
    void aCountThatSpansOtherOffsetsIsRefused() {
        assertRefused(HEADER, Reason.INVALID, withChecksum(buffer -> buffer.setInt(RecordBatch.RECORD_COUNT_AT, 1)));
        assertRefused(
                HEADER, Reason.INVALID, withChecksum(buffer -> buffer.setInt(RecordBatch.LAST_OFFSET_DELTA_AT, 5)));
        assertRefused(HEADER, Reason.INVALID, withChecksum(buffer -> {
            buffer.setInt(RecordBatch.RECORD_COUNT_AT, 0);
            buffer.setInt(RecordBatch.LAST_OFFSET_DELTA_AT, -1);
        }));
    }

    @Test
    void aBaseOffsetOtherThanZeroIsRefused() {
        assertRefused(HEADER, Reason.INVALID, buffer -> buffer.setLong(0, 7));
    }

    @Test
    void aControlBatchOfAClientIsRefused() {
        assertRefused(HEADER, Reason.INVALID, withChecksum(buffer -> buffer.setShort(RecordBatch.ATTRIBUTES_AT, 0x20)));
    }

    @Test
    void anUnknownCodecIsRefused() {
        assertRefused(
                HEADER,
                Reason.UNSUPPORTED_COMPRESSION,
                withChecksum(buffer -> buffer.setShort(RecordBatch.ATTRIBUTES_AT, 0x06)));
    }

    @Test
    void anIdempotentProducerWithoutSequenceIsRefused() {
        assertRefused(HEADER, Reason.INVALID, withChecksum(buffer -> buffer.setLong(RecordBatch.PRODUCER_ID_AT, 9)));
    }

    @Test
    void aGapBetweenRecordsIsFoundByTheFullWalk() throws Exception {
        Consumer<ByteBuf> gap = withChecksum(buffer -> {
            buffer.setInt(RecordBatch.RECORD_COUNT_AT, 3);
            buffer.setInt(RecordBatch.LAST_OFFSET_DELTA_AT, 2);
        });
        ByteBuf buffer = RecordSamples.batchOf("a", "b");
        gap.accept(buffer);

        assertThatCode(() -> HEADER.validate(buffer)).doesNotThrowAnyException();

        assertRefused(FULL, Reason.CORRUPT, gap);
        buffer.release();
    }

    @Test
    void aRecordWithoutKeyIsRefusedWhereAKeyIsRequired() {
        ByteBuf buffer = RecordSamples.batch(
                Compression.LZ4, List.of(new Record(0, 1, null, RecordSamples.utf8("a"), List.of())));
        RecordBatchValidator compacted = validator(RecordValidation.HEADER, true);

        var refusal = catchThrowableOfType(InvalidRecordException.class, () -> compacted.validate(buffer));

        assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
        buffer.release();
    }

    @Test
    void aTransactionalBatchWithoutProducerIsRefused() {
        assertRefused(HEADER, Reason.INVALID, withChecksum(buffer -> buffer.setShort(RecordBatch.ATTRIBUTES_AT, 0x10)));
    }

    @Test
    void anIdempotentBatchIsAccepted() throws Exception {
        ByteBuf buffer;
        try (var builder = new RecordBatchBuilder(ByteBufAllocator.DEFAULT, Compression.ZSTD, 1024)) {
            builder.tryAppend(1, null, RecordSamples.utf8("a"), List.of());
            buffer = builder.build(7, (short) 0, 0, false);
        }

        RecordBatch batch = FULL.validate(buffer);

        assertThat(batch.producerId()).isEqualTo(7);
        buffer.release();
    }

    private static Consumer<ByteBuf> withChecksum(Consumer<ByteBuf> damage) {
        return buffer -> {
            damage.accept(buffer);
            try {
                RecordBatch.at(buffer, 0).updateChecksum();
            } catch (InvalidRecordException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static void assertRefused(RecordBatchValidator validator, Reason reason, Consumer<ByteBuf> damage) {
        ByteBuf buffer = RecordSamples.batchOf("value", "other");
        damage.accept(buffer);

        var refusal = catchThrowableOfType(InvalidRecordException.class, () -> validator.validate(buffer));

        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(reason);
        buffer.release();
    }
}
