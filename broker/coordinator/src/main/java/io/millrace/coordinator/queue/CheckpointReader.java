package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.List;

/** Collects the parts of one checkpoint until all are there, so that one that was torn has no effect. */
final class CheckpointReader {
    private final long checkpointId;
    private final List<CursorRecord> parts = new ArrayList<>();

    CheckpointReader(long checkpointId) {
        this.checkpointId = checkpointId;
    }

    static boolean isPartOfCheckpoint(CursorRecord logged) {
        return logged instanceof CursorRecord.CheckpointBegun
                || logged instanceof CursorRecord.CheckpointCursor
                || logged instanceof CursorRecord.CheckpointBlock
                || logged instanceof CursorRecord.CheckpointCounts
                || logged instanceof CursorRecord.CheckpointEnded;
    }

    /** Whether the checkpoint is complete with this part. Parts of other checkpoints are left out. */
    boolean accept(CursorRecord part) {
        if (part instanceof CursorRecord.CheckpointEnded ended) {
            return ended.checkpointId() == checkpointId && ended.recordCount() == parts.size();
        }
        if (idOf(part) == checkpointId) {
            parts.add(part);
        }
        return false;
    }

    private static long idOf(CursorRecord part) {
        if (part instanceof CursorRecord.CheckpointCursor cursor) {
            return cursor.checkpointId();
        }
        if (part instanceof CursorRecord.CheckpointBlock block) {
            return block.checkpointId();
        }
        if (part instanceof CursorRecord.CheckpointCounts counts) {
            return counts.checkpointId();
        }
        throw new IllegalStateException(part + " is no part of a checkpoint");
    }

    List<CursorRecord> parts() {
        return parts;
    }
}
