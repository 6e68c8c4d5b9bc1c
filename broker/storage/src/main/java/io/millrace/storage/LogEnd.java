package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import java.nio.file.Path;

/**
 * How an open log ends: closed in order, given up, or deleted.
 *
 * <p>Called by the owner of the log, or when it has stopped.
 */
final class LogEnd {

    private static final System.Logger LOGGER = System.getLogger(LogEnd.class.getName());

    private final LogState state;
    private final LogFlush flush;
    private final LogProducers producers;
    private final LogDurability durability;

    LogEnd(LogState state, LogFlush flush, LogProducers producers, LogDurability durability) {
        this.state = state;
        this.flush = flush;
        this.producers = producers;
        this.durability = durability;
    }

    /** Closes; false when the disk failed now or earlier, so that the log is not marked as cleanly shut down. */
    boolean closeCleanly() {
        if (state.failStop().isClosed()) {
            return true;
        }
        boolean clean = !state.failStop().hasFailed() && finish();
        state.failStop().close();
        state.segments().all().forEach(LogSegment::close);
        return clean && noteCleanEnd();
    }

    private boolean noteCleanEnd() {
        int activeSegmentBytes = state.segments().last().end().bytes();
        try {
            state.checkpoints().writeClean(state.offsets().cleanCheckpoint(activeSegmentBytes));
            return true;
        } catch (DiskFullException e) {
            LOGGER.log(WARNING, () -> directory() + " is checked when it is opened: " + e.getMessage());
            return false;
        }
    }

    private boolean finish() {
        try {
            flush.flush();
            producers.states().writeSnapshot(state.files(), state.offsets().logEndOffset());
            return true;
        } catch (StorageException e) {
            LOGGER.log(ERROR, () -> directory() + " could not be shut down cleanly; it is checked when opened", e);
            return false;
        }
    }

    /** Gives up the files without a last word to the disk, which cannot be relied on; readers with a slice go on. */
    void abandon() {
        state.failStop().close();
        state.segments().all().forEach(LogSegment::abandon);
    }

    /** Closes the log and removes its directory. */
    void delete() {
        durability.deleted();
        abandon();
        Path doomed = directory().resolveSibling(directory().getFileName() + LogFiles.DELETED);
        state.files().disk().move(directory(), doomed);
        state.files().disk().delete(doomed);
    }

    private Path directory() {
        return state.files().directory();
    }
}
