package io.millrace.storage;

import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RetainedRecords;
import io.millrace.storage.compaction.BatchFilter;
import io.millrace.storage.compaction.OffsetMap;
import io.millrace.storage.compaction.ProducerScan;
import io.millrace.storage.compaction.Throttle;
import io.millrace.storage.compaction.TransactionFilter;
import io.millrace.storage.compaction.TransactionScan;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * One cleaning of one log: of the records of each key the last one stays, of those that the plan covers.
 *
 * <p>Owned by the cleaner's thread, which holds leases of the segments meanwhile. Three passes: headers for the outcomes of
 * transactions and the last batches of producers; the dirty part for the newest offset of each key; all of it, group by group, the oldest first, so that no
 * crash leaves an old value without the tombstone that came after it. Memory is bounded by the offset map and one batch.
 */
final class LogCleaning {

    private static final int UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

    private final CleaningPlan plan;
    private final long mapBytesMax;
    private final Throttle throttle;
    private final BooleanSupplier stopped;
    private final Predicate<CleanedSegment> swap;

    private long bytesBefore;
    private long bytesAfter;

    /**
     * A cleaning that has not begun.
     *
     * @param mapBytesMax bound on the memory for offsets of keys
     * @param stopped asked at each batch
     * @param swap has the owner of the log put a cleaned segment in its place; false when the log has changed
     */
    LogCleaning(
            CleaningPlan plan,
            long mapBytesMax,
            Throttle throttle,
            BooleanSupplier stopped,
            Predicate<CleanedSegment> swap) {
        this.plan = plan;
        this.mapBytesMax = mapBytesMax;
        this.throttle = throttle;
        this.stopped = stopped;
        this.swap = swap;
    }

    /**
     * Cleans; returns when the last group is in the log.
     *
     * @throws CorruptLogException when a batch is damaged
     * @throws StorageException when the disk fails; the log is as good as before
     */
    CleaningResult run() {
        List<LogSegment> leased = new ArrayList<>();
        try {
            for (LogSegment segment : plan.segments()) {
                if (!segment.acquire()) {
                    throw new CleaningStoppedException("The log " + plan.files().directory() + " is closed");
                }
                leased.add(segment);
            }
            return clean();
        } finally {
            leased.forEach(LogSegment::release);
        }
    }

    private CleaningResult clean() {
        TransactionScan transactions = new TransactionScan();
        ProducerScan producers = new ProducerScan(plan.producerIds());
        long decided = scan(transactions, producers);
        OffsetMap newest = new OffsetMap(
                Math.min(mapBytesMax, OffsetMap.bytesFor(Math.max(0, decided - plan.firstDirtyOffset()))));
        long upper = fill(newest, decided, new TransactionFilter(transactions.aborted()));
        BatchFilter filter = new BatchFilter(
                newest,
                upper,
                producers.ends(),
                new TransactionFilter(transactions.aborted()),
                plan.nowMs(),
                plan.configuration().compaction().deleteRetentionMs());
        boolean complete = true;
        for (List<LogSegment> group : groupsBelow(upper)) {
            complete = complete && clean(group, filter);
        }
        return new CleaningResult(
                complete,
                upper,
                bytesBefore,
                bytesAfter,
                filter.recordsBefore(),
                filter.recordsAfter(),
                filter.earliestHorizonMs());
    }

    // ---- passes

    /** What to do with each batch of a segment; false ends the walk. */
    @FunctionalInterface
    private interface Visitor {
        boolean visit(RecordBatch header, int position) throws InvalidRecordException;
    }

    private boolean walk(LogSegment segment, Visitor visitor) {
        BatchScanner scanner = segment.scanner();
        for (RecordBatch header = segment.next(scanner); header != null; header = segment.next(scanner)) {
            if (stopped.getAsBoolean()) {
                throw new CleaningStoppedException("The cleaner is closing");
            }
            try {
                if (!visitor.visit(header, scanner.position())) {
                    return false;
                }
            } catch (InvalidRecordException e) {
                throw new CorruptLogException(
                        plan.files().log(segment.baseOffset()) + " is damaged at byte " + scanner.position() + ": "
                                + e.getMessage(),
                        header.baseOffset());
            }
        }
        return true;
    }

    private RecordBatch read(LogSegment segment, RecordBatch header, int position) throws InvalidRecordException {
        byte[] bytes = segment.readBatch(position, header.sizeInBytes());
        throttle.took(bytes.length);
        RecordBatch batch = RecordBatch.at(Unpooled.wrappedBuffer(bytes), 0);
        if (!batch.hasValidChecksum()) {
            throw new InvalidRecordException(
                    InvalidRecordException.Reason.CORRUPT, "The checksum of " + batch + " does not match its bytes");
        }
        return batch;
    }

    /** Answers up to where the outcome of every transaction is known; no batch from there on changes. */
    private long scan(TransactionScan transactions, ProducerScan producers) {
        for (LogSegment segment : plan.segments()) {
            boolean all = walk(segment, (header, position) -> {
                producers.onBatch(header);
                if (!header.isControl()) {
                    transactions.onData(header);
                    return true;
                }
                RecordBatch marker = read(segment, header, position);
                transactions.onMarker(marker, EndTransactionMarker.of(marker));
                return !transactions.isFull();
            });
            if (!all) {
                return transactions.decidedBelow(lastMarkerEnd(transactions));
            }
        }
        return transactions.decidedBelow(plan.endOffset());
    }

    private static long lastMarkerEnd(TransactionScan transactions) {
        var aborted = transactions.aborted();
        return aborted.get(aborted.size() - 1).markerOffset() + 1;
    }

    /** Notes the newest offset of each key of the dirty part; answers up to where it did. */
    private long fill(OffsetMap newest, long end, TransactionFilter transactions) {
        long[] upper = {end};
        for (LogSegment segment : plan.segments()) {
            boolean isDirty = segment.end().nextOffset() > plan.firstDirtyOffset();
            boolean all = !isDirty
                    || walk(segment, (header, position) -> {
                        if (header.lastOffset() < plan.firstDirtyOffset() || header.isControl()) {
                            return true;
                        }
                        if (header.baseOffset() >= end || header.recordCount() > newest.room()) {
                            upper[0] = Math.min(end, header.baseOffset());
                            return false;
                        }
                        if (!transactions.isAborted(header)) {
                            note(read(segment, header, position), newest);
                        }
                        return true;
                    });
            if (!all) {
                break;
            }
        }
        if (upper[0] < end && upper[0] <= plan.firstDirtyOffset()) {
            throw new StorageException("The batch at offset " + upper[0] + " has more records than the "
                    + newest.room() + " keys that there is room for; raise log.cleaner.dedupe.buffer.size, which is "
                    + mapBytesMax);
        }
        return upper[0];
    }

    private static void note(RecordBatch batch, OffsetMap newest) {
        try {
            RetainedRecords.of(batch, UNPACKED_BYTES_MAX, (offset, key, hasValue) -> {
                if (key != null) {
                    newest.put(key, offset);
                }
                return false;
            });
        } catch (InvalidRecordException ignored) {
            // Only its producer's checksum vouches for this batch. It stays as it is, and displaces nothing.
        }
    }

    /** Neighbours that together are not larger than one segment may be. */
    private List<List<LogSegment>> groupsBelow(long upper) {
        List<List<LogSegment>> groups = new ArrayList<>();
        List<LogSegment> group = new ArrayList<>();
        long bytes = 0;
        for (LogSegment segment : plan.segments()) {
            if (segment.baseOffset() >= upper) {
                break;
            }
            boolean fits = bytes + segment.end().bytes() <= plan.configuration().segmentBytes()
                    && !group.isEmpty()
                    && segment.end().nextOffset() - group.get(0).baseOffset() < Integer.MAX_VALUE;
            if (!fits) {
                group = new ArrayList<>();
                groups.add(group);
                bytes = 0;
            }
            group.add(segment);
            bytes += segment.end().bytes();
        }
        return groups;
    }

    /** Cleans one group; false when the log has changed under it. */
    private boolean clean(List<LogSegment> group, BatchFilter filter) {
        CleanedSegment cleaned =
                new CleanedSegment(plan.files(), group, plan.configuration().indexIntervalBytes());
        boolean handedOver = false;
        try {
            boolean changed = copy(group, filter, cleaned) || group.size() > 1;
            long before =
                    group.stream().mapToLong(segment -> segment.end().bytes()).sum();
            bytesBefore += before;
            bytesAfter += cleaned.end().bytes();
            if (!changed || cleaned.end().bytes() == 0) {
                return true;
            }
            cleaned.complete();
            handedOver = true;
            return swap.test(cleaned);
        } finally {
            if (!handedOver) {
                cleaned.discard();
            }
        }
    }

    /** Writes what stays; answers whether that is something else than what was there. */
    private boolean copy(List<LogSegment> group, BatchFilter filter, CleanedSegment cleaned) {
        long end = group.get(group.size() - 1).end().nextOffset();
        boolean[] changed = {false};
        for (LogSegment segment : group) {
            walk(segment, (header, position) -> {
                RecordBatch batch = read(segment, header, position);
                // The last batch holds the place of all: without it, a follower would never reach the end of the log.
                Optional<ByteBuf> left = filter.filter(batch, batch.nextOffset() >= end);
                changed[0] |= left.isEmpty() || !left.get().equals(batch.bytes());
                if (left.isPresent()) {
                    cleaned.add(RecordBatch.at(left.get(), 0));
                    throttle.took(left.get().readableBytes());
                }
                return true;
            });
        }
        return changed[0];
    }
}
