package io.millrace.server;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.metadata.ClusterImage;
import io.millrace.storage.Disk;
import io.millrace.storage.FileDisk;
import io.millrace.storage.Journal;
import io.millrace.storage.JournalContents;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogId;
import io.millrace.storage.StorageException;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The log directories of a broker and its journal: opened and recovered together, closed one after the other. Thread-safe. */
final class BrokerLogs {
    private static final System.Logger LOGGER = System.getLogger(BrokerLogs.class.getName());
    private static final long JOURNAL_END_MS = 10_000;

    private final LogDirectories directories;
    private final Journal journal;
    private final ExecutorService rounds =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("millrace-journal", true));
    private final ExecutorService freeing =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("millrace-journal-freeing", true));

    private BrokerLogs(
            LogDirectories directories,
            BrokerConfiguration configuration,
            Disk disk,
            Function<LogId, LogConfiguration> logConfigurations) {
        this.directories = directories;
        Path folder = configuration.journalDirectory();
        refuseOtherJournals(configuration, disk, folder);
        JournalContents contents = JournalContents.read(disk, folder);
        journal = Journal.open(disk, folder, configuration.journal(), contents, rounds, freeing);
        directories.use(journal, contents);
        directories.recover(logConfigurations);
    }

    /** @throws StorageException when no directory can be used, or the journal cannot */
    static BrokerLogs open(
            BrokerConfiguration configuration,
            ClusterImage image,
            InstantSource clock,
            Function<LogId, LogConfiguration> logConfigurations) {
        var disk = new FileDisk();
        var identity = new LogDirectory.Identity(image.clusterId(), configuration.brokerId());
        var directories = LogDirectories.open(disk, configuration.logDirectories(), identity, clock);
        boolean isComplete = false;
        try {
            var logs = new BrokerLogs(directories, configuration, disk, logConfigurations);
            isComplete = true;
            return logs;
        } finally {
            if (!isComplete) {
                directories.close();
            }
        }
    }

    /** What an earlier life wrote into another journal would be lost silently. */
    private static void refuseOtherJournals(BrokerConfiguration configuration, Disk disk, Path folder) {
        for (Path root : configuration.logDirectories().roots()) {
            Path other = BrokerConfiguration.journalIn(root);
            if (!other.equals(folder) && Journal.holdsEntries(disk, other)) {
                throw new StorageException("The journal is to be in " + folder + ", but " + other
                        + " holds entries of this broker's last life; set journal.dir=" + other
                        + ", or start the broker once with it and stop it in order");
            }
        }
    }

    LogDirectories directories() {
        return directories;
    }

    /** Removes the log of a topic that was deleted, or of a partition that moved away, while this broker was away. */
    void deleteForgotten(LogId id) {
        LOGGER.log(INFO, () -> "Deleting the log " + id + ", which has no place here any more");
        directories.delete(id);
    }

    /** Closes all logs, whose owners have stopped, with a mark that they are whole. */
    void shutDown(long brokerEpoch) {
        directories.shutDown(brokerEpoch);
        closeJournal();
    }

    /** Closes all logs, whose owners have stopped, without a mark. */
    void close() {
        directories.close();
        closeJournal();
    }

    private void closeJournal() {
        rounds.shutdown();
        freeing.shutdown();
        try {
            if (!rounds.awaitTermination(JOURNAL_END_MS, TimeUnit.MILLISECONDS)
                    || !freeing.awaitTermination(JOURNAL_END_MS, TimeUnit.MILLISECONDS)) {
                LOGGER.log(WARNING, () -> "The journal did not come to rest within " + JOURNAL_END_MS + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
    }
}
