package io.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM of our own with this JVM's class path, whose output goes to a file. Ends with this JVM at the latest. */
public final class JavaProcess {
    private final String name;
    private final Process process;
    private final Path output;

    private JavaProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Where a process runs.
     *
     * @param prefix a program and its arguments that become the JVM, such as nsenter; may be empty
     * @param environment variables added to this JVM's own
     */
    public record Surroundings(List<String> prefix, Map<String, String> environment) {
        static final Surroundings PLAIN = new Surroundings(List.of(), Map.of());
    }

    public static JavaProcess start(
            String name, Path output, List<String> jvmOptions, String mainClass, List<String> arguments) {
        return startIn(Surroundings.PLAIN, name, output, jvmOptions, mainClass, arguments);
    }

    /** The same in other surroundings. */
    public static JavaProcess startIn(
            Surroundings surroundings,
            String name,
            Path output,
            List<String> jvmOptions,
            String mainClass,
            List<String> arguments) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var command = new ArrayList<>(surroundings.prefix());
        command.addAll(java(classPath, jvmOptions, mainClass, arguments));
        return launch(name, output, command, surroundings.environment());
    }

    /** The same with another class path. */
    public static JavaProcess startWith(
            String classPath,
            String name,
            Path output,
            List<String> jvmOptions,
            String mainClass,
            List<String> arguments) {
        return launch(name, output, java(classPath, jvmOptions, mainClass, arguments), Map.of());
    }

    /** A program that becomes a JVM, such as a start script; the environment is added to this JVM's own. */
    public static JavaProcess startCommand(
            String name, Path output, List<String> command, Map<String, String> environment) {
        return launch(name, output, command, environment);
    }

    private static List<String> java(
            String classPath, List<String> jvmOptions, String mainClass, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    private static JavaProcess launch(String name, Path output, List<String> command, Map<String, String> environment) {
        try {
            Files.createDirectories(output.getParent());
            var builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            endWithThisJvm(process);
            return new JavaProcess(name, process, output);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    private static void endWithThisJvm(Process process) {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        } catch (IllegalStateException e) { // this JVM is ending already
            process.destroyForcibly();
            throw e;
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public Path output() {
        return output;
    }

    /** Waits until its output holds the line so many times; fails at once where the process has ended without that. */
    public void awaitOutput(String part, long times, Duration timeout) {
        Wait.until(name + " prints '" + part + "'; its output is in " + output, timeout, () -> {
            boolean hasEnded = !process.isAlive(); // looked at first: what it printed last is there then
            if (count(part) >= times) {
                return true;
            }
            if (hasEnded) {
                throw new IllegalStateException(
                        name + " ended with " + process.exitValue() + "; its output is in " + output);
            }
            return false;
        });
    }

    private long count(String part) {
        try (Stream<String> lines = Files.lines(output)) {
            return lines.filter(line -> line.contains(part)).count();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + output, e);
        }
    }

    /** Waits for the process to end by itself; kills it where it does not in time. */
    public int awaitExit(Duration timeout) {
        awaitEnd(timeout);
        return process.exitValue();
    }

    /** Waits until the process serves this port; fails at once where it has ended. */
    public void awaitListening(int port, Duration timeout) {
        Wait.until(name + " listens on port " + port + "; its output is in " + output, timeout, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        name + " ended with " + process.exitValue() + "; its output is in " + output);
            }
            return Ports.isListening(port);
        });
    }

    /** kill -9, and waits for the end. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(30));
    }

    /** SIGTERM, and waits for the end. */
    public void stop(Duration timeout) {
        process.destroy();
        awaitEnd(timeout);
    }

    /** Sends a signal such as STOP or CONT. */
    public void signal(String signal) {
        try {
            int exitCode = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("kill -" + signal + " " + name + " ended with " + exitCode);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot signal " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling " + name, e);
        }
    }

    private void awaitEnd(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        name + " did not end within " + timeout + "; its output is in " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " ended", e);
        }
    }
}
