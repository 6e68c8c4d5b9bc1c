package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.CorruptLogException;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogId;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The logs of whole replicas in the broker's log directories. Thread-safe, as those are; the logs of one replica are opened by one thread. */
final class ReplicaLogs {
    private static final System.Logger LOGGER = System.getLogger(ReplicaLogs.class.getName());

    private final LogDirectories directories;
    private final BiFunction<TopicImage, LogKind, LogConfiguration> configurations;

    /** @param configurations how a topic's configuration and the broker's defaults make the rules of a log */
    ReplicaLogs(LogDirectories directories, BiFunction<TopicImage, LogKind, LogConfiguration> configurations) {
        this.directories = directories;
        this.configurations = configurations;
    }

    static LogId logId(PartitionKey key, LogKind kind) {
        return new LogId(key.topicId(), key.partition(), kind == LogKind.DATA ? LogId.Kind.DATA : LogId.Kind.CURSOR);
    }

    private static List<LogKind> kindsOf(TopicImage topic) {
        return topic.hasCursors() ? List.of(LogKind.DATA, LogKind.CURSOR) : List.of(LogKind.DATA);
    }

    static boolean areAllOf(TopicImage topic, Set<LogKind> kinds) {
        return kinds.containsAll(kindsOf(topic));
    }

    LogConfiguration configuration(TopicImage topic, LogKind kind) {
        return configurations.apply(topic, kind);
    }

    /** Opens the logs of a replica, and creates them where they are missing. */
    Map<LogKind, PartitionLog> open(PartitionKey key, TopicImage topic) {
        var opened = new EnumMap<LogKind, PartitionLog>(LogKind.class);
        for (LogKind kind : kindsOf(topic)) {
            opened.put(kind, create(key, topic, kind));
        }
        return opened;
    }

    private PartitionLog create(PartitionKey key, TopicImage topic, LogKind kind) {
        return directories.create(logId(key, kind), topic.name(), configuration(topic, kind));
    }

    /** Opens the logs of a replica that has let go of them; cuts damaged ones, so the replica must not lead before it has caught up. */
    Map<LogKind, PartitionLog> restore(PartitionKey key, TopicImage topic, boolean damaged) {
        var opened = new EnumMap<LogKind, PartitionLog>(LogKind.class);
        for (LogKind kind : kindsOf(topic)) {
            LogId id = logId(key, kind);
            opened.put(kind, directories.holds(id) ? reopen(id, topic, kind, damaged) : create(key, topic, kind));
        }
        return opened;
    }

    private PartitionLog reopen(LogId id, TopicImage topic, LogKind kind, boolean damaged) {
        LogConfiguration configuration = configuration(topic, kind);
        try {
            return directories.reopen(id, damaged, configuration);
        } catch (CorruptLogException e) {
            return directories.reopen(id, true, configuration);
        }
    }

    /**
     * A log of an earlier life of this broker that is nowhere is lost, not new: without it, the replica may lack what was committed.
     *
     * @throws StorageException when it is
     */
    void checkThatNothingIsMissing(PartitionKey key, TopicImage topic, PartitionState state, int brokerId) {
        boolean isLast = LostReplicas.isLast(state, brokerId);
        // The last replica of a partition may also have ended before it had written anything.
        boolean mustBeThere = LostReplicas.isNamed(state, brokerId) && (!isLast || directories.mayLackLogs());
        // One that need not be there is not begun anew either while it may lie in a directory that is offline.
        if ((mustBeThere && isMissing(key, topic)) || isOffline(key, topic)) {
            throw new StorageException("its log is in none of the log directories that can be used");
        }
    }

    private boolean isMissing(PartitionKey key, TopicImage topic) {
        return !kindsOf(topic).stream().allMatch(kind -> directories.holds(logId(key, kind)));
    }

    /** Whether a log of the replica lies in a directory that is offline, or may do so. */
    boolean isOffline(PartitionKey key, TopicImage topic) {
        return kindsOf(topic).stream().anyMatch(kind -> directories.isOffline(logId(key, kind)));
    }

    void delete(PartitionKey key) {
        for (LogKind kind : LogKind.values()) {
            try {
                directories.delete(logId(key, kind));
            } catch (StorageException e) {
                LOGGER.log(
                        Level.WARNING,
                        () -> "The log " + kind + " of the deleted partition " + key + " stays on disk: "
                                + e.getMessage());
            }
        }
    }
}
