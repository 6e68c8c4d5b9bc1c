package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * One open file of a {@link Disk}.
 *
 * <p>Safe for one writing and many reading threads. Every method throws {@link StorageException} when the disk fails.
 */
public interface DiskFile extends AutoCloseable {

    long size();

    /** Writes all remaining bytes of all sources at a position and moves the sources' positions to their limits. */
    void write(ByteBuffer[] sources, long position);

    /**
     * Reads from a position until the target is full or the file ends.
     *
     * @return how many bytes were read
     */
    int read(ByteBuffer target, long position);

    void truncate(long size);

    /** Returns when all that was written is on the medium. */
    void force();

    /** What the operating system can send from without a copy; empty where there is no such thing. */
    Optional<FileChannel> channel();

    @Override
    void close();
}
