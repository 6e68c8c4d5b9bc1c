package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;

import java.time.InstantSource;

/**
 * Brings logs to where the journal of an earlier life says that they were.
 *
 * <p>Safe for threads, as long as each log is recovered by one.
 *
 * @param wasClean whether that life ended in order, so that the logs' own files have everything
 */
record JournalRecovery(JournalContents contents, boolean wasClean, InstantSource clock) {

    private static final System.Logger LOGGER = System.getLogger(JournalRecovery.class.getName());

    /** Before the log is opened. One that lacks something cannot be opened afterwards until it is repaired. */
    void recover(LogId id, LogFiles files, LogConfiguration configuration) {
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
        }
    }

    private static void suspectUnlessClean(LogFiles files, String loss) {
        boolean clean = LogCheckpoint.read(files).map(LogCheckpoint::clean).orElse(false);
        if (!clean) {
            files.suspect("The journal was damaged and may have held appends to this log: " + loss);
        }
    }
}
