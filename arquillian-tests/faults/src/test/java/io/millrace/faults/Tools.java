package io.millrace.faults;

import io.millrace.testkit.Programs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What this machine offers, and our own C sources compiled on it. */
final class Tools {
    private Tools() {}

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    static boolean has(String program) {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin:/sbin").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Runs a program that must succeed; bounded by {@link Programs}. */
    static String run(String... command) {
        return Programs.text(Programs.run(List.of(command), new byte[0]));
    }

    /** Why faults of the network cannot be made here; empty where they can. */
    static Optional<String> withoutNetwork() {
        return missing(List.of("ip", "iptables", "nsenter"));
    }

    /** Why disks of their own cannot be made here. */
    static Optional<String> withoutDisks() {
        return missing(List.of("mkfs.ext4", "mount", "umount", "truncate"));
    }

    private static Optional<String> missing(List<String> programs) {
        if (!isRoot()) {
            return Optional.of("it needs root");
        }
        List<String> missing =
                programs.stream().filter(program -> !has(program)).toList();
        return missing.isEmpty() ? Optional.empty() : Optional.of("this machine has no " + missing);
    }

    static Optional<String> withoutCompiler() {
        return has("gcc") ? Optional.empty() : Optional.of("this machine has no gcc");
    }

    /** Compiles one of our C sources into the directory. */
    static Path compile(String source, Path directory, String... options) {
        Path code = directory.resolve(source);
        Path made = directory.resolve(source.replace(".c", ".bin"));
        try (InputStream in = Objects.requireNonNull(Tools.class.getResourceAsStream("/" + source), source)) {
            Files.createDirectories(directory);
            Files.write(code, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + code, e);
        }
        var command = new ArrayList<String>(List.of("gcc", "-O1", "-o", made.toString(), code.toString()));
        command.addAll(List.of(options));
        run(command.toArray(String[]::new));
        return made;
    }
}
