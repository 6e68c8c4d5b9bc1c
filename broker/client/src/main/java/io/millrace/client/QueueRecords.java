package io.millrace.client;

import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordHeader;
import io.millrace.record.RecordIterator;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** Picks the messages that were acquired out of the record batches they came in. */
final class QueueRecords {
    /** No batch may unpack to more than this. */
    static final int BATCH_BYTES_MAX = 256 * 1024 * 1024;

    private static final int MESSAGE_OVERHEAD_BYTES = 64;

    private QueueRecords() {}

    /** Copies of the messages, in the order of their ranges. */
    static List<QueueBuffer.Arrival> acquired(
            TopicPartition partition, ByteBuf records, List<QueueFetchResponse.AcquiredRange> ranges)
            throws InvalidRecordException {
        var byOffset = new ArrayList<>(ranges);
        byOffset.sort(Comparator.comparingLong(QueueFetchResponse.AcquiredRange::firstOffset));
        List<QueueBuffer.Arrival> arrivals = inOffsetOrder(partition, records, byOffset);
        return byOffset.equals(ranges) ? arrivals : inOrderOf(ranges, arrivals);
    }

    private static List<QueueBuffer.Arrival> inOrderOf(
            List<QueueFetchResponse.AcquiredRange> ranges, List<QueueBuffer.Arrival> arrivals) {
        var byOffset = new TreeMap<Long, QueueBuffer.Arrival>();
        arrivals.forEach(arrival -> byOffset.put(arrival.message().offset(), arrival));
        var ordered = new ArrayList<QueueBuffer.Arrival>(arrivals.size());
        for (QueueFetchResponse.AcquiredRange range : ranges) {
            ordered.addAll(byOffset.subMap(range.firstOffset(), true, range.lastOffset(), true)
                    .values());
        }
        return ordered;
    }

    private static List<QueueBuffer.Arrival> inOffsetOrder(
            TopicPartition partition, ByteBuf records, List<QueueFetchResponse.AcquiredRange> ranges)
            throws InvalidRecordException {
        var arrivals = new ArrayList<QueueBuffer.Arrival>();
        RecordBatches batches = RecordBatches.in(records);
        int range = 0;
        while (batches.hasNext() && range < ranges.size()) {
            RecordBatch batch = batches.next();
            if (batch.isControl() || batch.lastOffset() < ranges.get(range).firstOffset()) {
                continue;
            }
            RecordIterator iterator = batch.records(BATCH_BYTES_MAX);
            while (iterator.hasNext() && range < ranges.size()) {
                Record record = iterator.next();
                while (range < ranges.size() && ranges.get(range).lastOffset() < record.offset()) {
                    range++;
                }
                if (range < ranges.size() && ranges.get(range).firstOffset() <= record.offset()) {
                    arrivals.add(arrival(partition, record, ranges.get(range).deliveryCount()));
                }
            }
        }
        return arrivals;
    }

    private static QueueBuffer.Arrival arrival(TopicPartition partition, Record record, int deliveryCount) {
        byte[] key = record.keyBytes();
        byte[] value = record.valueBytes();
        var message = new QueueMessage(
                partition, record.offset(), deliveryCount, 0, record.timestamp(), key, value, record.headers());
        int bytes = MESSAGE_OVERHEAD_BYTES + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
        for (RecordHeader header : record.headers()) {
            byte[] headerValue = header.value();
            bytes += header.key().length() + (headerValue == null ? 0 : headerValue.length);
        }
        return new QueueBuffer.Arrival(message, bytes);
    }
}
