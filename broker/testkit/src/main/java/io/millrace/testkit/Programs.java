package io.millrace.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs with bounded time and whole output; installs those of Debian and npm that are missing. */
public final class Programs {
    private static final long RUN_MAX_SECONDS = 120;
    private static final long INSTALL_MAX_SECONDS = 300;

    private Programs() {}

    /** What the program printed; an exit code other than 0 is an error that holds its standard error. */
    public static byte[] run(List<String> command, byte[] input) {
        return run(command, input, new File("."), RUN_MAX_SECONDS);
    }

    private static byte[] run(List<String> command, byte[] input, File directory, long maxSeconds) {
        try {
            Path in = Files.createTempFile("millrace-", ".in");
            Path out = Files.createTempFile("millrace-", ".out");
            Path err = Files.createTempFile("millrace-", ".err");
            try {
                Files.write(in, input);
                Process process = new ProcessBuilder(command)
                        .directory(directory)
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(maxSeconds, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            command + " did not end within " + maxSeconds + " s: " + Files.readString(err));
                }
                if (process.exitValue() != 0) {
                    throw new AssertionError(
                            command + " ended with " + process.exitValue() + ": " + Files.readString(err));
                }
                return Files.readAllBytes(out);
            } finally {
                Files.delete(in);
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    public static String text(byte[] output) {
        return new String(output, StandardCharsets.UTF_8);
    }

    /** Debian's kcat, installed where it is missing. */
    public static void requireKcat() {
        alone(() -> {
            if (!isThere("kcat")) {
                installFromDebian("kcat");
            }
        });
        if (!isThere("kcat")) {
            throw new AssertionError("kcat is missing and apt-get did not bring it; install Debian's package kcat");
        }
    }

    /** A folder with kafkajs of this version in node_modules. */
    public static Path requireKafkaJs(String version) {
        Path directory = Path.of("target", "kafkajs-" + version).toAbsolutePath();
        alone(() -> {
            if (!isThere("node")) {
                installFromDebian("nodejs", "npm");
            }
            installKafkaJs(version, directory);
        });
        return directory;
    }

    private static void installFromDebian(String... packages) {
        run(List.of("apt-get", "update"), new byte[0], new File("."), INSTALL_MAX_SECONDS);
        var command = new ArrayList<>(List.of("apt-get", "install", "-y", "--no-install-recommends"));
        command.addAll(List.of(packages));
        run(command, new byte[0], new File("."), INSTALL_MAX_SECONDS);
    }

    private static void installKafkaJs(String version, Path directory) {
        if (!Files.isDirectory(directory.resolve("node_modules/kafkajs"))) {
            try {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve("package.json"), "{\"private\": true}\n");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot create " + directory, e);
            }
            run(
                    List.of(
                            "npm",
                            "install",
                            "--no-save",
                            "--no-package-lock",
                            "--no-audit",
                            "--no-fund",
                            "kafkajs@" + version),
                    new byte[0],
                    directory.toFile(),
                    INSTALL_MAX_SECONDS);
        }
    }

    /** Processes that run tests at the same time install one after another. */
    private static void alone(Runnable installing) {
        Path lock = Path.of(System.getProperty("java.io.tmpdir"), "millrace-tests-install.lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.lock()) {
            if (held.isValid()) {
                installing.run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + lock, e);
        }
    }

    private static boolean isThere(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
