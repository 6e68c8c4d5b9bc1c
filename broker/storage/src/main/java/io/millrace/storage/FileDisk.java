package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The disk of the operating system. Safe for threads. */
public final class FileDisk implements Disk {

    static final String TEMPORARY_SUFFIX = ".tmp";

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    @Override
    public void createDirectory(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw failed("create the directory", directory, e);
        }
    }

    @Override
    public List<String> list(Path directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
            return names;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failed("list", directory, e);
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public DiskFile open(Path file) {
        try {
            return ChannelFile.open(file);
        } catch (IOException e) {
            throw failed("open", file, e);
        }
    }

    @Override
    public byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    @Override
    public void replace(Path file, byte[] contents, boolean forced) {
        Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer source = ByteBuffer.wrap(contents);
            while (source.hasRemaining()) {
                channel.write(source);
            }
            if (forced) {
                channel.force(true);
            }
        } catch (IOException e) {
            throw notWritten(temporary, e);
        }
        move(temporary, file);
        if (forced) {
            forceDirectory(parentOf(file));
        }
    }

    /** On a full disk a part of a file takes room that others need. */
    private static StorageException notWritten(Path temporary, IOException cause) {
        StorageException failure = failed("write", temporary, cause);
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    @Override
    public long usableBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw failed("ask for the free bytes of", directory, e);
        }
    }

    @Override
    public Optional<String> bootId() {
        if (!Files.isReadable(BOOT_ID)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(BOOT_ID).strip()).filter(id -> !id.isEmpty());
        } catch (IOException e) {
            throw failed("read", BOOT_ID, e);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            if (Files.isDirectory(path)) {
                for (String name : list(path)) {
                    delete(path.resolve(name));
                }
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed("delete", path, e);
        }
    }

    @Override
    public void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed("rename to " + to.getFileName(), from, e);
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw IoFailures.ofForce(directory, e);
        }
    }

    @Override
    public Lock lock(Path file) {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new StorageException(
                        file + " is locked: another broker uses this directory; give each broker one of its own");
            }
            return () -> unlock(file, channel);
        } catch (IOException e) {
            throw failed("lock", file, e);
        }
    }

    @SuppressWarnings("NullAway") // null says that the lock is taken, as FileChannel itself has it
    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void unlock(Path file, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed("unlock", file, e);
        }
    }

    private static Path parentOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no directory");
        }
        return parent;
    }

    static StorageException failed(String what, Path path, IOException cause) {
        return IoFailures.of(what, path, cause);
    }
}
