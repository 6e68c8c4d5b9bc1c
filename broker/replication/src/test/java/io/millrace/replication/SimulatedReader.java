package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.millrace.storage.LogSlice;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** A reader of committed records of one partition, which leaves out what is aborted in the way of Kafka's consumers. */
final class SimulatedReader {
    private static final int UNPACKED_MAX = 1 << 20;
    private static final int READ_BYTES_MAX = 2_000;

    private final SimulatedLedPartition partition;
    private final Random random;
    private final Consumer<String> onValue;
    private long position;

    SimulatedReader(SimulatedLedPartition partition, Random random, Consumer<String> onValue) {
        this.partition = partition;
        this.random = random;
        this.onValue = onValue;
    }

    /** Reads on, up to some number of bytes. */
    void read() {
        partition.leader().ifPresent(leader -> {
            ReadResult found = leader.read(
                    LogKind.DATA, -1, position, random.nextInt(READ_BYTES_MAX), true, Isolation.READ_COMMITTED);
            assertThat(found.errorCode())
                    .as("reading offset %d of %s", position, partition.topicName())
                    .isIn(ErrorCode.NONE, ErrorCode.OFFSET_NOT_AVAILABLE, ErrorCode.NOT_LEADER_OR_FOLLOWER);
            found.slice().ifPresent(slice -> take(leader, found.lastStableOffset(), slice));
        });
    }

    private void take(Partition leader, long lastStableOffset, LogSlice slice) {
        long upperOffset = Math.min(lastStableOffset, slice.offsetBound());
        var aborted = new ArrayList<>(leader.transactions().abortedIn(position, upperOffset));
        aborted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        ByteBuf bytes;
        try (slice) {
            bytes = slice.toByteBuf(LogMatching.ALLOCATOR);
        }
        try {
            take(RecordBatches.listOf(bytes), aborted);
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        } finally {
            bytes.release();
        }
    }

    private void take(List<RecordBatch> batches, List<AbortedTransaction> aborted) throws InvalidRecordException {
        Set<Long> abortedProducers = new HashSet<>();
        for (RecordBatch batch : batches) {
            while (!aborted.isEmpty() && aborted.get(0).firstOffset() <= batch.lastOffset()) {
                abortedProducers.add(aborted.remove(0).producerId());
            }
            if (batch.isControl()) {
                if (!EndTransactionMarker.of(batch).committed()) {
                    abortedProducers.remove(batch.producerId());
                }
            } else if (batch.baseOffset() >= position && !abortedProducers.contains(batch.producerId())) {
                values(batch).forEach(onValue);
            }
            position = batch.nextOffset();
        }
    }

    static List<String> values(RecordBatch batch) throws InvalidRecordException {
        var values = new ArrayList<String>();
        for (Record read : batch.records(UNPACKED_MAX).toList()) {
            values.add(new String(read.valueBytes(), StandardCharsets.UTF_8));
        }
        return values;
    }

    /** Whether everything that was ever written is read. */
    boolean isAtEnd() {
        return position == partition.logEndOffset();
    }

    /** For a report. */
    @Override
    public String toString() {
        return partition.topicName() + " is read up to " + position + ", its log ends at " + partition.logEndOffset()
                + ", and the transactions open in it are of "
                + partition.leader().map(leader -> leader.rawLog(LogKind.DATA).transactions().producers().stream()
                        .filter(producer -> producer.transactionStart() >= 0)
                        .toList());
    }
}
