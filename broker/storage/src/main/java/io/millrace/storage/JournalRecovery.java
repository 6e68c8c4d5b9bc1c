package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings logs to where the journal of an earlier life says that they were.
 *
 * <p>Safe for threads, as long as each log is recovered by one.
 */
final class JournalRecovery {

    private static final System.Logger LOGGER = System.getLogger(JournalRecovery.class.getName());

    private final JournalContents contents;
    private final InstantSource clock;
    private final AtomicBoolean failed = new AtomicBoolean();

    JournalRecovery(JournalContents contents, InstantSource clock) {
        this.contents = contents;
        this.clock = clock;
    }

    /**
     * Before the log is opened. One that lacks something cannot be opened afterwards until it is repaired.
     *
     * @param wasClean whether the earlier life ended in order, so that the log's own files have everything
     * @throws StorageException when the disk fails; then what the journal holds is still needed
     */
    void recover(LogId id, LogFiles files, LogConfiguration configuration, boolean wasClean) {
        LogHistory history = contents.of(id).filter(known -> !known.isDeleted()).orElseGet(LogHistory::new);
        boolean isJournaled = configuration.flushPolicy() == FlushPolicy.JOURNAL;
        if (history.isEmpty() && (wasClean || !isJournaled)) {
            return;
        }
        try {
            if (isJournaled) {
                contents.loss().ifPresent(loss -> suspectUnlessClean(files, loss));
            }
            new JournalReplay(contents, history, files, configuration, clock).run();
        } catch (CorruptLogException e) {
            LOGGER.log(ERROR, () -> "A log lacks what it acknowledged: " + e.getMessage());
        } catch (StorageException e) {
            failed.set(true);
            throw e;
        }
    }

    /** Whether a log could not be recovered because of its disk. */
    boolean hasFailed() {
        return failed.get();
    }

    private static void suspectUnlessClean(LogFiles files, String loss) {
        boolean clean = CheckpointFile.read(files).map(LogCheckpoint::clean).orElse(false);
        if (!clean) {
            files.suspect("The journal was damaged and may have held appends to this log: " + loss);
        }
    }
}
