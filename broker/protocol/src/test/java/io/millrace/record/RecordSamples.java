package io.millrace.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Records and batches to test with. */
public final class RecordSamples {

    private static final int BATCH_BYTES_MAX = 64 * 1024 * 1024;

    private RecordSamples() {}

    public static ByteBuf utf8(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    /** A few records with everything that a record can have and lack. */
    static List<Record> variety(long seed) {
        Random random = new Random(seed);
        byte[] noise = new byte[100_000];
        random.nextBytes(noise);
        List<Record> records = new ArrayList<>();
        records.add(new Record(0, 1_700_000_000_000L, utf8("key"), utf8("value"), List.of()));
        records.add(new Record(1, 1_700_000_000_500L, null, utf8("no key"), List.of()));
        records.add(new Record(2, 1_700_000_000_001L, utf8("no value"), null, List.of()));
        records.add(new Record(3, 1_699_999_999_999L, null, null, List.of(new RecordHeader("a", null))));
        records.add(new Record(
                4,
                1_700_000_000_002L,
                utf8(""),
                utf8(""),
                List.of(
                        new RecordHeader("", new byte[0]),
                        new RecordHeader("ключ", new byte[] {1, 2, 3}),
                        new RecordHeader("a", null))));
        records.add(new Record(5, 1_700_000_000_003L, utf8("noise"), Unpooled.wrappedBuffer(noise), List.of()));
        records.add(
                new Record(6, 1_700_000_000_004L, utf8("flat"), Unpooled.wrappedBuffer(new byte[300_000]), List.of()));
        return records;
    }

    /** One batch of records with offsets from 0 on. */
    public static ByteBuf batch(Compression codec, List<Record> records) {
        try (RecordBatchBuilder builder = new RecordBatchBuilder(ByteBufAllocator.DEFAULT, codec, BATCH_BYTES_MAX)) {
            appendAll(builder, records);
            return builder.build();
        }
    }

    static void appendAll(RecordBatchBuilder builder, List<Record> records) {
        for (Record record : records) {
            builder.tryAppend(record.timestamp(), record.key(), record.value(), record.headers());
        }
    }

    /** One uncompressed batch of records that have the given texts as values and the time stamps 1000, 1001 and so on. */
    public static ByteBuf batchOf(String... values) {
        List<Record> records = new ArrayList<>();
        for (String value : values) {
            records.add(new Record(records.size(), 1000L + records.size(), null, utf8(value), List.of()));
        }
        return batch(Compression.NONE, records);
    }
}
