package io.millrace.storage;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.OptionalLong;

/**
 * How far the files of a log reach, told without opening it: where its last segment begins, and how long that is. Immutable.
 *
 * @param lastBaseOffset 0 where there is no segment
 */
record LogReach(long lastBaseOffset, long lastSegmentBytes) implements Comparable<LogReach> {

    private static final Comparator<LogReach> ORDER =
            Comparator.comparingLong(LogReach::lastBaseOffset).thenComparingLong(LogReach::lastSegmentBytes);

    static LogReach of(Disk disk, Path directory) {
        long last = -1;
        for (String name : disk.list(directory)) {
            OptionalLong base = LogFiles.offsetIn(name, LogFiles.LOG);
            last = Math.max(last, base.orElse(-1));
        }
        if (last < 0) {
            return new LogReach(0, 0);
        }
        try (DiskFile file = disk.open(new LogFiles(disk, directory).log(last))) {
            return new LogReach(last, file.size());
        }
    }

    /** Whether the log is at its very beginning. */
    boolean isNothing() {
        return lastBaseOffset == 0 && lastSegmentBytes == 0;
    }

    @Override
    public int compareTo(LogReach other) {
        return ORDER.compare(this, other);
    }
}
