package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds out what producers wrote up to the end of a log: the newest usable snapshot, and the headers behind it. */
record ProducerReplay(LogFiles files, LogConfiguration configuration, long nowMs) {

    /** The state at the end of the log; snapshots from beyond it are removed. */
    ProducerStates load(List<LogSegment> segments, long logEndOffset) {
        ProducerStates states = null;
        long from = segments.get(0).baseOffset();
        for (long offset : snapshotsNewestFirst()) {
            if (offset > logEndOffset) {
                files.disk().delete(files.snapshot(offset));
            } else if (states == null) {
                states = ProducerStates.readSnapshot(files, offset);
                from = states == null ? from : offset;
            } else if (isBetweenSegments(segments, offset)) {
                files.disk().delete(files.snapshot(offset));
            }
        }
        ProducerStates loaded = states == null ? new ProducerStates() : states;
        forgetRemovedMarkers(segments, loaded.transactions());
        for (LogSegment segment : segments) {
            if (segment.end().nextOffset() > from) {
                replay(segment, from, loaded);
            }
        }
        return loaded;
    }

    /** A snapshot may be older than a cleaning that has taken markers away. */
    private void forgetRemovedMarkers(List<LogSegment> segments, TransactionOutcomes transactions) {
        transactions.forgetBelow(segments.get(0).baseOffset());
        if (configuration.compaction().enabled() && transactions.hasAborted()) {
            segments.forEach(segment -> retainMarkers(segment, transactions));
        }
    }

    /** Forgets aborted transactions whose marker is not in a segment any more. */
    static void retainMarkers(LogSegment segment, TransactionOutcomes transactions) {
        transactions.retainMarkers(
                segment.baseOffset(), segment.end().nextOffset(), offset -> isMarker(segment, offset));
    }

    private static boolean isMarker(LogSegment segment, long offset) {
        BatchScanner scanner = segment.scannerBelow(offset);
        RecordBatch batch = segment.next(scanner);
        while (batch != null && batch.lastOffset() < offset) {
            batch = segment.next(scanner);
        }
        return batch != null && batch.isControl() && batch.baseOffset() == offset;
    }

    void removeSnapshots() {
        removeSnapshotsBeyond(-1);
    }

    void removeSnapshotsBeyond(long logEndOffset) {
        for (long offset : snapshotsNewestFirst()) {
            if (offset > logEndOffset) {
                files.disk().delete(files.snapshot(offset));
            }
        }
    }

    private List<Long> snapshotsNewestFirst() {
        List<Long> offsets = new ArrayList<>();
        for (String name : files.disk().list(files.directory())) {
            LogFiles.offsetIn(name, LogFiles.SNAPSHOT).ifPresent(offsets::add);
        }
        offsets.sort(Comparator.reverseOrder());
        return offsets;
    }

    /** A clean shutdown leaves a snapshot where no segment begins; a later one takes its place. */
    private static boolean isBetweenSegments(List<LogSegment> segments, long offset) {
        return segments.stream().noneMatch(segment -> segment.baseOffset() == offset);
    }

    private void replay(LogSegment segment, long from, ProducerStates states) {
        BatchScanner scanner = segment.scannerBelow(from);
        for (RecordBatch batch = segment.next(scanner); batch != null; batch = segment.next(scanner)) {
            if (batch.baseOffset() >= from) {
                update(segment, scanner, batch, states);
            }
        }
    }

    private void update(LogSegment segment, BatchScanner scanner, RecordBatch header, ProducerStates states) {
        try {
            RecordBatch batch = header.isControl()
                    ? RecordBatch.at(
                            Unpooled.wrappedBuffer(segment.readBatch(scanner.position(), header.sizeInBytes())), 0)
                    : header;
            states.update(batch, nowMs, configuration);
        } catch (InvalidRecordException e) {
            throw new CorruptLogException(
                    files.log(segment.baseOffset()) + " has a damaged control batch at byte " + scanner.position()
                            + ": " + e.getMessage(),
                    header.baseOffset());
        }
    }
}
