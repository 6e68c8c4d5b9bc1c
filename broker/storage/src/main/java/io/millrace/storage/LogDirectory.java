package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The directory in which a broker keeps its logs.
 *
 * <p>Safe for threads, guarded by itself; the logs in it belong to their owners. Only one process can have it open.
 */
public final class LogDirectory implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(LogDirectory.class.getName());

    private static final String LOCK_FILE = ".lock";
    private static final String CLEAN_SHUTDOWN_FILE = "clean-shutdown";
    private static final int CLEAN_SHUTDOWN_MAGIC = 0x4D435331;

    private final Disk disk;
    private final Path root;
    private final InstantSource clock;
    private final Disk.Lock lock;
    private final OptionalLong cleanShutdownEpoch;

    private final Map<LogId, PartitionLog> logs = new HashMap<>();
    private final Map<LogId, StorageException> offline = new HashMap<>();

    /** Who the directory belongs to. */
    public record Identity(String clusterId, int brokerId) {}

    private LogDirectory(Disk disk, Path root, InstantSource clock, Disk.Lock lock) {
        this.disk = disk;
        this.root = root;
        this.clock = clock;
        this.lock = lock;
        this.cleanShutdownEpoch = ChecksummedFile.read(disk, cleanShutdownFile(), CLEAN_SHUTDOWN_MAGIC)
                .filter(contents -> contents.remaining() == Long.BYTES)
                .map(contents -> OptionalLong.of(contents.getLong()))
                .orElse(OptionalLong.empty());
    }

    /**
     * Locks the directory, which is created when it is missing, checks whose it is and removes what an interrupted
     * deletion left.
     *
     * @throws StorageException when another process has it open, or it belongs to another cluster or broker
     */
    public static LogDirectory open(Disk disk, Path root, Identity identity, InstantSource clock) {
        disk.createDirectory(root);
        Disk.Lock lock = disk.lock(root.resolve(LOCK_FILE));
        try {
            MetaProperties.claim(disk, root, identity);
            LogDirectory directory = new LogDirectory(disk, root, clock, lock);
            directory.begin();
            return directory;
        } catch (StorageException e) {
            lock.close();
            throw e;
        }
    }

    /** From here on the last shutdown is no excuse any more. */
    private void begin() {
        disk.delete(cleanShutdownFile());
        disk.forceDirectory(root);
        for (String name : disk.list(root)) {
            if (name.endsWith(LogFiles.DELETED)) {
                LOGGER.log(INFO, () -> "Removing " + root.resolve(name) + ", whose deletion was interrupted");
                disk.delete(root.resolve(name));
            }
        }
    }

    private Path cleanShutdownFile() {
        return root.resolve(CLEAN_SHUTDOWN_FILE);
    }

    /**
     * Opens all logs, as many at a time as there are processors. A damaged one is left out and listed by
     * {@link #offline}.
     *
     * @return the logs that are open now
     */
    public synchronized List<LogId> openAll(Function<LogId, LogConfiguration> configurations) {
        List<Callable<Void>> openings = new ArrayList<>();
        for (String name : disk.list(root)) {
            LogId.ofDirectory(name)
                    .filter(id -> !logs.containsKey(id))
                    .ifPresent(id -> openings.add(() -> {
                        openOne(id, root.resolve(name), configurations.apply(id));
                        return null;
                    }));
        }
        inParallel("millrace-log-opener", openings);
        return List.copyOf(logs.keySet());
    }

    private void openOne(LogId id, Path directory, LogConfiguration configuration) {
        try {
            PartitionLog log = PartitionLog.open(disk, directory, configuration, clock);
            synchronized (logs) {
                logs.put(id, log);
            }
        } catch (StorageException e) {
            LOGGER.log(ERROR, () -> directory + " stays offline: " + e.getMessage());
            synchronized (logs) {
                offline.put(id, e);
            }
        }
    }

    /** An open log. */
    public synchronized Optional<PartitionLog> log(LogId id) {
        return Optional.ofNullable(logs.get(id));
    }

    /**
     * Opens a log that is not there yet, or returns it. The topic's name makes the directory readable and nothing else.
     *
     * @throws CorruptLogException when the log is there and damaged
     */
    public synchronized PartitionLog create(LogId id, String topicName, LogConfiguration configuration) {
        PartitionLog present = logs.get(id);
        if (present != null) {
            return present;
        }
        Path directory = directoryOf(id).orElse(root.resolve(id.directoryName(topicName)));
        PartitionLog log = PartitionLog.open(disk, directory, configuration, clock);
        offline.remove(id);
        logs.put(id, log);
        return log;
    }

    /** Cuts a damaged log where its whole part ends and opens it. Its replica may not lead before it has caught up. */
    public synchronized PartitionLog repair(LogId id, LogConfiguration configuration) {
        Path directory = directoryOf(id)
                .orElseThrow(() -> new StorageException("There is no log " + id + " in " + root + " to repair"));
        PartitionLog log = PartitionLog.repair(disk, directory, configuration, clock);
        offline.remove(id);
        logs.put(id, log);
        return log;
    }

    private Optional<Path> directoryOf(LogId id) {
        return disk.list(root).stream()
                .filter(name -> LogId.ofDirectory(name).equals(Optional.of(id)))
                .map(root::resolve)
                .findFirst();
    }

    /** Closes and removes a log, damaged or not; nothing happens when it is missing. The owner's thread. */
    public synchronized void delete(LogId id) {
        PartitionLog log = logs.remove(id);
        offline.remove(id);
        if (log != null) {
            log.delete();
            return;
        }
        directoryOf(id).ifPresent(directory -> {
            Path doomed = directory.resolveSibling(directory.getFileName() + LogFiles.DELETED);
            disk.move(directory, doomed);
            disk.delete(doomed);
        });
    }

    /** The logs that are there and could not be opened, with the reason. */
    public synchronized Map<LogId, StorageException> offline() {
        return Map.copyOf(offline);
    }

    /** Notes where every log stands, see {@link PartitionLog#checkpoint}. Call it every few seconds. */
    public void checkpointAll() {
        List<PartitionLog> present;
        synchronized (this) {
            present = List.copyOf(logs.values());
        }
        for (PartitionLog log : present) {
            try {
                log.checkpoint();
            } catch (StorageException e) {
                LOGGER.log(WARNING, () -> "A log in " + root + " keeps its old checkpoint: " + e.getMessage());
            }
        }
    }

    /** The broker epoch of the last clean shutdown; empty after anything else (KIP-966). */
    public OptionalLong cleanShutdownEpoch() {
        return cleanShutdownEpoch;
    }

    /** Closes all logs and, if all were whole, leaves a mark with the broker epoch. Their owners have stopped. */
    public synchronized void shutDown(long brokerEpoch) {
        boolean whole = offline.isEmpty() && closeLogs();
        if (whole) {
            ByteBuffer contents =
                    ByteBuffer.allocate(Long.BYTES).putLong(brokerEpoch).flip();
            ChecksummedFile.write(disk, cleanShutdownFile(), CLEAN_SHUTDOWN_MAGIC, contents, true);
        }
        close();
    }

    /** Closes all logs, if they are open, without a mark. Their owners have stopped. */
    @Override
    public synchronized void close() {
        closeLogs();
        lock.close();
    }

    private boolean closeLogs() {
        List<Callable<Boolean>> closings = new ArrayList<>();
        for (PartitionLog log : logs.values()) {
            closings.add(log::closeCleanly);
        }
        logs.clear();
        return inParallel("millrace-log-closer", closings).stream().allMatch(clean -> clean);
    }

    private static <T> List<T> inParallel(String threadName, List<Callable<T>> tasks) {
        if (tasks.isEmpty()) {
            return List.of();
        }
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(tasks.size(), Runtime.getRuntime().availableProcessors()),
                task -> new Thread(task, threadName));
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("Interrupted while logs were opened or closed", e);
        } catch (ExecutionException e) {
            throw new StorageException("A log could not be opened or closed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
