package io.millrace.storage;

import static io.millrace.storage.KeyedSamples.put;

import io.millrace.storage.compaction.CompactionConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A compacted log on a disk in memory, and the one who cleans it. */
final class CompactedTable {
    static final Path DIRECTORY = Path.of("/logs/table-0");
    static final long DELETE_RETENTION_MS = 1_000;
    static final CompactionConfiguration COMPACTED =
            new CompactionConfiguration(true, 0, 0, Long.MAX_VALUE, DELETE_RETENTION_MS);
    static final LogConfiguration SMALL = LogConfiguration.DEFAULT
            .withSegmentBytes(400)
            .withIndex(100, 1024 * 1024)
            .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED)
            .withCompaction(COMPACTED);

    final InMemoryDisk disk = new InMemoryDisk();
    final ManualTime clock = new ManualTime(10_000);
    /** Damage that the cleaner has told of. */
    final List<CorruptLogException> heardOf = new ArrayList<>();

    PartitionLog open(LogConfiguration configuration) {
        return PartitionLog.open(disk, DIRECTORY, configuration, clock);
    }

    boolean clean(PartitionLog log) {
        return clean(log, CleanerConfiguration.DEFAULT.dedupeBufferBytes());
    }

    boolean clean(PartitionLog log, long mapBytes) {
        return cleaner(log, mapBytes).cleanOne();
    }

    LogCleaner cleaner(PartitionLog log, long mapBytes) {
        var configuration = new CleanerConfiguration(mapBytes, Double.MAX_VALUE, 1);
        var logs = List.of(new CleanableLog("table-0", log, Runnable::run, heardOf::add));
        return new LogCleaner(configuration, () -> logs, clock);
    }

    static void commit(PartitionLog log) {
        log.updateHighWatermark(log.logEndOffset());
    }

    /** A log of ten keys, each written so many times, all sealed and committed. */
    PartitionLog filled(int rounds) {
        PartitionLog log = open(SMALL);
        for (int i = 0; i < 10 * rounds; i++) {
            put(log, "k" + i % 10 + "=" + i);
        }
        seal(log);
        return log;
    }

    /** Puts an end to the last segment, so that all before the last record can be cleaned. */
    static void seal(PartitionLog log) {
        log.reconfigure(SMALL.withSegmentBytes(1));
        put(log, "last=" + log.logEndOffset());
        log.reconfigure(SMALL);
        commit(log);
    }

    static List<String> segmentFiles(InMemoryDisk disk) {
        return disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".log"))
                .toList();
    }
}
