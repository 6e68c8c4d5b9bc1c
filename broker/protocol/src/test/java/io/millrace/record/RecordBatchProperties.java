package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RecordBatchProperties {

    @Property(tries = 400)
    void whateverIsWrittenIsReadBackHereAndByKafka(
            @ForAll("recordLists") List<Record> records, @ForAll Compression codec) throws InvalidRecordException {
        ByteBuf batch = RecordSamples.batch(codec, records);

        List<Record> read = RecordBatch.at(batch, 0).records(10 * 1024 * 1024).toList();

        assertThat(read).isEqualTo(records);
        assertThat(KafkaBatches.read(batch)).isEqualTo(records);
        batch.release();
    }

    @Property(tries = 2000)
    void variableLengthIntegersKeepTheirValueAndTheirSize(@ForAll long value) throws InvalidRecordException {
        ByteBuf buffer = Unpooled.buffer();

        Varints.writeLong(buffer, value);
        Varints.writeInt(buffer, (int) value);

        assertThat(buffer.readableBytes()).isEqualTo(Varints.sizeOf(value) + Varints.sizeOf((int) value));
        assertThat(Varints.readLong(buffer)).isEqualTo(value);
        assertThat(Varints.readInt(buffer)).isEqualTo((int) value);
    }

    @Provide
    Arbitrary<List<Record>> recordLists() {
        Arbitrary<byte[]> bytes =
                Arbitraries.bytes().array(byte[].class).ofMaxSize(300).injectNull(0.1);
        Arbitrary<RecordHeader> header = Combinators.combine(
                        Arbitraries.strings().alpha().ofMaxLength(10), bytes)
                .as(RecordHeader::new);
        Arbitrary<Record> record = Combinators.combine(
                        Arbitraries.longs().between(-1, Long.MAX_VALUE / 2),
                        bytes,
                        bytes,
                        header.list().ofMaxSize(4))
                .as((timestamp, key, value, headers) -> new Record(0, timestamp, wrap(key), wrap(value), headers));
        return record.list().ofMinSize(1).ofMaxSize(30).map(RecordBatchProperties::numbered);
    }

    private static ByteBuf wrap(byte[] bytes) {
        return bytes == null ? null : Unpooled.wrappedBuffer(bytes);
    }

    private static List<Record> numbered(List<Record> records) {
        List<Record> numbered = new ArrayList<>();
        for (Record record : records) {
            numbered.add(
                    new Record(numbered.size(), record.timestamp(), record.key(), record.value(), record.headers()));
        }
        return numbered;
    }
}
