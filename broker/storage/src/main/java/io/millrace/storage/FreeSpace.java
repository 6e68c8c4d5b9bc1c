package io.millrace.storage;

import java.nio.file.Path;
import java.time.InstantSource;

/**
 * The room of a log directory, and the part of it that is kept for what must always be written: cursor logs, internal topics, checkpoints.
 *
 * <p>Safe for threads, guarded by itself. The file system is asked now and then; in between, what is written is subtracted.
 */
final class FreeSpace {

    private static final long ASK_MS = 100;

    private final Disk disk;
    private final Path root;
    private final long minFreeBytes;
    private final InstantSource clock;
    private long usableBytes;
    private long askedMs = Long.MIN_VALUE / 2;

    /** @param minFreeBytes {@code log.dir.min.free.bytes}; 0 keeps nothing back */
    FreeSpace(Disk disk, Path root, long minFreeBytes, InstantSource clock) {
        this.disk = disk;
        this.root = root;
        this.minFreeBytes = minFreeBytes;
        this.clock = clock;
    }

    /** @throws DiskFullException when the bytes would take from what is kept back */
    synchronized void take(long bytes) {
        if (minFreeBytes == 0) {
            return;
        }
        long nowMs = clock.millis();
        if (Math.abs(nowMs - askedMs) >= ASK_MS || usableBytes - bytes < minFreeBytes) {
            usableBytes = disk.usableBytes(root);
            askedMs = nowMs;
        }
        if (usableBytes - bytes < minFreeBytes) {
            throw new DiskFullException("The log directory " + root + " has " + usableBytes
                    + " bytes free; to take " + bytes + " more, it needs at least log.dir.min.free.bytes="
                    + minFreeBytes + " besides them");
        }
        usableBytes -= bytes;
    }

    /** A refusal of the file system, with the directory and what it has left. */
    DiskFullException explained(DiskFullException cause) {
        return new DiskFullException(
                "The log directory " + root + " is full; it has " + disk.usableBytes(root) + " bytes free: "
                        + cause.getMessage(),
                cause);
    }
}
