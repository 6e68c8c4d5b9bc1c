package io.millrace.storage;

import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Batches for logs, and logs as lists. */
public final class LogSamples {

    private static final int UNPACKED_MAX = 16 * 1024 * 1024;
    private static final ByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);

    private LogSamples() {}

    /** A batch on the heap, so that nobody needs to release it. */
    public static ByteBuf batch(String... values) {
        return batchAt(1000, values);
    }

    public static ByteBuf batchAt(long timestamp, String... values) {
        return build(timestamp, values, RecordBatch.NO_PRODUCER_ID, (short) -1, RecordBatch.NO_SEQUENCE);
    }

    public static ByteBuf batchOfProducer(long producerId, int producerEpoch, int baseSequence, String... values) {
        return build(1000, values, producerId, (short) producerEpoch, baseSequence);
    }

    private static ByteBuf build(long timestamp, String[] values, long producerId, short epoch, int sequence) {
        try (RecordBatchBuilder builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, Integer.MAX_VALUE)) {
            for (String value : values) {
                builder.tryAppend(timestamp, null, Unpooled.copiedBuffer(value, StandardCharsets.UTF_8), List.of());
            }
            return builder.build(producerId, epoch, sequence, false);
        }
    }

    /** A batch as a leader would send it. */
    public static ByteBuf replicated(long baseOffset, int leaderEpoch, String... values) {
        ByteBuf batch = batch(values);
        try {
            RecordBatch.at(batch, 0).assignOffset(baseOffset, leaderEpoch);
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        }
        return batch;
    }

    /** Appends as leader and returns the base offset. */
    public static long append(PartitionLog log, int leaderEpoch, String... values) {
        return appended(log, leaderEpoch, batch(values)).baseOffset();
    }

    public static AppendInfo appended(PartitionLog log, int leaderEpoch, ByteBuf batch) {
        AppendOutcome outcome = outcomeOf(log, leaderEpoch, batch);
        if (outcome instanceof AppendOutcome.Appended appended) {
            return appended.info();
        }
        throw new AssertionError("Not appended: " + outcome);
    }

    public static AppendOutcome outcomeOf(PartitionLog log, int leaderEpoch, ByteBuf batch) {
        try {
            return log.appendAsLeader(batch, leaderEpoch);
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        }
    }

    /** All values of a log as "offset:value". */
    public static List<String> values(PartitionLog log) {
        return valuesFrom(log, log.logStartOffset(), 1024 * 1024);
    }

    /** The values of a log from an offset on, read in slices of a size. */
    public static List<String> valuesFrom(PartitionLog log, long offset, int maxBytes) {
        List<String> values = new ArrayList<>();
        long next = offset;
        try {
            while (true) {
                try (LogSlice slice = log.read(next, maxBytes, Long.MAX_VALUE, true)) {
                    if (slice.isEmpty()) {
                        return values;
                    }
                    next = addValues(slice, offset, values);
                }
            }
        } catch (OffsetOutOfRangeException e) {
            throw new AssertionError(e);
        }
    }

    private static long addValues(LogSlice slice, long from, List<String> values) {
        ByteBuf bytes = Unpooled.buffer(slice.sizeInBytes());
        slice.readInto(bytes);
        return addValues(bytes, from, values);
    }

    /** Adds "offset:value" for each record at or above an offset; returns the offset behind the last batch. */
    public static long addValues(ByteBuf batches, long from, List<String> values) {
        long next = from;
        try {
            for (RecordBatch batch : RecordBatches.listOf(batches)) {
                if (!batch.hasValidChecksum()) {
                    throw new AssertionError("Wrong checksum: " + batch);
                }
                for (Record record : batch.records(UNPACKED_MAX).toList()) {
                    if (record.offset() >= from) {
                        values.add(record.offset() + ":" + new String(record.valueBytes(), StandardCharsets.UTF_8));
                    }
                }
                next = batch.nextOffset();
            }
            return next;
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        }
    }
}
