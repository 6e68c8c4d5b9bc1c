package io.millrace.replication;

import io.millrace.record.InvalidRecordException;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.storage.DiskFullException;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/**
 * The logs of a partition while its replica follows, and what becomes of it when its leader or its disk does not do what it must.
 *
 * <p>Owned by the partition's loop.
 */
final class FollowedLogs {
    private final String partition;
    private final Map<LogKind, FollowedLog> logs = new EnumMap<>(LogKind.class);
    private final ReplicaRole role;
    private final Loop loop;
    private final LogPauses notices;

    /**
     * @param partition its name, for people
     * @param notices of the partition
     */
    FollowedLogs(String partition, Collection<ReplicaLog> logs, ReplicaRole role, Loop loop, LogPauses notices) {
        this.partition = partition;
        logs.forEach(log -> this.logs.put(log.kind(), new FollowedLog(partition, log)));
        this.role = role;
        this.loop = loop;
        this.notices = notices;
    }

    /** More of a log is durable. */
    void onDurable(LogKind kind) {
        FollowedLog log = logs.get(kind);
        if (log == null) {
            return;
        }
        try {
            log.onDurable();
        } catch (DiskFullException e) {
            notices.log(
                    Level.WARNING, loop.nowMs(), () -> "Partition " + partition + " keeps records: " + e.getMessage());
        } catch (StorageException e) {
            role.goOffline(e);
        }
    }

    /** See {@link Partition#onFetched}. */
    boolean onFetched(FetchedLog fetched, int leaderEpoch) {
        FollowedLog log = logs.get(fetched.kind());
        if (log == null) {
            return true;
        }
        try {
            return log.takeOver(fetched, leaderEpoch);
        } catch (InvalidRecordException e) {
            notices.log(
                    Level.WARNING,
                    loop.nowMs(),
                    () -> "The leader of " + partition + " in epoch " + leaderEpoch
                            + " sent what cannot be appended to "
                            + fetched.kind() + " at offset " + log.logEndOffset()
                            + "; its log may be damaged there. Fetching it again: " + e.getMessage());
            return false;
        } catch (DiskFullException e) {
            notices.log(
                    Level.WARNING,
                    loop.nowMs(),
                    () -> "Partition " + partition + " stays behind its leader until there is room: " + e.getMessage());
            return false;
        } catch (StorageException e) {
            role.goOffline(e);
            return true;
        }
    }
}
