package io.millrace.storage;

import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the producers with an id wrote to one log, so that a batch sent twice is stored once (KIP-98).
 *
 * <p>Owned by the owner of the log. {@link #check} decides, {@link #update} remembers. Bounded: beyond {@code idsMax} the
 * producer that has been silent longest is forgotten, unless it has a transaction open.
 */
final class ProducerStates {

    /** How many batches a producer may have on the way at once and send again. */
    static final int REMEMBERED_BATCHES = 5;

    private static final int MAGIC = 0x4D4C5032;
    private static final long NO_TRANSACTION = -1;
    private static final int NO_COORDINATOR_EPOCH = -1;
    private static final int PRODUCER_BYTES = 3 * Long.BYTES + Integer.BYTES + Short.BYTES + Byte.BYTES;
    private static final int BATCH_BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;

    /** The numbers of one batch in the log. */
    record WrittenBatch(int baseSequence, int lastSequence, long lastOffset, long timestamp) {
        long baseOffset() {
            int span = lastSequence - baseSequence;
            return lastOffset - (span < 0 ? span + (1L << 31) : span);
        }
    }

    private static final class Producer {
        private final Deque<WrittenBatch> batches = new ArrayDeque<>(REMEMBERED_BATCHES);
        private short epoch;
        private long lastUpdateMs;
        private long transactionStart = NO_TRANSACTION;
        private int coordinatorEpoch = NO_COORDINATOR_EPOCH;
        /** As far as this process has seen it. */
        private long lastMarkerOffset = -1;

        private void remember(WrittenBatch batch) {
            if (batches.size() == REMEMBERED_BATCHES) {
                batches.removeFirst();
            }
            batches.addLast(batch);
        }
    }

    /** In the order of the last write, the longest silent producer first. */
    private final Map<Long, Producer> producers = new LinkedHashMap<>();

    private final TransactionOutcomes transactions = new TransactionOutcomes();

    private long lastOffset = -1;

    /** Whether every producer that ever wrote to the log is known. */
    private boolean complete;

    /** Of a log that nobody has written to yet. */
    static ProducerStates ofNewLog() {
        ProducerStates states = new ProducerStates();
        states.complete = true;
        return states;
    }

    /**
     * Whether a leader may append a batch of a producer, and if not, why.
     *
     * <p>A producer that is not known may begin with any sequence, for it may have been forgotten; where none has been, it begins at 0:
     * an earlier batch of it may have been refused a moment ago, before this replica led, and comes again. One that is known goes on after
     * its last sequence, or begins at 0 with a higher epoch.
     *
     * <p>Batches without a sequence are the broker's own: markers, and offsets that are committed within a transaction.
     *
     * @return the answer instead of an append; empty when the batch is to be appended
     * @throws InvalidRecordException when a control batch is no transaction marker
     */
    Optional<AppendOutcome> check(RecordBatch batch) throws InvalidRecordException {
        Producer producer = producers.get(batch.producerId());
        if (producer == null) {
            boolean mayBegin = !complete || batch.isControl() || batch.baseSequence() <= 0;
            return mayBegin ? Optional.empty() : Optional.of(outOfOrder(batch, 0));
        }
        short epoch = batch.producerEpoch();
        if (epoch < producer.epoch) {
            return Optional.of(new AppendOutcome.FencedProducer(batch.producerId(), producer.epoch, epoch));
        }
        if (batch.isControl()) {
            return checkCoordinator(batch, producer);
        }
        if (batch.baseSequence() == RecordBatch.NO_SEQUENCE) {
            return Optional.empty();
        }
        if (epoch > producer.epoch) {
            return batch.baseSequence() == 0 ? Optional.empty() : Optional.of(outOfOrder(batch, 0));
        }
        return checkSequence(batch, producer);
    }

    /** A coordinator that was displaced may have decided otherwise than its successor. */
    private static Optional<AppendOutcome> checkCoordinator(RecordBatch batch, Producer producer)
            throws InvalidRecordException {
        int found = EndTransactionMarker.of(batch).coordinatorEpoch();
        return found < producer.coordinatorEpoch
                ? Optional.of(new AppendOutcome.FencedCoordinator(batch.producerId(), producer.coordinatorEpoch, found))
                : Optional.empty();
    }

    /** See {@link LogTransactions#refuseMarkerOfSameEpoch}. */
    Optional<AppendOutcome> refuseMarkerOfSameEpoch(RecordBatch marker) {
        Producer producer = producers.get(marker.producerId());
        if (producer == null
                || producer.transactionStart == NO_TRANSACTION
                || marker.producerEpoch() != producer.epoch) {
            return Optional.empty();
        }
        return Optional.of(
                new AppendOutcome.FencedProducer(marker.producerId(), producer.epoch, marker.producerEpoch()));
    }

    private static Optional<AppendOutcome> checkSequence(RecordBatch batch, Producer producer) {
        WrittenBatch last = producer.batches.peekLast();
        if (last == null) {
            return batch.baseSequence() == 0 ? Optional.empty() : Optional.of(outOfOrder(batch, 0));
        }
        for (WrittenBatch written : producer.batches) {
            if (written.baseSequence() == batch.baseSequence() && written.lastSequence() == batch.lastSequence()) {
                return Optional.of(
                        new AppendOutcome.Duplicate(written.baseOffset(), written.lastOffset(), written.timestamp()));
            }
        }
        int expected = (last.lastSequence() + 1) & Integer.MAX_VALUE;
        return batch.baseSequence() == expected ? Optional.empty() : Optional.of(outOfOrder(batch, expected));
    }

    private static AppendOutcome outOfOrder(RecordBatch batch, int expected) {
        return new AppendOutcome.OutOfOrderSequence(batch.producerId(), expected, batch.baseSequence());
    }

    /**
     * Remembers a batch that is in the log now.
     *
     * @param batch whole where it is a control batch
     * @throws InvalidRecordException when a control batch is no transaction marker
     */
    void update(RecordBatch batch, long nowMs, LogConfiguration configuration) throws InvalidRecordException {
        if (!batch.hasProducerId()) {
            return;
        }
        Producer known = producers.remove(batch.producerId());
        Producer producer = known == null ? new Producer() : known;
        if (known == null) {
            forget(nowMs, configuration);
        }
        producers.put(batch.producerId(), producer);
        if (batch.producerEpoch() != producer.epoch) {
            producer.epoch = batch.producerEpoch();
            producer.batches.clear();
        }
        producer.lastUpdateMs = nowMs;
        if (batch.isControl()) {
            end(batch, producer);
        } else {
            write(batch, producer);
        }
        lastOffset = batch.lastOffset();
    }

    /** {@link #update} of a batch that {@link AcceptedBatches} has looked at. */
    void updateAccepted(RecordBatch batch, long nowMs, LogConfiguration configuration) {
        try {
            update(batch, nowMs, configuration);
        } catch (InvalidRecordException e) {
            throw new IllegalStateException("The marker in " + batch + " was understood before it was written", e);
        }
    }

    private void end(RecordBatch batch, Producer producer) throws InvalidRecordException {
        EndTransactionMarker marker = EndTransactionMarker.of(batch);
        if (producer.transactionStart != NO_TRANSACTION) {
            transactions.onEnd(batch.producerId(), producer.transactionStart, batch.baseOffset(), marker.committed());
        }
        producer.transactionStart = NO_TRANSACTION;
        producer.coordinatorEpoch = marker.coordinatorEpoch();
        producer.lastMarkerOffset = batch.baseOffset();
    }

    private void write(RecordBatch batch, Producer producer) {
        if (batch.isTransactional() && producer.transactionStart == NO_TRANSACTION) {
            producer.transactionStart = batch.baseOffset();
            transactions.onBegin(batch.baseOffset());
        }
        if (batch.baseSequence() != RecordBatch.NO_SEQUENCE) {
            producer.remember(new WrittenBatch(
                    batch.baseSequence(), batch.lastSequence(), batch.lastOffset(), batch.maxTimestamp()));
        }
    }

    /** Outcomes of the transactions in the log. */
    TransactionOutcomes transactions() {
        return transactions;
    }

    boolean isTransactionOpen(long producerId, short epoch) {
        Producer producer = producers.get(producerId);
        return producer != null && producer.epoch == epoch && producer.transactionStart != NO_TRANSACTION;
    }

    long lastMarkerOffset(long producerId) {
        Producer producer = producers.get(producerId);
        return producer == null ? -1 : producer.lastMarkerOffset;
    }

    List<LogTransactions.ActiveProducer> describe() {
        return producers.entrySet().stream()
                .map(entry -> describe(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static LogTransactions.ActiveProducer describe(long producerId, Producer producer) {
        WrittenBatch last = producer.batches.peekLast();
        return new LogTransactions.ActiveProducer(
                producerId,
                producer.epoch,
                last == null ? RecordBatch.NO_SEQUENCE : last.lastSequence(),
                last == null ? producer.lastUpdateMs : last.timestamp(),
                producer.coordinatorEpoch,
                producer.transactionStart);
    }

    /** Forgets producers that have been silent for too long, and more while there are too many. */
    void forget(long nowMs, LogConfiguration configuration) {
        Iterator<Producer> longestSilentFirst = producers.values().iterator();
        while (longestSilentFirst.hasNext()) {
            Producer producer = longestSilentFirst.next();
            boolean tooMany = producers.size() >= configuration.producerIdsMax();
            if (!tooMany && nowMs - producer.lastUpdateMs < configuration.producerIdExpirationMs()) {
                return;
            }
            if (producer.transactionStart == NO_TRANSACTION) {
                longestSilentFirst.remove();
                complete = false;
            }
        }
    }

    /** Whether all that is known came from records below an offset. */
    boolean isWithin(long logEndOffset) {
        return lastOffset < logEndOffset;
    }

    int size() {
        return producers.size();
    }

    /** Of the producers that are known. */
    Set<Long> ids() {
        return Set.copyOf(producers.keySet());
    }

    void clear() {
        producers.clear();
        transactions.clear();
        complete = false;
        lastOffset = -1;
    }

    // ---- snapshots

    /** Writes all producers as they are at the end of the log, which is the offset. */
    void writeSnapshot(LogFiles files, long offset) {
        ByteBuffer contents = ByteBuffer.allocate(Long.BYTES
                + Integer.BYTES
                + transactions.snapshotBytes()
                + producers.values().stream()
                        .mapToInt(producer -> PRODUCER_BYTES + producer.batches.size() * BATCH_BYTES)
                        .sum());
        contents.putLong(lastOffset).putInt(producers.size());
        producers.forEach((producerId, producer) -> {
            contents.putLong(producerId)
                    .putLong(producer.lastUpdateMs)
                    .putLong(producer.transactionStart)
                    .putInt(producer.coordinatorEpoch)
                    .putShort(producer.epoch)
                    .put((byte) producer.batches.size());
            for (WrittenBatch batch : producer.batches) {
                contents.putInt(batch.baseSequence())
                        .putInt(batch.lastSequence())
                        .putLong(batch.lastOffset())
                        .putLong(batch.timestamp());
            }
        });
        transactions.writeTo(contents);
        ChecksummedFile.write(files.disk(), files.snapshot(offset), MAGIC, contents.flip(), false);
    }

    /** The producers of a snapshot; null when it is missing or damaged. */
    static @Nullable ProducerStates readSnapshot(LogFiles files, long offset) {
        return ChecksummedFile.read(files.disk(), files.snapshot(offset), MAGIC)
                .map(ProducerStates::decode)
                .orElse(null);
    }

    private static ProducerStates decode(ByteBuffer contents) {
        ProducerStates states = new ProducerStates();
        states.lastOffset = contents.getLong();
        for (int left = contents.getInt(); left > 0; left--) {
            long producerId = contents.getLong();
            Producer producer = new Producer();
            producer.lastUpdateMs = contents.getLong();
            producer.transactionStart = contents.getLong();
            producer.coordinatorEpoch = contents.getInt();
            producer.epoch = contents.getShort();
            int batches = contents.get();
            for (int i = 0; i < batches; i++) {
                producer.remember(
                        new WrittenBatch(contents.getInt(), contents.getInt(), contents.getLong(), contents.getLong()));
            }
            states.producers.put(producerId, producer);
            if (producer.transactionStart != NO_TRANSACTION) {
                states.transactions.onBegin(producer.transactionStart);
            }
        }
        states.transactions.readFrom(contents);
        return states;
    }
}
