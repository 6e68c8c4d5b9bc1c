package io.millrace.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The distribution archive, unpacked and run as its users run it. */
class DistributionIT {
    /** 128 and the number of SIGTERM: a JVM that was asked to end has done so by itself. */
    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    static Path directory;

    private static UnpackedDistribution distribution;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        distribution = UnpackedDistribution.in(directory);
    }

    @AfterEach
    void killWhatIsLeft() {
        distribution.close();
    }

    @Test
    void theCommandTellsItsVersion() throws IOException, InterruptedException {
        CommandRun run = run("--version");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("millrace " + UnpackedDistribution.version());
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aClusterThatIsNotThereIsToldInOneLine() throws IOException, InterruptedException {
        String closed = CommandRun.NOBODY;

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
        Path out = distribution.output("dev");
        Process dev = distribution.start(
                List.of("dev", "--brokers", "1", "--port", "0", "--zookeeper-port", "0"),
                Map.of("MILLRACE_OPTS", "-Xmx256m -Djava.io.tmpdir=" + temporary),
                "dev");
        distribution.await("the line of brokers is printed", dev, () -> valueOf("Brokers", out)
                .contains("127.0.0.1:"));
        distribution.await("the last line is printed", dev, () -> UnpackedDistribution.read(out)
                .contains("Ctrl-C stops the cluster."));
        Path data = Path.of(valueOf("Data", out).replace(" (deleted at the end)", ""));
        assertThat(data).isDirectory().hasParent(temporary);
        CommandRun created = run("topic", "create", "orders", "-b", valueOf("Brokers", out));
        assertThat(created.exitCode()).as(created.err()).isZero();

        dev.destroy(); // SIGTERM

        assertThat(dev.waitFor(UnpackedDistribution.RUN_MAX_SECONDS, SECONDS))
                .as("the process has ended")
                .isTrue();
        assertThat(dev.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(data).doesNotExist();
        assertThat(temporary).isEmptyDirectory();
    }

    private static CommandRun run(String... arguments) throws IOException, InterruptedException {
        return distribution.run(List.of(arguments), Map.of());
    }

    /** What stands behind a word at the beginning of a line; empty where no line begins so. */
    private static String valueOf(String word, Path output) {
        return UnpackedDistribution.read(output)
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length()).strip())
                .findFirst()
                .orElse("");
    }
}
