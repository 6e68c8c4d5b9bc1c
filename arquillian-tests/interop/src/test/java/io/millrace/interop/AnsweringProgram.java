package io.millrace.interop;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that carries out one command after the other, so that a test pays for its start once.
 *
 * <p>A command is one line and, where it has records, a line for each. The answer is lines, and then {@link #DONE} alone, or
 * {@link #FAILED} and the reason. Owned by the test's thread.
 */
final class AnsweringProgram implements AutoCloseable {
    static final String DONE = "done";
    static final String FAILED = "failed";
    private static final String ENDED = "ended";
    private static final long ANSWER_MAX_SECONDS = 120;

    private final String name;
    private final Process process;
    private final Path errors;
    private final BufferedWriter commands;
    /** Bounded by what one command answers. */
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    private AnsweringProgram(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, name + " answers");
        reader.setDaemon(true);
        reader.start();
    }

    /** @param directory gets a file with what the program says on its standard error */
    static AnsweringProgram start(String name, Path directory, List<String> command) {
        Path errors = directory.resolve(name.replaceAll("[^a-z0-9.]+", "-") + ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new AnsweringProgram(name, process, errors);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(line);
            }
        } catch (IOException closed) {
            answers.add(FAILED + " " + closed.getMessage());
        }
        answers.add(ENDED);
    }

    /** The lines of the answer. */
    List<String> ask(String command, List<String> records) {
        try {
            commands.write(command + "\n");
            for (String record : records) {
                commands.write(record + "\n");
            }
            commands.flush();
            return awaitAnswer(command);
        } catch (IOException e) {
            throw new AssertionError(name + " does not take '" + command + "': " + errorOutput(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " carried out '" + command + "'", e);
        }
    }

    private List<String> awaitAnswer(String command) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_MAX_SECONDS);
        while (true) {
            String line = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new AssertionError(name + " did not carry out '" + command + "' within " + ANSWER_MAX_SECONDS
                        + " s: " + errorOutput());
            }
            if (line.equals(DONE)) {
                return lines;
            }
            if (line.equals(ENDED) || line.startsWith(FAILED)) {
                throw new AssertionError(name + " answered '" + command + "' with " + line + ": " + errorOutput());
            }
            lines.add(line);
        }
    }

    private String errorOutput() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + errors, e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
