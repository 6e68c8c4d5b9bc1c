package io.millrace.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The distribution archive, unpacked and run as its users run it. */
class DistributionIT {
    private static final int RUN_MAX_SECONDS = 60;

    /** 128 and the number of SIGTERM: a JVM that was asked to end has done so by itself. */
    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    static Path directory;

    private static Path millrace;

    private final List<Process> started = new ArrayList<>();

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        Process tar = new ProcessBuilder(
                        "tar", "-xzf", System.getProperty("millrace.distribution"), "-C", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("tar.out").toFile())
                .start();
        assertThat(tar.waitFor(RUN_MAX_SECONDS, SECONDS)).as("tar has ended").isTrue();
        assertThat(tar.exitValue())
                .as(Files.readString(directory.resolve("tar.out")))
                .isZero();
        millrace = directory.resolve("millrace-" + System.getProperty("millrace.version") + "/bin/millrace");
    }

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void theCommandTellsItsVersion() throws IOException, InterruptedException {
        CommandRun run = run("--version");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("millrace " + System.getProperty("millrace.version"));
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aClusterThatIsNotThereIsToldInOneLine() throws IOException, InterruptedException {
        String closed = "127.0.0.1:" + DevCluster.freePort(0);

        CommandRun run = run("topic", "list", "--bootstrap-server", closed, "--timeout", "3");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .as(run.err())
                .singleElement()
                .asString()
                .startsWith("millrace: ")
                .contains(closed)
                .doesNotContain("Exception");
    }

    @Test
    void aDevelopmentClusterServesUntilItIsToldToStopAndLeavesNothingBehind() throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Path out = directory.resolve("dev.out");
        Process dev = start(List.of("dev", "--brokers", "1", "--port", "0", "--zookeeper-port", "0"), "dev", temporary);
        await("the line of brokers is printed", dev, () -> valueOf("Brokers", out)
                .contains("127.0.0.1:"));
        await("the last line is printed", dev, () -> read(out).contains("Ctrl-C stops the cluster."));
        Path data = Path.of(valueOf("Data", out).replace(" (deleted at the end)", ""));
        assertThat(data).isDirectory().hasParent(temporary);
        CommandRun created = run("topic", "create", "orders", "-b", valueOf("Brokers", out));
        assertThat(created.exitCode()).as(created.err()).isZero();

        dev.destroy(); // SIGTERM

        assertThat(dev.waitFor(RUN_MAX_SECONDS, SECONDS))
                .as("the process has ended")
                .isTrue();
        assertThat(dev.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(data).doesNotExist();
        assertThat(temporary).isEmptyDirectory();
    }

    private CommandRun run(String... arguments) throws IOException, InterruptedException {
        Process process = start(List.of(arguments), "run", directory);
        assertThat(process.waitFor(RUN_MAX_SECONDS, SECONDS))
                .as("%s has ended", List.of(arguments))
                .isTrue();
        return new CommandRun(
                process.exitValue(), read(directory.resolve("run.out")), read(directory.resolve("run.err")));
    }

    private Process start(List<String> arguments, String name, Path temporary) throws IOException {
        var builder = new ProcessBuilder(Stream.concat(Stream.of(millrace.toString()), arguments.stream())
                .toList());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MILLRACE_OPTS", "-Xmx256m -Djava.io.tmpdir=" + temporary);
        Process process = builder.redirectOutput(
                        directory.resolve(name + ".out").toFile())
                .redirectError(directory.resolve(name + ".err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Process process, Condition condition) {
        long deadlineNanos = System.nanoTime() + SECONDS.toNanos(RUN_MAX_SECONDS);
        while (!condition.holds()) {
            assertThat(process.isAlive())
                    .as("%s, but the process has ended: %s", what, read(directory.resolve("dev.err")))
                    .isTrue();
            assertThat(System.nanoTime()).as("%s in time", what).isLessThan(deadlineNanos);
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** What stands behind a word at the beginning of a line; empty where no line begins so. */
    private static String valueOf(String word, Path output) {
        return read(output)
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length()).strip())
                .findFirst()
                .orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
