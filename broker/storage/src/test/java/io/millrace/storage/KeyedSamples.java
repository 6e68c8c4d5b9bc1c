package io.millrace.storage;

import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Batches of records with keys, written as "key=value", or as "key" for a tombstone. */
final class KeyedSamples {

    private static final int UNPACKED_MAX = 16 * 1024 * 1024;
    private static final UnpooledByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);

    private KeyedSamples() {}

    static ByteBuf batch(Compression codec, long timestamp, String... records) {
        try (RecordBatchBuilder builder = new RecordBatchBuilder(ON_HEAP, codec, Integer.MAX_VALUE)) {
            for (String record : records) {
                int equals = record.indexOf('=');
                String key = equals < 0 ? record : record.substring(0, equals);
                builder.tryAppend(
                        timestamp, utf8(key), equals < 0 ? null : utf8(record.substring(equals + 1)), List.of());
            }
            return builder.build();
        }
    }

    static ByteBuf ofProducer(long producerId, int epoch, int sequence, String... records) {
        ByteBuf batch = batch(Compression.NONE, 1000, records);
        try {
            RecordBatch.at(batch, 0).assignProducer(producerId, (short) epoch, sequence);
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        }
        return batch;
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    static long put(PartitionLog log, String... records) {
        return LogSamples.appended(log, 0, batch(Compression.NONE, 1000, records))
                .baseOffset();
    }

    /** All records as "offset:key=value". */
    static List<String> contents(PartitionLog log) {
        List<String> contents = new ArrayList<>();
        for (Record record : records(log)) {
            contents.add(record.offset() + ":" + text(record));
        }
        return contents;
    }

    private static String text(Record record) {
        String key = String.valueOf(string(record.keyBytes()));
        return record.value() == null ? key : key + "=" + string(record.valueBytes());
    }

    private static String string(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The last value of each key that has one. */
    static Map<String, String> table(PartitionLog log) {
        Map<String, String> table = new LinkedHashMap<>();
        for (Record record : records(log)) {
            if (record.value() == null) {
                table.remove(string(record.keyBytes()));
            } else {
                table.put(string(record.keyBytes()), string(record.valueBytes()));
            }
        }
        return table;
    }

    private static List<Record> records(PartitionLog log) {
        List<Record> records = new ArrayList<>();
        try {
            for (RecordBatch batch : batches(log)) {
                for (Record record : batch.records(UNPACKED_MAX).toList()) {
                    if (record.offset() >= log.logStartOffset()) {
                        records.add(record);
                    }
                }
            }
            return records;
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        }
    }

    /** All batches, checked to have right checksums and rising offsets. */
    static List<RecordBatch> batches(PartitionLog log) {
        List<RecordBatch> batches = new ArrayList<>();
        long next = log.logStartOffset();
        try {
            while (true) {
                try (LogSlice slice = log.read(next, 1000, Long.MAX_VALUE, true)) {
                    if (slice.isEmpty()) {
                        return batches;
                    }
                    ByteBuf bytes = Unpooled.buffer(slice.sizeInBytes());
                    slice.readInto(bytes);
                    for (RecordBatch batch : RecordBatches.listOf(bytes)) {
                        if (!batch.hasValidChecksum() || batch.lastOffset() < next) {
                            throw new AssertionError("Wrong: " + batch + " at offset " + next);
                        }
                        batches.add(batch);
                        next = batch.nextOffset();
                    }
                }
            }
        } catch (OffsetOutOfRangeException | InvalidRecordException e) {
            throw new AssertionError(e);
        }
    }
}
