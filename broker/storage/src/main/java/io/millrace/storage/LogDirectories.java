package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.storage.LogDirectory.Identity;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All directories in which a broker keeps its logs (KIP-112). One whose disk fails, now or later, is offline until the process ends; the
 * others go on.
 *
 * <p>Safe for threads; the logs belong to their owners. A new log goes where the other log of its partition is, else where the fewest are.
 */
public final class LogDirectories implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(LogDirectories.class.getName());

    private final List<LogDirectory> directories;
    private final Map<Path, StorageException> unopened;
    private final InstantSource clock;
    private final int recoveryThreads;
    private @Nullable Journal journal;
    private @Nullable JournalRecovery recovery;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    /** Of which logs the journal of an earlier life tells. */
    private volatile Set<LogId> journaled = Set.of();

    /** Hears of directories that fail while they are in use. Called at least once for each, on the thread that met the failure: it must not wait. */
    @FunctionalInterface
    public interface Listener {
        /** @param offline the logs that can be used no more */
        void onOffline(Path directory, LogDirectoryOfflineException why, Set<LogId> offline);
    }

    /**
     * What one directory holds.
     *
     * @param failure why it cannot be used; empty when it can
     * @param logs those that are open
     */
    public record Contents(Path root, Optional<StorageException> failure, List<LogId> logs) {}

    private LogDirectories(
            List<LogDirectory> directories,
            Map<Path, StorageException> unopened,
            int recoveryThreads,
            InstantSource clock) {
        this.clock = clock;
        this.directories = List.copyOf(directories);
        this.unopened = Map.copyOf(unopened);
        this.recoveryThreads = recoveryThreads;
        for (LogDirectory directory : directories) {
            directory.onFailure(() -> listeners.forEach(listener -> tell(directory, listener)));
        }
    }

    /**
     * Opens those directories that can be.
     *
     * @throws StorageException when none can be, when a process has one of them open, or when one belongs to another cluster or broker
     */
    public static LogDirectories open(
            Disk disk, LogDirectoriesConfiguration configuration, Identity identity, InstantSource clock) {
        List<LogDirectory> opened = new ArrayList<>();
        Map<Path, StorageException> unopened = new LinkedHashMap<>();
        boolean isComplete = false;
        try {
            for (Path root : configuration.roots()) {
                try {
                    opened.add(LogDirectory.open(disk, root, identity, configuration.minFreeBytes(), clock));
                } catch (DiskFailedException | DiskFullException e) {
                    LOGGER.log(
                            ERROR,
                            () -> "The log directory " + root + " is offline, and all replicas in it: " + e.getMessage()
                                    + ". Look after its disk, then start the broker again");
                    unopened.put(root, e);
                }
            }
            if (opened.isEmpty()) {
                throw new StorageException("None of log.dirs=" + configuration.roots() + " can be used");
            }
            isComplete = true;
        } finally {
            if (!isComplete) {
                opened.forEach(LogDirectory::close);
            }
        }
        return new LogDirectories(opened, unopened, configuration.recoveryThreadsPerDirectory(), clock);
    }

    /** A listener hears of directories that have failed before, too. */
    public void listen(Listener listener) {
        listeners.add(listener);
        directories.forEach(directory -> tell(directory, listener));
    }

    private static void tell(LogDirectory directory, Listener listener) {
        directory.failure().ifPresent(why -> listener.onOffline(directory.root(), why, Set.copyOf(directory.found())));
    }

    /**
     * Has logs with {@link FlushPolicy#JOURNAL} write ahead in a journal, which outlives these directories. Before {@link #recover}, after which
     * the journal forgets the earlier life, unless a disk failed.
     *
     * @param contents what an earlier life left in the journal
     */
    public void use(Journal newJournal, JournalContents contents) {
        journal = newJournal;
        recovery = new JournalRecovery(contents, clock);
        journaled = Set.copyOf(contents.logs());
        directories.forEach(directory -> directory.use(newJournal, recovery));
        if (!unopened.isEmpty()) {
            // What is not here may be there.
            return;
        }
        for (LogId id : contents.logs()) {
            if (holder(id) == null) {
                contents.of(id)
                        .filter(history -> !history.isDeleted())
                        .flatMap(LogHistory::directoryName)
                        .ifPresent(name -> placeFor(id).expect(id, name));
            }
        }
    }

    /**
     * Opens all logs and checks those that were not closed cleanly. What cannot be used is left out.
     *
     * @return the logs that are open now
     */
    public List<LogId> recover(Function<LogId, LogConfiguration> configurations) {
        new LogTwins(directories, journaled).settleAll();
        List<StartRecovery.Work> works =
                usable().stream().map(each -> each.recovery(configurations)).toList();
        new StartRecovery(recoveryThreads, line -> LOGGER.log(INFO, () -> line)).run(works);
        forgetEarlierLife();
        return found();
    }

    /** What the journal holds for logs that could not be recovered is needed at the next start. */
    private void forgetEarlierLife() {
        Journal present = journal;
        JournalRecovery done = recovery;
        if (present == null || done == null) {
            return;
        }
        if (unopened.isEmpty() && usable().size() == directories.size() && !done.hasFailed()) {
            present.forgetEarlier();
        } else {
            LOGGER.log(WARNING, () -> "Keeping what the journal holds for logs whose disks do not work");
        }
    }

    /** All logs that lie here and are open. */
    public List<LogId> found() {
        return usable().stream()
                .flatMap(each -> each.openLogs().stream())
                .distinct()
                .toList();
    }

    /** All directories that are configured, in no particular order. */
    public List<Contents> contents() {
        var contents = new ArrayList<Contents>();
        for (LogDirectory directory : directories) {
            Optional<StorageException> failure = directory.failure().map(why -> why);
            contents.add(
                    new Contents(directory.root(), failure, failure.isPresent() ? List.of() : directory.openLogs()));
        }
        unopened.forEach((root, why) -> contents.add(new Contents(root, Optional.of(why), List.of())));
        return contents;
    }

    private List<LogDirectory> usable() {
        return directories.stream().filter(each -> each.failure().isEmpty()).toList();
    }

    /** How many directories can be used. */
    public int usableCount() {
        return usable().size();
    }

    /** Where a log lies, usable or not; null when it is nowhere. */
    private @Nullable LogDirectory holder(LogId id) {
        return directories.stream().filter(each -> each.holds(id)).findFirst().orElse(null);
    }

    /** Whether a log lies in a directory that could be opened; it need not be whole. */
    public boolean holds(LogId id) {
        return holder(id) != null;
    }

    /**
     * Whether a log lies in a directory that is offline, or may lie in one that could not be opened: nothing can be done about it before the
     * next start.
     */
    public boolean isOffline(LogId id) {
        LogDirectory directory = holder(id);
        return directory == null ? !unopened.isEmpty() : directory.failure().isPresent();
    }

    /**
     * Whether logs of this broker may lie on a disk that is not here: a directory could not be opened, or was found empty and has not been {@link
     * #prove proven} since.
     */
    public boolean mayLackLogs() {
        return !unopened.isEmpty() || usable().stream().anyMatch(LogDirectory::isUnproven);
    }

    /** No log of this broker is missing: from the next start on, a directory that was empty now counts like any other. */
    public void prove() {
        usable().forEach(LogDirectory::prove);
    }

    /** An open log. */
    public Optional<PartitionLog> log(LogId id) {
        LogDirectory directory = holder(id);
        return directory == null ? Optional.empty() : directory.log(id);
    }

    /**
     * Opens a log, which is created when it is nowhere, or returns the one that is open.
     *
     * @throws CorruptLogException when the log is there and damaged
     * @throws StorageException when its directory is offline, or all are
     */
    public PartitionLog create(LogId id, String topicName, LogConfiguration configuration) {
        return placeFor(id).create(id, topicName, configuration);
    }

    private LogDirectory placeFor(LogId id) {
        LogDirectory present = holder(id);
        if (present != null) {
            return present;
        }
        LogDirectory ofPartition = holder(id.other());
        if (ofPartition != null) {
            return ofPartition;
        }
        return usable().stream()
                .min(Comparator.comparingInt(LogDirectory::logCount))
                .orElseThrow(() -> new StorageException("All log directories are offline"));
    }

    /** Opens a log that failed or was damaged; with {@code damaged} it is checked from its beginning and cut where its whole part ends. */
    public PartitionLog reopen(LogId id, boolean damaged, LogConfiguration configuration) {
        LogDirectory directory = placeFor(id);
        return damaged ? directory.repair(id, configuration) : directory.reopen(id, configuration);
    }

    /** Closes and removes a log, damaged or not; nothing happens when it is missing. The owner's thread. */
    public void delete(LogId id) {
        LogDirectory directory = holder(id);
        if (directory != null) {
            directory.delete(id);
        }
    }

    /** Notes where every log stands, see {@link PartitionLog#checkpoint}. Call it every few seconds. */
    public void checkpointAll() {
        usable().forEach(LogDirectory::checkpointAll);
    }

    /** The broker epoch of the last clean shutdown of all directories; empty after anything else (KIP-966). */
    public OptionalLong cleanShutdownEpoch() {
        Set<OptionalLong> epochs = Set.copyOf(
                directories.stream().map(LogDirectory::cleanShutdownEpoch).toList());
        return unopened.isEmpty() && epochs.size() == 1 ? epochs.iterator().next() : OptionalLong.empty();
    }

    /**
     * Whether the machine has been up ever since {@link #settleStart}: however the process before this one has ended, what it wrote is there. Not
     * known where the operating system does not tell.
     */
    public boolean isSameBoot() {
        return directories.stream().allMatch(LogDirectory::isSameBoot);
    }

    /** Notes that the cluster knows of everything that may be missing here, or that nothing is. */
    public void settleStart() {
        for (LogDirectory directory : usable()) {
            try {
                directory.settleStart();
            } catch (StorageException e) {
                LOGGER.log(
                        WARNING,
                        () -> "The start of this broker is not noted in " + directory.root() + ", so its next one may"
                                + " count as unclean: " + e.getMessage());
            }
        }
    }

    /** Closes all logs and, where all were whole, leaves a mark with the broker epoch. Their owners have stopped. */
    public void shutDown(long brokerEpoch) {
        directories.forEach(each -> each.shutDown(brokerEpoch));
    }

    /** Closes all logs without a mark. Their owners have stopped. */
    @Override
    public void close() {
        directories.forEach(LogDirectory::close);
    }
}
