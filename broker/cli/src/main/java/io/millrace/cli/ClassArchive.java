package io.millrace.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file with what the JVM makes of a broker's classes when it loads them, which spares the next start most of that work. It fits one JVM
 * and one class path only, so it is made on the user's machine.
 *
 * <p>The start script names it by properties, looks for it and gives it to the JVM; this process sees to it that the next start finds one that
 * fits. Thread-safe.
 *
 * <pre>
 * lib/classes-KEY-SIZE.jsa    KEY stands for the installation and its JVM; the script trusts a file only where it has this SIZE
 *   [ what the JVM wrote ][ 8 bytes: checksum of that and of what it was made for ]
 * </pre>
 */
final class ClassArchive {
    /** The path of the archive to make, up to its size; absent where the command was not started by its script, or is to use none. */
    static final String PROPERTY = "millrace.class.archive";

    /** The archive that the script has given to the JVM; absent where it found none. */
    static final String USED_PROPERTY = "millrace.class.archive.used";

    private static final String SUFFIX = ".jsa";
    private static final int CHECKSUM_BYTES = Long.BYTES;
    private static final int READ_BYTES = 1 << 16;

    private final Path prefix;
    private final @Nullable Path used;

    ClassArchive(Path prefix, @Nullable Path used) {
        this.prefix = prefix;
        this.used = used;
    }

    static Optional<ClassArchive> ofThisProcess() {
        String used = System.getProperty(USED_PROPERTY);
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(prefix -> new ClassArchive(Path.of(prefix), used == null ? null : Path.of(used)));
    }

    /** Whether this process was given an archive that is whole and was made for this JVM and class path. */
    boolean isFit() {
        return used != null && isFit(used);
    }

    static boolean isFit(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            long contentBytes = Files.size(file) - CHECKSUM_BYTES;
            if (contentBytes <= 0) {
                return false;
            }
            long expected = checksum(in, contentBytes);
            return Arrays.equals(in.readNBytes(CHECKSUM_BYTES), bytes(expected));
        } catch (IOException unreadable) { // made again, which tells what is wrong with the folder
            return false;
        }
    }

    /** A file beside the archive, for work on it. */
    Path beside(String suffix) {
        return prefix.resolveSibling(prefix.getFileName() + suffix);
    }

    /** Seals what the JVM has written, puts it where the script looks, and removes what was there before. */
    Path install(Path written) throws IOException {
        // The JVM takes away the right to write.
        if (!written.toFile().setWritable(true, true)) {
            throw new IOException("cannot write " + written);
        }
        long checksum;
        try (InputStream in = Files.newInputStream(written)) {
            checksum = checksum(in, Files.size(written));
        }
        try (FileChannel file = FileChannel.open(written, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            file.write(ByteBuffer.wrap(bytes(checksum)));
            // On the medium before it has its name: the JVM dies of a file that a power failure has cut.
            file.force(true);
        }
        Path target = beside("-" + Files.size(written) + SUFFIX);
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
        deleteOthers("-*" + SUFFIX, target);
        return target;
    }

    /** Deletes the files beside the archive that match, but for one. */
    void deleteOthers(String pattern, Path kept) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(), prefix.getFileName() + pattern)) {
            for (Path file : files) {
                if (!file.equals(kept)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    Path folder() {
        return Objects.requireNonNull(prefix.toAbsolutePath().getParent(), () -> prefix + " has no folder");
    }

    private static byte[] bytes(long checksum) {
        return ByteBuffer.allocate(CHECKSUM_BYTES).putLong(checksum).array();
    }

    private static long checksum(InputStream in, long bytes) throws IOException {
        var checksum = new CRC32C();
        checksum.update(madeFor().getBytes(StandardCharsets.UTF_8));
        var buffer = new byte[READ_BYTES];
        long left = bytes;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                break;
            }
            checksum.update(buffer, 0, read);
            left -= read;
        }
        return checksum.getValue();
    }

    /** What the JVM compares before it uses an archive: itself, and the jars with their sizes and times. */
    private static String madeFor() throws IOException {
        var parts = new StringBuilder();
        for (String property : new String[] {"java.home", "java.vm.name", "java.vm.vendor", "java.vm.version"}) {
            parts.append(System.getProperty(property)).append('\n');
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path file = Path.of(entry);
            parts.append(entry);
            if (Files.exists(file)) {
                parts.append(' ').append(Files.size(file)).append(' ').append(Files.getLastModifiedTime(file));
            }
            parts.append('\n');
        }
        return parts.toString();
    }
}
