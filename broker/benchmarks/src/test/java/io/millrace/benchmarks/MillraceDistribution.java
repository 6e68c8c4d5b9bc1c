package io.millrace.benchmarks;

import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The distribution archive, unpacked, and started once: what a user has on the second day. */
final class MillraceDistribution {
    private static final long UNPACK_MAX_SECONDS = 60;
    private static final Duration FIRST_START_MAX = Duration.ofSeconds(120);

    private MillraceDistribution() {}

    /** Unpacks it; answers its folder. */
    static Path unpack(Path archive, Path directory) throws IOException {
        Files.createDirectories(directory);
        Process tar = new ProcessBuilder(
                        List.of("tar", "-xzf", archive.toString(), "--strip-components=1", "-C", directory.toString()))
                .inheritIO()
                .start();
        try {
            if (!tar.waitFor(UNPACK_MAX_SECONDS, TimeUnit.SECONDS) || tar.exitValue() != 0) {
                throw new IOException("cannot unpack " + archive + " to " + directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking " + archive, e);
        }
        return directory;
    }

    /** The first start of a broker, and its end when it has made the class archive that later starts use. */
    static void startOnce(FigurePeer millrace, Path home, Path directory) {
        try (var cluster = FigureCluster.start(millrace, directory, 1)) {
            Wait.until("the first start makes a class archive in " + home, FIRST_START_MAX, () -> {
                if (!cluster.isAlive(1)) {
                    throw new IllegalStateException("the first broker ended; its output is in " + directory);
                }
                return hasClassArchive(home.resolve("lib"));
            });
        }
    }

    private static boolean hasClassArchive(Path folder) {
        try (DirectoryStream<Path> archives = Files.newDirectoryStream(folder, "classes-*.jsa")) {
            return archives.iterator().hasNext();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }
}
