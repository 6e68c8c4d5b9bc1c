package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecompressionTest {
    private static final int BYTES_MAX = 16 * 1024 * 1024;

    static Stream<Arguments> pairs() {
        return Stream.of(Compression.values())
                .flatMap(from -> Stream.of(Compression.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void onlyTheCodecChanges(Compression from, Compression to) throws Exception {
        ByteBuf original = RecordSamples.batch(from, RecordSamples.variety(1));
        RecordBatch before = RecordBatch.at(original, 0);
        before.assignProducer(4711, (short) 3, 12);
        before.assignTimestamp(TimestampType.LOG_APPEND_TIME, 1_800_000_000_000L);

        ByteBuf packed = recompression(to, Compression.DEFAULT_LEVEL).apply(original, ByteBufAllocator.DEFAULT);

        RecordBatch after = RecordBatch.at(packed, 0);
        assertThat(after.hasValidChecksum()).isTrue();
        assertThat(after.compression()).isEqualTo(to);
        assertThat(after.sizeInBytes()).isEqualTo(packed.readableBytes());
        assertThat(after.attributes() & ~RecordBatch.CODEC_MASK)
                .isEqualTo(before.attributes() & ~RecordBatch.CODEC_MASK);
        assertThat(packed.slice(RecordBatch.LAST_OFFSET_DELTA_AT, RecordBatch.HEADER_BYTES - 23))
                .isEqualTo(original.slice(RecordBatch.LAST_OFFSET_DELTA_AT, RecordBatch.HEADER_BYTES - 23));
        assertThat(texts(after)).isEqualTo(texts(before));
        assertThat(original.refCnt()).isEqualTo(packed == original ? 2 : 1);
        packed.release();
        original.release();
    }

    private static List<String> texts(RecordBatch batch) throws InvalidRecordException {
        var texts = new ArrayList<String>();
        RecordIterator records = batch.records(BYTES_MAX);
        while (records.hasNext()) {
            texts.add(text(records.next()));
        }
        return texts;
    }

    private static String text(Record record) {
        var headers = record.headers().stream()
                .map(header -> header.key() + "=" + Arrays.toString(header.value()))
                .toList();
        return record.offset() + "@" + record.timestamp() + Arrays.toString(record.keyBytes())
                + Arrays.hashCode(record.valueBytes()) + headers;
    }

    @ParameterizedTest
    @MethodSource("levels")
    void aHigherLevelMakesLess(Compression codec, int low, int high) throws Exception {
        ByteBuf original = RecordSamples.batchOf(text());

        ByteBuf quick = recompression(codec, low).apply(original, ByteBufAllocator.DEFAULT);
        ByteBuf small = recompression(codec, high).apply(original, ByteBufAllocator.DEFAULT);

        assertThat(small.readableBytes()).isLessThan(quick.readableBytes());
        assertThat(texts(RecordBatch.at(small, 0))).isEqualTo(texts(RecordBatch.at(original, 0)));
        Stream.of(original, quick, small).forEach(ByteBuf::release);
    }

    static Stream<Arguments> levels() {
        return Stream.of(
                Arguments.of(Compression.GZIP, 1, 9),
                Arguments.of(Compression.LZ4, 1, 17),
                Arguments.of(Compression.ZSTD, -5, 19));
    }

    private static String text() {
        var text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(i * 7919L % 10_007).append(i % 3 == 0 ? " stones " : " mills ");
        }
        return text.toString();
    }

    @Test
    void whatCannotBeUnpackedIsRefused() throws Exception {
        ByteBuf batch = RecordSamples.batchOf("no zstd at all");
        batch.setShort(RecordBatch.ATTRIBUTES_AT, Compression.ZSTD.id());
        RecordBatch.at(batch, 0).updateChecksum();

        assertThat(refusal(Compression.GZIP, BYTES_MAX, batch)).isEqualTo(Reason.CORRUPT);
    }

    @Test
    void recordsThatAreNotWellFormedAreRefused() throws Exception {
        ByteBuf batch = RecordSamples.batchOf("one", "two");
        batch.setInt(RecordBatch.RECORD_COUNT_AT, 3);
        RecordBatch.at(batch, 0).updateChecksum();

        assertThat(refusal(Compression.GZIP, BYTES_MAX, batch)).isNotNull();
    }

    @Test
    void whatIsTooMuchInTheCodecIsRefused() {
        ByteBuf batch = RecordSamples.batch(Compression.GZIP, RecordSamples.variety(2));

        assertThat(refusal(Compression.NONE, 200_000, batch)).isEqualTo(Reason.TOO_LARGE);
    }

    private static Reason refusal(Compression to, int bytesMax, ByteBuf batch) {
        var recompression = new Recompression(to, Compression.DEFAULT_LEVEL, bytesMax, BYTES_MAX);
        var refusal = catchThrowableOfType(
                InvalidRecordException.class, () -> recompression.apply(batch, ByteBufAllocator.DEFAULT));
        batch.release();
        return refusal.reason();
    }

    private static Recompression recompression(Compression codec, int level) {
        return new Recompression(codec, level, BYTES_MAX, BYTES_MAX);
    }
}
