package io.millrace.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A note in a log directory that names the boot of the machine in which nothing was missing there, or the cluster knew what was. In the same boot
 * nothing that was written since can be missing, however processes have ended.
 *
 * <p>Guarded by its directory.
 */
final class BootNote {
    private static final String FILE = "settled-boot";
    private static final int MAGIC = 0x4D425431;

    private final Disk disk;
    private final Path file;
    private final boolean isOfThisBoot;

    BootNote(Disk disk, Path root) {
        this.disk = disk;
        this.file = root.resolve(FILE);
        Optional<String> noted = ChecksummedFile.read(disk, file, MAGIC)
                .map(contents -> StandardCharsets.UTF_8.decode(contents).toString());
        this.isOfThisBoot = noted.isPresent() && noted.equals(disk.bootId());
    }

    /** Whether the directory, as it was found, bore the note of the present boot. */
    boolean isOfThisBoot() {
        return isOfThisBoot;
    }

    /** Notes the present boot, if it has a name. The note need not be forced: after a loss of power the next boot has another name. */
    void write() {
        disk.bootId()
                .map(StandardCharsets.UTF_8::encode)
                .ifPresent(boot -> ChecksummedFile.write(disk, file, MAGIC, boot, false));
    }
}
