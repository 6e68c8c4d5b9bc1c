package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that the first start of a broker makes, as the start script uses it. */
class ClassArchiveIT {
    private static final List<String> VERSION = List.of("--version");
    private static final String NOBODY = "65534";

    @TempDir
    static Path directory;

    private static UnpackedDistribution distribution;
    private static Path archive;

    @BeforeAll
    static void startForTheFirstTime() throws IOException, InterruptedException {
        distribution = UnpackedDistribution.in(directory);
        Process dev = distribution.start(
                List.of("dev", "--brokers", "1", "--port", "0", "--zookeeper-port", "0"), Map.of(), "dev");

        distribution.await(
                "the first start makes an archive", dev, () -> archiveIn(lib()).isPresent());

        archive = archiveIn(lib()).orElseThrow();
        dev.destroy();
    }

    @AfterAll
    static void killWhatIsLeft() {
        distribution.close();
    }

    @Test
    void theNextStartUsesWhatTheFirstOneMade() throws IOException, InterruptedException {
        assertThat(sourceOfClasses(Map.of())).contains("shared objects file (top)");
    }

    @Test
    void aVariableTurnsItOff() throws IOException, InterruptedException {
        assertThat(sourceOfClasses(Map.of("MILLRACE_CLASS_ARCHIVE", "off"))).contains("millrace-cli");
    }

    @Test
    void anArchiveThatIsCutShortOrChangedIsNotUsedAndNotTalkedAbout() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(archive);
        byte[] changed = whole.clone();
        for (int i = whole.length / 2; i < whole.length; i += 4096) {
            changed[i] ^= 0x55;
        }
        byte[] otherHeader = whole.clone();
        otherHeader[64] ^= 0x55;
        try {
            for (byte[] damaged :
                    List.of(Arrays.copyOf(whole, whole.length / 2), new byte[whole.length], changed, otherHeader)) {
                Files.write(archive, damaged);

                CommandRun run = distribution.run(VERSION, Map.of());

                assertThat(run.exitCode()).as(run.err()).isZero();
                assertThat(run.err()).isEmpty();
                assertThat(run.out()).isEqualToIgnoringNewLines("millrace " + UnpackedDistribution.version());
            }
        } finally {
            Files.write(archive, whole);
        }
    }

    @Test
    void anInstallationThatMayNotBeWrittenHasItsArchiveInTheUsersCache() throws IOException, InterruptedException {
        var readOnly = readOnlyDistribution();
        Path home = Files.createDirectory(
                directory.resolve("home"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<String> asUser = asUserWithHome(home);
        var environment =
                Map.of("HOME", home.toString(), "XDG_CACHE_HOME", "", "MILLRACE_OPTS", "-Xmx256m -Xlog:class+load");

        CommandRun prepared =
                readOnly.run(asUser, List.of("prepare"), Map.of("HOME", home.toString(), "XDG_CACHE_HOME", ""));
        CommandRun next = readOnly.run(asUser, VERSION, environment);

        assertThat(prepared.exitCode()).as(prepared.err()).isZero();
        assertThat(Path.of(prepared.out().strip())).hasParent(home.resolve(".cache/millrace"));
        assertThat(archiveIn(readOnly.home().resolve("lib"))).isEmpty();
        assertThat(sourceOfClasses(next)).contains("shared objects file (top)");
    }

    private static UnpackedDistribution readOnlyDistribution() throws IOException, InterruptedException {
        Path folder = Files.createDirectory(directory.resolve("read-only"));
        var readOnly = UnpackedDistribution.in(folder);
        Files.setPosixFilePermissions(readOnly.home().resolve("lib"), PosixFilePermissions.fromString("r-xr-xr-x"));
        return readOnly;
    }

    /** What may be written is no question to root, so another user starts the command then. */
    private static List<String> asUserWithHome(Path home) throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "root needs setpriv to be somebody else");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process chown = new ProcessBuilder("chown", NOBODY, home.toString()).start();
        assertThat(chown.waitFor()).isZero();
        return List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    }

    private static String sourceOfClasses(Map<String, String> environment) throws IOException, InterruptedException {
        var all = new java.util.HashMap<>(environment);
        all.put("MILLRACE_OPTS", "-Xmx256m -Xlog:class+load");
        return sourceOfClasses(distribution.run(VERSION, all));
    }

    private static String sourceOfClasses(CommandRun run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out()
                .lines()
                .filter(line -> line.contains(MillraceCommand.class.getName() + " source: "))
                .findFirst()
                .orElse("not loaded: " + run.out());
    }

    private static Path lib() {
        return distribution.home().resolve("lib");
    }

    private static Optional<Path> archiveIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }
}
