package io.millrace.storage;

import static java.lang.System.Logger.Level.INFO;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where each log of one directory lies, whether it is open or not.
 *
 * <p>Safe for threads.
 */
final class LogPlaces {

    private static final System.Logger LOGGER = System.getLogger(LogPlaces.class.getName());

    private static final String INTERNAL_TOPIC_PREFIX = "__";

    private final LogDirectoryDisk disk;
    private final Path root;
    private final Map<LogId, Path> places = new ConcurrentHashMap<>();

    LogPlaces(LogDirectoryDisk disk, Path root) {
        this.disk = disk;
        this.root = root;
    }

    /** Finds the logs that lie here, and finishes deletions that were interrupted. */
    void scan(Disk unwatched) {
        for (String name : unwatched.list(root)) {
            if (name.endsWith(LogFiles.DELETED)) {
                LOGGER.log(INFO, () -> "Removing " + root.resolve(name) + ", whose deletion was interrupted");
                unwatched.delete(root.resolve(name));
            } else {
                LogId.ofDirectory(name).ifPresent(id -> places.put(id, root.resolve(name)));
            }
        }
    }

    List<LogId> found() {
        return List.copyOf(places.keySet());
    }

    boolean holds(LogId id) {
        return places.containsKey(id);
    }

    int count() {
        return places.size();
    }

    /** A log is to lie here that is not here. */
    void expect(LogId id, String directoryName) {
        places.putIfAbsent(id, root.resolve(directoryName));
    }

    /** The files of a log that may be new: what a failure leaves of it must not be begun again elsewhere. */
    LogFiles take(LogId id, String topicName) {
        expect(id, id.directoryName(topicName));
        return files(id);
    }

    /** The files of a log that lies here. */
    LogFiles files(LogId id) {
        Path directory = placeOf(id);
        return new LogFiles(diskOf(id, directory), directory);
    }

    private Path placeOf(LogId id) {
        Path place = places.get(id);
        if (place == null) {
            throw new StorageException("There is no log " + id + " in " + root);
        }
        return place;
    }

    /** Where the last bytes of the disk would be missed most, a log may take them. */
    private Disk diskOf(LogId id, Path directory) {
        boolean privileged = id.kind() == LogId.Kind.CURSOR
                || String.valueOf(directory.getFileName()).startsWith(INTERNAL_TOPIC_PREFIX);
        return privileged ? disk.forPrivileged() : disk;
    }

    /** How far the files of a log reach, by their names and sizes. */
    LogReach reach(LogId id) {
        return LogReach.of(disk, placeOf(id));
    }

    /** Gives a log that is not open a name under which no log is found. */
    Path putAside(LogId id) {
        Path directory = placeOf(id);
        Path aside = directory.resolveSibling(directory.getFileName() + LogFiles.SUPERSEDED);
        if (disk.exists(aside)) {
            disk.delete(aside);
        }
        disk.move(directory, aside);
        forget(id);
        return aside;
    }

    /** Removes the files of a log that is not open; nothing happens when there are none. */
    void delete(LogId id) {
        Path directory = places.get(id);
        if (directory != null && disk.exists(directory)) {
            Path doomed = directory.resolveSibling(directory.getFileName() + LogFiles.DELETED);
            disk.move(directory, doomed);
            disk.delete(doomed);
        }
    }

    /** The log lies here no more. */
    void forget(LogId id) {
        places.remove(id);
    }
}
