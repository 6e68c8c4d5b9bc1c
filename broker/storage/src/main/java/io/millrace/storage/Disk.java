package io.millrace.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files that logs live in: the boundary at which tests replace the disk and make it fail.
 *
 * <p>Safe for threads as long as no two of them change the same path. Every method throws {@link DiskFailedException} when
 * the disk fails, {@link DiskFullException} when it has no room, and another {@link StorageException} when it is not to
 * blame.
 */
public interface Disk {

    /** Creates a directory and those above it; nothing happens when it exists. */
    void createDirectory(Path directory);

    /** Names of the files and directories in a directory, in no order. Empty when it does not exist. */
    List<String> list(Path directory);

    boolean exists(Path path);

    /** Opens a file for reading and writing at any place and creates it, empty, when it is missing. */
    DiskFile open(Path file);

    /** The whole contents of a small file. */
    byte[] read(Path file);

    /**
     * Makes a small file have new contents, or keep its old ones when the process dies meanwhile.
     *
     * @param forced whether that holds for the loss of power, too, and the new contents are on the medium afterwards
     */
    void replace(Path file, byte[] contents, boolean forced);

    /** How many bytes may still be written to the file system that holds a directory. */
    long usableBytes(Path directory);

    /** Removes a file, or a directory with all that it holds; nothing happens when it is missing. Open files stay usable. */
    void delete(Path path);

    /** Renames a file or a directory within one file system, in one step. */
    void move(Path from, Path to);

    /** Makes names that were created, removed or renamed in a directory survive the loss of power. */
    void forceDirectory(Path directory);

    /**
     * Names the time that the machine has been up, where it does: what was written since it came up, forced or not, can still be read.
     */
    Optional<String> bootId();

    /**
     * Takes a lock on a file that no other process, nor this one, can take until it is closed.
     *
     * @throws StorageException when it is taken
     */
    Lock lock(Path file);

    /** A lock that is held until it is closed. */
    interface Lock extends AutoCloseable {
        @Override
        void close();
    }
}
