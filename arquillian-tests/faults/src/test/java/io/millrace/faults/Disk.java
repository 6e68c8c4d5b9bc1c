package io.millrace.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A broker's disk: a small ext4 file system in a file where root may mount it, or else a plain folder.
 *
 * <p>Owned by the test's thread.
 */
final class Disk {
    private static final String SIZE = "512M";
    private static final int BLOCK = 1 << 20;

    private final Path image;
    private final Path mountPoint;
    private final boolean isMounted;

    private Disk(Path image, Path mountPoint, boolean isMounted) {
        this.image = image;
        this.mountPoint = mountPoint;
        this.isMounted = isMounted;
    }

    static Disk make(Path directory, String name, Cleanup cleanup) {
        var disk = new Disk(
                directory.resolve(name + ".img"),
                directory.resolve(name),
                Tools.withoutDisks().isEmpty());
        try {
            Files.createDirectories(disk.mountPoint);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + disk.mountPoint, e);
        }
        if (disk.isMounted) {
            Tools.run("truncate", "-s", SIZE, disk.image.toString());
            Tools.run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1", disk.image.toString());
            disk.mount();
            cleanup.add("mount " + disk.mountPoint, disk::discard);
        }
        return disk;
    }

    Path data() {
        return mountPoint.resolve("data");
    }

    private void mount() {
        // A commit of ext4's own journal each 5 s would make most data safe behind the broker's back.
        Tools.run("mount", "-o", "loop,commit=300", image.toString(), mountPoint.toString());
    }

    private void unmount() {
        Tools.run("umount", mountPoint.toString());
    }

    private void discard() {
        unmount();
        try {
            Files.delete(image);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + image, e);
        }
    }

    /** Nothing that was not synced survives; nobody may have a file open there when it is mounted anew. */
    void losePower(Path powerLoss) {
        Tools.run(powerLoss.toString(), mountPoint.toString());
    }

    void mountAnew() {
        unmount();
        mount();
        // The deletion of the filler may not have been synced: it comes back with the power.
        free();
    }

    /** Writes until there is no room. */
    void fill() {
        try (var channel = FileChannel.open(filler(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int size = BLOCK; size >= 512; size /= 8) {
                writeAll(channel, size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot fill " + mountPoint, e);
        }
    }

    private static void writeAll(FileChannel channel, int size) {
        try {
            while (channel.size() < 2L << 30) {
                channel.write(ByteBuffer.allocate(size));
            }
        } catch (IOException ignored) { // full, which is what is wanted
            return;
        }
    }

    void free() {
        try {
            if (Files.exists(filler())) {
                try (var file = new RandomAccessFile(filler().toFile(), "rw")) {
                    file.setLength(0);
                }
                Files.delete(filler());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot free " + mountPoint, e);
        }
    }

    private Path filler() {
        return mountPoint.resolve("filler");
    }
}
