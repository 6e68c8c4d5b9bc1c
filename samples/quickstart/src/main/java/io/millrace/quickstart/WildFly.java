package io.millrace.quickstart;

import io.millrace.testkit.Ports;
import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A WildFly process with its own base folder, on loopback, on ports that are free. */
final class WildFly implements AutoCloseable {
    private static final Duration STOP_MAX = Duration.ofSeconds(15);
    private static final int[] PORTS = {8080, 8443, 9990, 9993, 3528, 3529, 4712, 4713, 5445, 5455, 8009};
    private static final int OFFSET_STEP = 100;
    private static final int OFFSET_MAX = 5000;

    private final Process process;
    private final Path baseDirectory;
    private final int portOffset;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private WildFly(Process process, Path baseDirectory, int portOffset) {
        this.process = process;
        this.baseDirectory = baseDirectory;
        this.portOffset = portOffset;
    }

    /** Copies the server's configuration to the base folder and the deployments into it, and starts. */
    static WildFly start(Path home, Path baseDirectory, List<Path> deployments, String bootstrapServers) {
        int portOffset = freeOffset();
        try {
            copy(home.resolve("standalone/configuration"), baseDirectory.resolve("configuration"));
            Path deploymentDirectory = Files.createDirectories(baseDirectory.resolve("deployments"));
            for (Path deployment : deployments) {
                Files.copy(deployment, deploymentDirectory.resolve(deployment.getFileName()));
            }
            ProcessBuilder builder = new ProcessBuilder(command(home, baseDirectory, portOffset, bootstrapServers))
                    .redirectErrorStream(true)
                    .redirectOutput(baseDirectory.resolve("console.out").toFile());
            setEnvironment(builder.environment());
            return new WildFly(builder.start(), baseDirectory, portOffset);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start WildFly from " + home, e);
        }
    }

    private static List<String> command(Path home, Path baseDirectory, int portOffset, String bootstrapServers) {
        boolean isWindows =
                System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
        var command = new ArrayList<String>();
        if (isWindows) {
            command.add(home.resolve("bin/standalone.bat").toString());
        } else {
            command.addAll(List.of("/bin/sh", home.resolve("bin/standalone.sh").toString()));
        }
        command.addAll(List.of(
                "-c",
                "standalone-full.xml",
                "-Djboss.server.base.dir=" + baseDirectory,
                "-Djboss.socket.binding.port-offset=" + portOffset,
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.bind.address.management=127.0.0.1",
                "-Dejb.resource-adapter-name=millrace.rar",
                "-Dmillrace.bootstrap.servers=" + bootstrapServers));
        return command;
    }

    private static void setEnvironment(Map<String, String> environment) {
        environment.keySet().removeIf(key -> key.startsWith("JBOSS_")); // another server's
        environment.put("LAUNCH_JBOSS_IN_BACKGROUND", "true"); // the script hands signals on
        environment.put("NOPAUSE", "true");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put(
                "JAVA_OPTS",
                "-Xmx768m -Djava.net.preferIPv4Stack=true -Djboss.modules.system.pkgs=org.jboss.byteman"
                        + " -Djava.awt.headless=true");
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + (8080 + portOffset) + path);
    }

    Path log() {
        return baseDirectory.resolve("log/server.log");
    }

    /** Waits until the path answers 200; fails at once where the server ends or refuses a deployment. */
    void awaitServing(String path, Duration timeout) {
        Wait.until(uri(path) + " answers; the server's log is " + log(), timeout, () -> {
            checkHealthy();
            return answersOk(path);
        });
    }

    private void checkHealthy() {
        if (!process.isAlive()) {
            throw new IllegalStateException("WildFly ended with " + process.exitValue() + "; its output is in "
                    + baseDirectory.resolve("console.out"));
        }
        try (Stream<Path> files = Files.list(baseDirectory.resolve("deployments"))) {
            files.filter(file -> file.toString().endsWith(".failed")).findAny().ifPresent(file -> {
                throw new IllegalStateException("WildFly refused a deployment: " + contents(file));
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look into the deployments of " + baseDirectory, e);
        }
    }

    private static String contents(Path file) {
        try {
            return file.getFileName() + ": " + Files.readString(file);
        } catch (IOException e) {
            return file + " (unreadable: " + e + ")";
        }
    }

    private boolean answersOk(String path) {
        try {
            var request = HttpRequest.newBuilder(uri(path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException ignored) { // not yet
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while WildFly started", e);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                family.forEach(ProcessHandle::destroyForcibly);
            }
            for (ProcessHandle member : family) {
                member.onExit()
                        .orTimeout(STOP_MAX.toSeconds(), TimeUnit.SECONDS)
                        .join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            family.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static int freeOffset() {
        return IntStream.iterate(0, offset -> offset <= OFFSET_MAX, offset -> offset + OFFSET_STEP)
                .filter(offset -> IntStream.of(PORTS).allMatch(port -> Ports.isFree(port + offset)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no free ports for WildFly: 8080 and its fellows are taken up to an offset of " + OFFSET_MAX));
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(target);
            } else {
                Files.copy(file, target);
            }
        }
    }
}
