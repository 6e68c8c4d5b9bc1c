package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One directory in which a broker keeps logs.
 *
 * <p>Safe for threads; the logs in it belong to their owners. Only one process can have it open. When its disk fails it is offline, see
 * {@link #failure}.
 */
public final class LogDirectory implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(LogDirectory.class.getName());

    private static final int DELETED_MAX = 10_000;

    /** Keeps nothing back of the disk. */
    static final long NO_RESERVE = 0;

    private final LogDirectoryDisk disk;
    private final Path root;
    private final InstantSource clock;
    private final LogDirectoryClaim claim;
    private final LogPlaces places;
    private final CleanShutdownNote cleanShutdown;
    private final BootNote bootNote;

    private final Map<LogId, PartitionLog> logs = new ConcurrentHashMap<>();
    private final Map<LogId, StorageException> offline = new ConcurrentHashMap<>();
    /** Logs that were deleted since the journal was last known to hold everything. */
    private final Set<LogId> deleted = new HashSet<>();

    private volatile @Nullable Journal journal;
    private volatile @Nullable JournalRecovery recovery;

    /** Who the directory belongs to. */
    public record Identity(String clusterId, int brokerId) {}

    private LogDirectory(LogDirectoryDisk disk, Path root, InstantSource clock, LogDirectoryClaim claim) {
        this.disk = disk;
        this.root = root;
        this.clock = clock;
        this.claim = claim;
        this.places = new LogPlaces(disk, root);
        this.cleanShutdown = new CleanShutdownNote(disk, root);
        this.bootNote = new BootNote(disk, root);
    }

    /** Opens a directory that keeps nothing back of its disk. */
    public static LogDirectory open(Disk disk, Path root, Identity identity, InstantSource clock) {
        return open(disk, root, identity, NO_RESERVE, clock);
    }

    /**
     * Claims the directory, which is created when it is missing, finds the logs in it and removes what an interrupted
     * deletion left.
     *
     * @param minFreeBytes logs of records do not take the last so many bytes of the file system, see {@link FreeSpace}
     * @throws DiskFailedException when its disk does not do what it must
     * @throws StorageException when another process has it open, or it belongs to another cluster or broker
     */
    static LogDirectory open(Disk disk, Path root, Identity identity, long minFreeBytes, InstantSource clock) {
        var space = new FreeSpace(disk, root, minFreeBytes, clock);
        var watched = new LogDirectoryDisk(disk, new LogDirectoryHealth(root), space, false);
        LogDirectoryClaim claim = LogDirectoryClaim.take(watched, root, identity);
        try {
            LogDirectory directory = new LogDirectory(watched, root, clock, claim);
            directory.begin(disk);
            return directory;
        } catch (StorageException e) {
            claim.close();
            throw e;
        }
    }

    private void begin(Disk unwatched) {
        cleanShutdown.remove(unwatched);
        unwatched.forceDirectory(root);
        places.scan(unwatched);
    }

    Path root() {
        return root;
    }

    /** Why the directory is offline; empty while its disk works. */
    public Optional<LogDirectoryOfflineException> failure() {
        return disk.health().failure();
    }

    /** Runs once when the directory fails, on the thread that met the failure; must not wait. */
    void onFailure(Runnable callback) {
        disk.health().onFailure(callback);
    }

    /**
     * Whether the directory was found empty and has not been seen to be complete since: the logs of this broker may have been on a disk that
     * was lost, or is not mounted.
     */
    boolean isUnproven() {
        return claim.isUnproven();
    }

    /** No log is missing. */
    void prove() {
        claim.prove();
    }

    /** How many bytes were read from logs here since the directory was opened. */
    long readBytes() {
        return disk.health().readBytes();
    }

    /** The logs that lie here, open or not. */
    List<LogId> found() {
        return places.found();
    }

    boolean holds(LogId id) {
        return places.holds(id);
    }

    /** Has logs with {@link FlushPolicy#JOURNAL} write ahead in a journal, which outlives this directory. Before any log is opened. */
    void use(Journal newJournal, JournalRecovery newRecovery) {
        journal = newJournal;
        recovery = newRecovery;
    }

    /** A log that the journal tells of is to lie here, in a directory that did not survive. */
    void expect(LogId id, String directoryName) {
        places.expect(id, directoryName);
    }

    /**
     * Opens all logs, as many at a time as there are processors. A damaged one is left out and listed by
     * {@link #offline}.
     *
     * @return the logs that are open now
     */
    public List<LogId> openAll(Function<LogId, LogConfiguration> configurations) {
        new StartRecovery(Runtime.getRuntime().availableProcessors(), line -> LOGGER.log(INFO, () -> line))
                .run(List.of(recovery(configurations)));
        return openLogs();
    }

    /** Opening what lies here, as a part of a start. */
    StartRecovery.Work recovery(Function<LogId, LogConfiguration> configurations) {
        List<LogId> missing =
                places.found().stream().filter(id -> !logs.containsKey(id)).toList();
        return new StartRecovery.Work(
                root, missing, id -> recoverOne(id, configurations.apply(id)), disk.health()::readBytes);
    }

    List<LogId> openLogs() {
        return List.copyOf(logs.keySet());
    }

    private void recoverOne(LogId id, LogConfiguration configuration) {
        LogFiles files = places.files(id);
        try {
            JournalRecovery present = recovery;
            if (present != null) {
                present.recover(
                        id, files, configuration, cleanShutdown.brokerEpoch().isPresent());
            }
            logs.put(id, PartitionLog.open(files, configuration, clock, new LogHome(id, journal)));
        } catch (StorageException e) {
            offline.put(id, e);
            if (failure().isEmpty()) {
                LOGGER.log(ERROR, () -> files.directory() + " cannot be used as it is: " + e.getMessage());
            }
        }
    }

    /** An open log. */
    public Optional<PartitionLog> log(LogId id) {
        return Optional.ofNullable(logs.get(id));
    }

    int logCount() {
        return places.count();
    }

    /**
     * Opens a log that is not there yet, or returns it. The topic's name makes the directory readable and nothing else.
     *
     * @throws CorruptLogException when the log is there and damaged
     */
    public synchronized PartitionLog create(LogId id, String topicName, LogConfiguration configuration) {
        PartitionLog present = logs.get(id);
        if (present != null && failure().isEmpty()) {
            return present;
        }
        claim.ensureKept();
        // Noted before the first byte is written.
        LogFiles files = places.take(id, topicName);
        forgetEarlierLife(id);
        return keep(id, PartitionLog.open(files, configuration, clock, new LogHome(id, journal)));
    }

    private PartitionLog keep(LogId id, PartitionLog log) {
        offline.remove(id);
        logs.put(id, log);
        return log;
    }

    /** The journal must know of the deletion before it hears of another log with the same id. */
    private void forgetEarlierLife(LogId id) {
        Journal present = journal;
        if (present != null && (deleted.contains(id) || deleted.size() > DELETED_MAX)) {
            present.sync();
            deleted.clear();
        }
    }

    /**
     * Checks a log from its beginning, cuts it where its whole part ends, and opens it. Its replica may not lead before it has caught up. Whoever
     * had it open must have let go of it.
     */
    public synchronized PartitionLog repair(LogId id, LogConfiguration configuration) {
        LogFiles files = places.files(id);
        letGo(id);
        claim.ensureKept();
        PartitionLog log = PartitionLog.repair(files, configuration, clock, new LogHome(id, journal));
        return keepAnew(id, log);
    }

    /** Opens a log that was open and failed. Whoever had it open must have let go of it. */
    synchronized PartitionLog reopen(LogId id, LogConfiguration configuration) {
        LogFiles files = places.files(id);
        letGo(id);
        claim.ensureKept();
        PartitionLog log = PartitionLog.open(files, configuration, clock, new LogHome(id, journal));
        return keepAnew(id, log);
    }

    private PartitionLog keepAnew(LogId id, PartitionLog log) {
        try {
            log.settleAnew();
        } catch (StorageException e) {
            log.abandon();
            throw e;
        }
        return keep(id, log);
    }

    private void letGo(LogId id) {
        PartitionLog present = logs.remove(id);
        if (present != null) {
            present.abandon();
        }
    }

    /** Closes and removes a log, damaged or not; nothing happens when it is missing. The owner's thread. */
    public synchronized void delete(LogId id) {
        PartitionLog log = logs.remove(id);
        offline.remove(id);
        if (log != null) {
            deleted.add(id);
            log.delete();
        } else {
            places.delete(id);
        }
        // Only now: one that could not be deleted still lies here.
        places.forget(id);
    }

    /** How far the files of a log reach, by their names and sizes. */
    LogReach reach(LogId id) {
        return places.reach(id);
    }

    /** Has a log that is not open refused until it is repaired. */
    void suspect(LogId id, String why) {
        places.files(id).suspect(why);
    }

    /** Gives a log that is not open a name under which no log is found. */
    Path putAside(LogId id) {
        return places.putAside(id);
    }

    /** The logs that are there and could not be opened, with the reason. */
    public Map<LogId, StorageException> offline() {
        return Map.copyOf(offline);
    }

    /** Notes where every log stands, see {@link PartitionLog#checkpoint}. Call it every few seconds. */
    public void checkpointAll() {
        for (PartitionLog log : logs.values()) {
            if (failure().isPresent()) {
                return;
            }
            try {
                log.checkpoint();
            } catch (StorageException e) {
                LOGGER.log(WARNING, () -> "A log in " + root + " keeps its old checkpoint: " + e.getMessage());
            }
        }
    }

    /** The broker epoch of the last clean shutdown; empty after anything else (KIP-966). */
    public OptionalLong cleanShutdownEpoch() {
        return cleanShutdown.brokerEpoch();
    }

    /** Whether nothing that was written can be missing, see {@link LogDirectories#isSameBoot}. */
    boolean isSameBoot() {
        return bootNote.isOfThisBoot();
    }

    synchronized void settleStart() {
        bootNote.write();
    }

    /** Closes all logs and, if all were whole, leaves a mark with the broker epoch. Their owners have stopped. */
    public synchronized void shutDown(long brokerEpoch) {
        boolean whole = offline.isEmpty() && failure().isEmpty() && closeLogs();
        if (whole) {
            cleanShutdown.write(brokerEpoch);
        }
        close();
    }

    /** Closes all logs, if they are open, without a mark. Their owners have stopped. */
    @Override
    public synchronized void close() {
        closeLogs();
        claim.close();
    }

    private boolean closeLogs() {
        List<PartitionLog> closing = List.copyOf(logs.values());
        logs.clear();
        return LogClosing.closeAll(closing, this::close);
    }

    private boolean close(PartitionLog log) {
        if (failure().isEmpty()) {
            return log.closeCleanly();
        }
        log.abandon();
        return false;
    }
}
