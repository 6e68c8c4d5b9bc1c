package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A partition's log in memory, with the rules of sequences (KIP-98). Guarded by its cluster. */
public final class ScriptedPartition {
    private static final int BATCHES_RECOGNIZED = 5;

    /** What became of a batch. */
    public record Appended(ErrorCode errorCode, long baseOffset) {}

    private record Known(int baseSequence, int lastSequence, long baseOffset) {}

    private final TreeMap<Long, byte[]> batches = new TreeMap<>();
    private final Map<Long, List<Known>> producers = new HashMap<>();
    private final List<Runnable> appendListeners = new ArrayList<>();
    private long startOffset;
    private long endOffset;
    private int leaderId;
    private int leaderEpoch;
    final ScriptedQueue queue = new ScriptedQueue();

    ScriptedPartition(int leaderId) {
        this.leaderId = leaderId;
    }

    public int leaderId() {
        return leaderId;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    void lead(int brokerId) {
        leaderId = brokerId;
        leaderEpoch++;
    }

    public long startOffset() {
        return startOffset;
    }

    public long endOffset() {
        return endOffset;
    }

    /** Forgets what producers have sent, as retention does after long. */
    public void forgetProducers() {
        producers.clear();
    }

    /** Drops the batches before an offset. */
    public void trimTo(long offset) {
        startOffset = offset;
        batches.headMap(offset).clear();
    }

    public Appended append(ByteBuf records) {
        try {
            byte[] bytes = ByteBufUtil.getBytes(records);
            RecordBatch batch = RecordBatch.at(Unpooled.wrappedBuffer(bytes), 0);
            if (!batch.hasValidChecksum() || batch.sizeInBytes() != bytes.length) {
                return new Appended(ErrorCode.CORRUPT_MESSAGE, -1);
            }
            if (batch.hasProducerId()) {
                List<Known> known = producers.computeIfAbsent(batch.producerId(), ignored -> new ArrayList<>());
                for (Known earlier : known) {
                    if (earlier.baseSequence() == batch.baseSequence()
                            && earlier.lastSequence() == batch.lastSequence()) {
                        return new Appended(ErrorCode.NONE, earlier.baseOffset());
                    }
                }
                int expected = known.isEmpty() ? 0 : known.get(known.size() - 1).lastSequence() + 1;
                if (batch.baseSequence() != expected) {
                    return new Appended(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
                }
                known.add(new Known(batch.baseSequence(), batch.lastSequence(), endOffset));
                if (known.size() > BATCHES_RECOGNIZED) {
                    known.remove(0);
                }
            }
            long baseOffset = endOffset;
            batch.assignOffset(baseOffset, leaderEpoch);
            batches.put(baseOffset, bytes);
            endOffset = batch.nextOffset();
            List.copyOf(appendListeners).forEach(Runnable::run);
            return new Appended(ErrorCode.NONE, baseOffset);
        } catch (InvalidRecordException e) {
            return new Appended(ErrorCode.CORRUPT_MESSAGE, -1);
        }
    }

    /** Appends bytes as they are, for batches that no producer may send. */
    public void appendRaw(byte[] bytes, int offsets) {
        batches.put(endOffset, bytes);
        endOffset += offsets;
        List.copyOf(appendListeners).forEach(Runnable::run);
    }

    void onAppend(Runnable listener) {
        appendListeners.add(listener);
    }

    void removeListener(Runnable listener) {
        appendListeners.remove(listener);
    }

    long offsetFor(long timestamp) {
        if (timestamp == ListOffsetsRequest.EARLIEST) {
            return startOffset;
        }
        if (timestamp == ListOffsetsRequest.LATEST) {
            return endOffset;
        }
        return records().stream()
                .filter(record -> record.timestamp() >= timestamp)
                .mapToLong(Record::offset)
                .findFirst()
                .orElse(-1);
    }

    /** Whole batches from the one that holds the offset on; at least one where there is one. */
    ByteBuf read(long offset, int bytesMax) {
        var result = Unpooled.buffer();
        if (offset >= endOffset) {
            return result;
        }
        Long from = batches.floorKey(offset);
        for (byte[] batch : batches.tailMap(from == null ? offset : from).values()) {
            if (result.isReadable() && result.readableBytes() + batch.length > bytesMax) {
                break;
            }
            result.writeBytes(batch);
        }
        return result;
    }

    /** All records in the log. */
    public List<Record> records() {
        var records = new ArrayList<Record>();
        for (byte[] bytes : batches.values()) {
            try {
                var batch = RecordBatch.at(Unpooled.wrappedBuffer(bytes), 0);
                if (!batch.isControl()) {
                    records.addAll(batch.records(64 << 20).toList());
                }
            } catch (InvalidRecordException e) {
                throw new IllegalStateException(e);
            }
        }
        return records;
    }

    /** The values of all records, as text. */
    public List<String> values() {
        return records().stream()
                .map(record -> record.value().toString(StandardCharsets.UTF_8))
                .toList();
    }

    public int batchCount() {
        return batches.size();
    }
}
