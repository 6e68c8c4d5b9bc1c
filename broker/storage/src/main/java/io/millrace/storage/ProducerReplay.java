package io.millrace.storage;

import io.millrace.record.RecordBatch;
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
        for (LogSegment segment : segments) {
            if (segment.end().nextOffset() > from) {
                replay(segment, from, loaded);
            }
        }
        return loaded;
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
                states.update(batch, nowMs, configuration);
            }
        }
    }
}
