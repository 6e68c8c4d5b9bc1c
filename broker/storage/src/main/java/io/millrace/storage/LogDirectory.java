package io.millrace.storage;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;

/**
 * The directory in which a broker keeps its logs.
 *
 * <p>Safe for threads; the logs in it belong to their owners.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class LogDirectory implements AutoCloseable {

    private LogDirectory() {}

    /** Which log of which partition. */
    public record LogId(UUID topicId, int partition, Kind kind) {}

    /** A partition's records, or what the consumers of its queue did with them. */
    public enum Kind {
        DATA,
        CURSOR
    }

    /** Who the directory belongs to. */
    public record Identity(String clusterId, int brokerId) {}

    /** Locks the directory, checks whose it is and removes what an interrupted deletion left. */
    public static LogDirectory open(Disk disk, Path root, Identity identity, InstantSource clock) {
        throw new UnsupportedOperationException();
    }

    /** Opens all logs, several at a time. A damaged one is left out and listed by {@link #offline}. */
    public List<LogId> openAll(Function<LogId, LogConfiguration> configurations) {
        throw new UnsupportedOperationException();
    }

    public Optional<PartitionLog> log(LogId id) {
        throw new UnsupportedOperationException();
    }

    /** Opens a log that is not there yet, or returns it. The name makes the directory readable and nothing else. */
    public PartitionLog create(LogId id, String topicName, LogConfiguration configuration) {
        throw new UnsupportedOperationException();
    }

    /** Closes and removes a log; nothing happens when it is missing. */
    public void delete(LogId id) {
        throw new UnsupportedOperationException();
    }

    public List<LogId> offline() {
        throw new UnsupportedOperationException();
    }

    /** The broker epoch of the last clean shutdown; empty after anything else (KIP-966). */
    public OptionalLong cleanShutdownEpoch() {
        throw new UnsupportedOperationException();
    }

    /** Closes all logs and leaves a mark with the broker epoch. */
    public void shutDown(long brokerEpoch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
