package io.millrace.storage;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a broker keeps its logs, and how it treats those places.
 *
 * @param roots {@code log.dirs}
 * @param minFreeBytes {@code log.dir.min.free.bytes}: when a directory has less room, records are refused; cursor logs and internal topics
 *     still grow. 0 keeps nothing back
 * @param recoveryThreadsPerDirectory {@code num.recovery.threads.per.data.dir}
 */
public record LogDirectoriesConfiguration(List<Path> roots, long minFreeBytes, int recoveryThreadsPerDirectory) {

    private static final int RECOVERY_THREADS = 2;

    public LogDirectoriesConfiguration {
        roots = List.copyOf(roots);
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("log.dirs is empty; it must name at least one directory");
        }
    }

    /** One directory that keeps nothing back. */
    public static LogDirectoriesConfiguration of(Path... roots) {
        return new LogDirectoriesConfiguration(List.of(roots), LogDirectory.NO_RESERVE, RECOVERY_THREADS);
    }
}
