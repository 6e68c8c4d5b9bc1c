package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A note in a log directory that the broker has shut down in order, with its epoch (KIP-966). It is gone as soon as the directory is used again.
 *
 * <p>Guarded by its directory.
 */
final class CleanShutdownNote {
    private static final String FILE = "clean-shutdown";
    private static final int MAGIC = 0x4D435331;

    private final Disk disk;
    private final Path file;
    private final OptionalLong brokerEpoch;

    CleanShutdownNote(Disk disk, Path root) {
        this.disk = disk;
        this.file = root.resolve(FILE);
        this.brokerEpoch = ChecksummedFile.read(disk, file, MAGIC)
                .filter(contents -> contents.remaining() == Long.BYTES)
                .map(contents -> OptionalLong.of(contents.getLong()))
                .orElse(OptionalLong.empty());
    }

    /** What the directory, as it was found, told of its last shutdown; empty when that was not in order. */
    OptionalLong brokerEpoch() {
        return brokerEpoch;
    }

    /** From here on the last shutdown is no excuse any more. */
    void remove(Disk unwatched) {
        unwatched.delete(file);
    }

    void write(long epoch) {
        ByteBuffer contents = ByteBuffer.allocate(Long.BYTES).putLong(epoch).flip();
        ChecksummedFile.write(disk, file, MAGIC, contents, true);
    }
}
