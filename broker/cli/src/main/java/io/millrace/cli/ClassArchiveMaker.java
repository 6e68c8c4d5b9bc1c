package io.millrace.cli;

import static java.lang.System.Logger.Level.INFO;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link ClassArchive}: a process of its own rehearses the life of a broker, and its JVM writes the archive at its end. Whatever goes wrong, the
 * archive is just not there.
 *
 * <p>Used by one thread; {@link #cancel} may come from any.
 */
final class ClassArchiveMaker {
    private static final System.Logger LOGGER = System.getLogger(ClassArchiveMaker.class.getName());
    private static final long REHEARSAL_MAX_SECONDS = 120;
    private static final long CANCEL_MAX_MS = 3_000;

    private final ClassArchive archive;
    private @Nullable Process rehearsal;
    private boolean isCancelled;

    ClassArchiveMaker(ClassArchive archive) {
        this.archive = archive;
    }

    /** Makes the archive of this process in the background where it has none that fits. The end of the process ends that, too. */
    static void renewInBackground() {
        ClassArchive.ofThisProcess().ifPresent(archive -> {
            var maker = new ClassArchiveMaker(archive);
            var thread = new Thread(maker::renew, "millrace-class-archive");
            thread.setDaemon(true);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> maker.cancel(thread), "millrace-class-archive-end"));
            thread.start();
        });
    }

    private void renew() {
        if (archive.isFit()) {
            return;
        }
        try {
            make().ifPresent(made -> LOGGER.log(
                    INFO, () -> "Wrote the class archive " + made + ", with which the next start is faster"));
        } catch (IOException e) {
            if (!isCancelled()) {
                LOGGER.log(INFO, () -> "Starts stay as slow as this one, for there is no class archive: " + e);
            }
        }
    }

    /**
     * Makes the archive, whatever is there.
     *
     * @return the archive; empty where another process makes it just now, or this was cancelled
     * @throws IOException that says what was in the way
     */
    Optional<Path> make() throws IOException {
        Files.createDirectories(archive.folder());
        Path lockFile = archive.beside(".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null ? Optional.empty() : makeAlone();
        } catch (OverlappingFileLockException alreadyMaking) {
            return Optional.empty();
        }
    }

    private Optional<Path> makeAlone() throws IOException {
        Path written = archive.beside("." + ProcessHandle.current().pid() + ".tmp");
        archive.deleteOthers(".*.tmp", written); // of processes that were killed
        Path folder = Files.createTempDirectory("millrace-rehearsal-");
        try {
            return rehearse(written, folder) ? Optional.of(archive.install(written)) : Optional.empty();
        } finally {
            Files.deleteIfExists(written);
            deleteRecursively(folder);
        }
    }

    private boolean rehearse(Path written, Path folder) throws IOException {
        Path output = folder.resolve("output");
        Process process = start(written, folder, output);
        if (process == null) {
            return false;
        }
        try {
            if (!process.waitFor(REHEARSAL_MAX_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the rehearsal did not end within " + REHEARSAL_MAX_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            end(process);
        }
        if (isCancelled()) {
            return false;
        }
        if (process.exitValue() != 0 || !Files.exists(written)) {
            throw new IOException("the rehearsal ended with " + process.exitValue() + " and said: " + tail(output));
        }
        return true;
    }

    private synchronized @Nullable Process start(Path written, Path folder, Path output) throws IOException {
        if (isCancelled) {
            return null;
        }
        List<String> command = command(written, folder);
        try {
            var nice = new ArrayList<>(List.of("nice", "-n", "19")); // the broker that serves goes first
            nice.addAll(command);
            rehearsal = builder(nice, output).start();
        } catch (IOException noNice) {
            rehearsal = builder(command, output).start();
        }
        return rehearsal;
    }

    private static ProcessBuilder builder(List<String> command, Path output) {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    }

    private static List<String> command(Path written, Path folder) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        // An archive fits only a JVM that lays out its objects alike.
        var options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        for (String option : List.of("UseCompressedOops", "UseCompressedClassPointers")) {
            boolean isSet = Boolean.parseBoolean(options.getVMOption(option).getValue());
            command.add("-XX:" + (isSet ? "+" : "-") + option);
        }
        command.add("-XX:ArchiveClassesAtExit=" + written);
        command.add("-Djava.io.tmpdir=" + folder);
        command.add("--enable-native-access=ALL-UNNAMED");
        String logConfiguration = System.getProperty("logback.configurationFile");
        if (logConfiguration != null) {
            command.add("-Dlogback.configurationFile=" + logConfiguration);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(MillraceCommand.class.getName(), "rehearse", folder.toString()));
        return command;
    }

    private static String tail(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output);
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    private synchronized boolean isCancelled() {
        return isCancelled;
    }

    private void cancel(Thread thread) {
        synchronized (this) {
            isCancelled = true;
            if (rehearsal != null) {
                rehearsal.destroyForcibly();
            }
        }
        try {
            thread.join(CANCEL_MAX_MS); // it removes its files
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Process process) {
        if (process.isAlive()) {
            process.destroyForcibly()
                    .onExit()
                    .orTimeout(CANCEL_MAX_MS, TimeUnit.MILLISECONDS)
                    .exceptionally(late -> process)
                    .join();
        }
    }

    private static void deleteRecursively(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
