package io.millrace.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The distribution archive, unpacked, and the processes that a test has started of it; their output lies beside it. */
final class UnpackedDistribution implements AutoCloseable {
    static final int RUN_MAX_SECONDS = 60;

    private final Path directory;
    private final Path home;
    private final List<Process> started = new ArrayList<>();

    private UnpackedDistribution(Path directory, Path home) {
        this.directory = directory;
        this.home = home;
    }

    static UnpackedDistribution in(Path directory) throws IOException, InterruptedException {
        Path output = directory.resolve("tar.out");
        Process tar = new ProcessBuilder(
                        "tar", "-xzf", System.getProperty("millrace.distribution"), "-C", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(tar.waitFor(RUN_MAX_SECONDS, SECONDS)).as("tar has ended").isTrue();
        assertThat(tar.exitValue()).as(Files.readString(output)).isZero();
        return new UnpackedDistribution(directory, directory.resolve("millrace-" + version()));
    }

    static String version() {
        return System.getProperty("millrace.version");
    }

    Path home() {
        return home;
    }

    Path output(String name) {
        return directory.resolve(name + ".out");
    }

    CommandRun run(List<String> arguments, Map<String, String> environment) throws IOException, InterruptedException {
        return run(List.of(), arguments, environment);
    }

    /** @param prefix a program that becomes the command, such as one that changes the user */
    CommandRun run(List<String> prefix, List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        Process process = start(prefix, arguments, environment, "run");
        assertThat(process.waitFor(RUN_MAX_SECONDS, SECONDS))
                .as("%s has ended", arguments)
                .isTrue();
        return new CommandRun(process.exitValue(), read(output("run")), read(directory.resolve("run.err")));
    }

    Process start(List<String> arguments, Map<String, String> environment, String name) throws IOException {
        return start(List.of(), arguments, environment, name);
    }

    private Process start(List<String> prefix, List<String> arguments, Map<String, String> environment, String name)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(home.resolve("bin/millrace").toString());
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MILLRACE_OPTS", "-Xmx256m");
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(output(name).toFile())
                .redirectError(directory.resolve(name + ".err").toFile())
                .start();
        started.add(process);
        return process;
    }

    interface Condition {
        boolean holds();
    }

    void await(String what, Process process, Condition condition) {
        long deadlineNanos = System.nanoTime() + SECONDS.toNanos(RUN_MAX_SECONDS);
        while (!condition.holds()) {
            assertThat(process.isAlive())
                    .as("%s, but the process has ended; its output is in %s", what, directory)
                    .isTrue();
            assertThat(System.nanoTime()).as("%s in time", what).isLessThan(deadlineNanos);
            LockSupport.parkNanos(20_000_000);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Kills what is left. */
    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
    }
}
