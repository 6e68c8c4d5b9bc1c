package io.millrace.server.queue;

import io.millrace.coordinator.queue.DeadLetter;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.Compression;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordHeader;
import io.millrace.record.RecordIterator;
import io.millrace.replication.PartitionKey;
import io.millrace.selector.DeadLetterHeaders;
import io.millrace.selector.ReservedHeaders;
import io.millrace.server.coordinator.ReplicatedLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of the dead-letter queue: those that failed, with their keys, values, times and headers, and with headers that say where they are from and
 * why.
 *
 * <p>Owned by the partition's loop. What would make the copy vanish, an expiration, becomes one of the latter headers.
 */
final class DeadLetterRecords {
    private static final int READ_BYTES = 64 * 1024;
    private static final int UNPACKED_BYTES_MAX = 128 << 20;

    private final PartitionKey key;
    private final ReplicatedLog data;
    private final ByteBufAllocator allocator;

    /** @param data where the letters are read */
    DeadLetterRecords(PartitionKey key, ReplicatedLog data, ByteBufAllocator allocator) {
        this.key = key;
        this.data = data;
        this.allocator = allocator;
    }

    /**
     * A batch, not numbered yet, of the first letters that fit together, at least one.
     *
     * @param builder owned by the receiver
     */
    record Written(List<DeadLetter> letters, RecordBatchBuilder builder) {}

    /**
     * Writes letters into one batch, in the order of their offsets.
     *
     * @throws InvalidRecordException where one cannot be read
     */
    Written write(DeadLetterTarget.Origin origin, List<DeadLetter> letters, int bytesMax, long nowMs)
            throws InvalidRecordException {
        var byOffset = new TreeMap<Long, DeadLetter>();
        letters.forEach(letter -> byOffset.put(letter.offset(), letter));
        var written = new ArrayList<DeadLetter>();
        RecordBatchBuilder builder = null;
        boolean isComplete = false;
        try {
            boolean fits = true;
            while (!byOffset.isEmpty() && fits) {
                try (var found = new Found(byOffset.firstKey())) {
                    builder = builder == null ? new RecordBatchBuilder(allocator, found.codec(), bytesMax) : builder;
                    fits = found.writeTo(builder, origin, byOffset, written, nowMs);
                }
            }
            isComplete = builder != null;
            return new Written(written, Objects.requireNonNull(builder));
        } finally {
            if (!isComplete && builder != null) {
                builder.close();
            }
        }
    }

    /** The batch that holds an offset. */
    private final class Found implements AutoCloseable {
        private final ByteBuf bytes;
        private final RecordBatch batch;

        Found(long offset) throws InvalidRecordException {
            ReplicatedLog.Batches read = data.read(offset, READ_BYTES);
            this.bytes = read.batches();
            Optional<RecordBatch> holder = Optional.empty();
            try {
                RecordBatches batches = RecordBatches.in(bytes);
                while (read.errorCode() == ErrorCode.NONE && holder.isEmpty() && batches.hasNext()) {
                    holder = Optional.of(batches.next()).filter(next -> next.lastOffset() >= offset);
                }
            } finally {
                if (holder.isEmpty()) {
                    bytes.release();
                }
            }
            this.batch =
                    holder.orElseThrow(() -> unreadable(offset, read.errorCode().toString()));
        }

        Compression codec() throws InvalidRecordException {
            return batch.compression();
        }

        /** Takes the letters of this batch; whether all have found room. */
        boolean writeTo(
                RecordBatchBuilder builder,
                DeadLetterTarget.Origin origin,
                NavigableMap<Long, DeadLetter> letters,
                List<DeadLetter> written,
                long nowMs)
                throws InvalidRecordException {
            long first = letters.firstKey();
            RecordIterator records = batch.records(UNPACKED_BYTES_MAX);
            while (records.hasNext() && !letters.isEmpty() && letters.firstKey() <= batch.lastOffset()) {
                Record source = records.next();
                DeadLetter letter = letters.get(source.offset());
                if (letter == null) {
                    continue;
                }
                if (!builder.tryAppend(
                        source.timestamp(), source.key(), source.value(), headers(source, letter, origin, nowMs))) {
                    return false;
                }
                written.add(letter);
                letters.remove(source.offset());
            }
            if (letters.containsKey(first)) {
                throw unreadable(first, "there is no such record");
            }
            return true;
        }

        @Override
        public void close() {
            bytes.release();
        }
    }

    private InvalidRecordException unreadable(long offset, String why) {
        return new InvalidRecordException(
                InvalidRecordException.Reason.CORRUPT,
                "Offset " + offset + " of the " + data + " cannot be read: " + why);
    }

    private List<RecordHeader> headers(Record source, DeadLetter letter, DeadLetterTarget.Origin origin, long nowMs) {
        var headers = new ArrayList<RecordHeader>();
        for (RecordHeader header : source.headers()) {
            if (header.key().equals(ReservedHeaders.EXPIRATION)) {
                headers.add(new RecordHeader(DeadLetterHeaders.EXPIRATION, header.value()));
            } else if (!DeadLetterHeaders.contains(header.key())) { // of a former death
                headers.add(header);
            }
        }
        add(headers, DeadLetterHeaders.DESTINATION, origin.destination());
        add(headers, DeadLetterHeaders.TOPIC_ID, key.topicId().toString());
        add(headers, DeadLetterHeaders.PARTITION, Integer.toString(key.partition()));
        add(headers, DeadLetterHeaders.OFFSET, Long.toString(letter.offset()));
        add(headers, DeadLetterHeaders.SUBSCRIPTION, origin.subscription());
        add(headers, DeadLetterHeaders.CAUSE, letter.cause().toString());
        add(headers, DeadLetterHeaders.DELIVERIES, Integer.toString(letter.deliveryCount()));
        add(headers, DeadLetterHeaders.ERROR, letter.error());
        add(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(source.timestamp()));
        add(headers, DeadLetterHeaders.TIME, Long.toString(nowMs));
        return headers;
    }

    private static void add(List<RecordHeader> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
