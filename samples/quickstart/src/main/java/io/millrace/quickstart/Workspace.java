package io.millrace.quickstart;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of one run, deleted at its end unless the run failed. */
final class Workspace implements AutoCloseable {
    private final Path directory;
    private volatile boolean isKept;

    private Workspace(Path directory) {
        this.directory = directory;
    }

    static Workspace create(Path parent) {
        try {
            Files.createDirectories(parent);
            return new Workspace(Files.createTempDirectory(parent, "run-"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a folder in " + parent, e);
        }
    }

    Path directory() {
        return directory;
    }

    /** The millrace command with this program's class path, for this cluster. */
    Path millraceCommand(String bootstrapServers) {
        try {
            Path script = Files.writeString(
                    directory.resolve("millrace"),
                    String.join(
                            "\n",
                            "#!/bin/sh",
                            "MILLRACE_BOOTSTRAP_SERVERS=" + bootstrapServers + " exec '"
                                    + System.getProperty("java.home") + "/bin/java' -cp '"
                                    + System.getProperty("java.class.path")
                                    + "' io.millrace.cli.MillraceCommand \"$@\"",
                            ""));
            if (!script.toFile().setExecutable(true)) {
                throw new IllegalStateException("cannot make " + script + " executable");
            }
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the millrace command into " + directory, e);
        }
    }

    /** After a failure: says where to look. */
    void keepLogs(PrintStream out) {
        isKept = true;
        out.println("Output and log files are in " + directory);
    }

    @Override
    public void close() throws IOException {
        if (isKept) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
