package io.millrace.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches written and read by Kafka's own client library, the oracle of these tests. */
final class KafkaBatches {

    private KafkaBatches() {}

    static ByteBuf write(io.millrace.record.Compression codec, List<Record> records) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1024),
                Compression.of(CompressionType.forName(codec.configName())).build(),
                TimestampType.CREATE_TIME,
                0L);
        for (Record record : records) {
            builder.append(new SimpleRecord(
                    record.timestamp(), record.keyBytes(), record.valueBytes(), kafkaHeaders(record.headers())));
        }
        return Unpooled.wrappedBuffer(builder.build().buffer());
    }

    private static Header[] kafkaHeaders(List<io.millrace.record.RecordHeader> headers) {
        return headers.stream()
                .map(header -> new RecordHeader(header.key(), header.value()))
                .toArray(Header[]::new);
    }

    static MemoryRecords kafkaView(ByteBuf batches) {
        return MemoryRecords.readableRecords(batches.nioBuffer());
    }

    /** Our records of what Kafka's library reads. */
    static List<Record> read(ByteBuf batches) {
        List<Record> records = new ArrayList<>();
        for (var batch : kafkaView(batches).batches()) {
            batch.ensureValid();
            for (var record : batch) {
                List<io.millrace.record.RecordHeader> headers = new ArrayList<>();
                for (Header header : record.headers()) {
                    headers.add(new io.millrace.record.RecordHeader(header.key(), header.value()));
                }
                records.add(new Record(
                        record.offset(),
                        record.timestamp(),
                        record.hasKey() ? Unpooled.copiedBuffer(record.key()) : null,
                        record.hasValue() ? Unpooled.copiedBuffer(record.value()) : null,
                        headers));
            }
        }
        return records;
    }
}
