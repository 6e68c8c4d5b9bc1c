package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Kafka's command-line classes, run in this process with libraries of their own, as the scripts of its distribution run
 * them in one of theirs: that costs a second for each.
 *
 * <p>Owned by the test's thread. While a command runs, this process reads and writes what the command does.
 */
final class KafkaCommands implements AutoCloseable {
    private static final long RUN_SECONDS_MAX = 60;

    private static final int NOT_ENDED = -1;

    private final URLClassLoader libraries;
    private final List<Runnable> atExit = new CopyOnWriteArrayList<>();
    private final AtomicInteger status = new AtomicInteger(NOT_ENDED);

    /** @param jars the folder of Kafka's libraries */
    KafkaCommands(Path jars) throws IOException, ReflectiveOperationException {
        try (Stream<Path> files = Files.list(jars)) {
            URL[] urls = files.map(KafkaCommands::url).toArray(URL[]::new);
            libraries = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        }
        divertExit();
    }

    /** What a command printed, and how it ended. */
    record Result(int status, String output) {
        List<String> lines() {
            return output.lines().toList();
        }
    }

    /** Thrown where a command would end the process. */
    private static final class ExitError extends Error {
        private static final long serialVersionUID = 1;

        ExitError() {
            super("the process ends", null, false, false);
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(file + " cannot be a library", e);
        }
    }

    private void divertExit() throws ReflectiveOperationException {
        divert("Exit", "Procedure", arguments -> exit((Integer) arguments[0]));
        divert("Halt", "Procedure", arguments -> exit((Integer) arguments[0]));
        divert("ShutdownHook", "Adder", arguments -> atExit.add((Runnable) arguments[1]));
    }

    /** What {@code Exit.set<what><kind>} is given in place of the process's end. */
    private void divert(String what, String kind, Consumer<Object[]> task) throws ReflectiveOperationException {
        String exit = "org.apache.kafka.common.utils.Exit";
        Class<?> type = libraries.loadClass(exit + "$" + (kind.equals("Adder") ? what + kind : kind));
        Object diverted = Proxy.newProxyInstance(libraries, new Class<?>[] {type}, (proxy, method, arguments) -> {
            task.accept(arguments);
            return null;
        });
        libraries.loadClass(exit).getMethod("set" + what + kind, type).invoke(null, diverted);
    }

    /** Some commands catch what is thrown here and exit again; the first time counts. */
    private void exit(int wanted) {
        status.compareAndSet(NOT_ENDED, wanted);
        throw new ExitError();
    }

    /** For a command that wants a process of its own. */
    String classPath() {
        return Stream.of(libraries.getURLs()).map(URL::getPath).collect(Collectors.joining(File.pathSeparator));
    }

    /** Runs a command to its end, within a bound. */
    Result run(String input, String command, String... arguments) throws Exception {
        var printed = new ByteArrayOutputStream();
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        try (var stream = new PrintStream(printed, true, UTF_8)) {
            System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
            System.setOut(stream);
            System.setErr(stream);
            int status = callInTime(command, arguments);
            return new Result(status, printed.toString(UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }

    private int callInTime(String command, String[] arguments)
            throws InterruptedException, ExecutionException, TimeoutException {
        var answer = new CompletableFuture<Integer>();
        var thread = new Thread(
                () -> {
                    try {
                        answer.complete(call(command, arguments));
                    } catch (ReflectiveOperationException e) {
                        answer.completeExceptionally(e);
                    }
                },
                command);
        thread.setDaemon(true);
        thread.setContextClassLoader(libraries);
        thread.start();
        return answer.get(RUN_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private int call(String command, String[] arguments) throws ReflectiveOperationException {
        status.set(NOT_ENDED);
        try {
            libraries.loadClass(command).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof ExitError)) {
                throw e;
            }
        } finally {
            atExit.forEach(Runnable::run);
            atExit.clear();
        }
        return Math.max(0, status.get());
    }

    @Override
    public void close() throws IOException {
        libraries.close();
    }
}
