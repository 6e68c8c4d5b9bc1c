package io.millrace.interop;

import io.millrace.testkit.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts what Kafka's own system tests run, its main classes as they were released, each in a process of its own. */
final class SystemTestPrograms {
    private static final List<String> SMALL = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

    private final Path directory;

    /** @param directory for what they print, their settings and their state */
    SystemTestPrograms(Path directory) {
        this.directory = directory;
    }

    /** Of kafka-tools. */
    JavaProcess tool(String name, String mainClass, List<String> arguments) {
        String jars = Path.of(System.getProperty("kafka.tools.jars"), "*").toString();
        return JavaProcess.startWith(
                jars, name, directory.resolve(name + ".out"), SMALL, "org.apache.kafka.tools." + mainClass, arguments);
    }

    /** Of Kafka Streams' test classes in that version. */
    JavaProcess streams(String version, String name, String mainClass, List<String> arguments) {
        Path tests = Path.of(System.getProperty("kafka.drivers.jars"), version);
        if (!Files.isDirectory(tests)) {
            throw new IllegalStateException("there is no " + tests + "; it comes with the profile 'drivers'");
        }
        var options = new ArrayList<>(SMALL);
        options.add("-Djava.io.tmpdir=" + folder("tmp")); // where they keep their state, unless they are told
        return JavaProcess.startWith(
                tests.resolve("*") + File.pathSeparator + ReleasedJars.classPath(version),
                name,
                directory.resolve(name + ".out"),
                options,
                "org.apache.kafka.streams.tests." + mainClass,
                arguments);
    }

    Path folder(String name) {
        try {
            return Files.createDirectories(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + name + " in " + directory, e);
        }
    }

    /** A file of properties. */
    String settings(String name, List<String> lines) {
        try {
            return Files.write(directory.resolve(name), lines).toString();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + name + " to " + directory, e);
        }
    }
}
