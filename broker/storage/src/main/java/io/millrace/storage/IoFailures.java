package io.millrace.storage;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What a failure of the operating system's files says about the disk. Pure. */
final class IoFailures {

    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");
    /** Shortages of the process or the machine, which say nothing about the disk. */
    private static final List<String> SHORTAGES = List.of("Too many open files", "Cannot allocate memory");

    private IoFailures() {}

    /** The disk is full, has failed, or is not to blame: an interrupted thread, a file that is not there, no descriptor left. */
    static StorageException of(String what, Path path, IOException cause) {
        String message = "Could not " + what + " " + path + ": " + cause;
        if (saysAnyOf(cause, FULL)) {
            return new DiskFullException(message, cause);
        }
        boolean isBlameless = cause instanceof ClosedChannelException
                || cause instanceof NoSuchFileException
                || saysAnyOf(cause, SHORTAGES);
        return isBlameless ? new StorageException(message, cause) : new DiskFailedException(message, cause);
    }

    /** A force that fails for want of room has lost what it should have kept: no later one tells. */
    static StorageException ofForce(Path path, IOException cause) {
        StorageException failure = of("force", path, cause);
        return failure instanceof DiskFullException
                ? new DiskFailedException(String.valueOf(failure.getMessage()), cause)
                : failure;
    }

    private static boolean saysAnyOf(IOException failure, List<String> texts) {
        String message = String.valueOf(failure.getMessage());
        return texts.stream().anyMatch(message::contains);
    }
}
