package io.millrace.container;

import static io.millrace.testkit.Wait.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart on a machine where somebody else has the ports that it would like. */
class QuickstartIT {
    private static final Duration RUN_MAX = Duration.ofMinutes(5);
    private static final Duration ENDED_MAX = Duration.ofSeconds(20);
    private static final int LOG_LINES = 100;
    private static final int ZOOKEEPER_BROKERS_PROCESSOR_AND_SERVER = 1 + 3 + 1 + 1;

    private final List<ServerSocket> taken = new ArrayList<>();

    @BeforeEach
    void takePorts() throws IOException {
        for (int port : List.of(8080, 9092, 2181)) {
            if (Ports.isFree(port)) {
                taken.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
            }
        }
    }

    @AfterEach
    void givePortsBack() throws IOException {
        for (ServerSocket socket : taken) {
            socket.close();
        }
    }

    @Test
    void itTakesOtherPortsAndLeavesNothingBehind(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory)
            throws IOException {
        Path run = directory.resolve("run");
        JavaProcess quickstart = JavaProcess.start(
                "quickstart",
                directory.resolve("quickstart.out"),
                List.of(
                        "-Dquickstart.wildfly.home=" + WildFlyServer.home(),
                        "-Dquickstart.deployments=" + WildFlyServer.deployment(""),
                        "-Dquickstart.samples=orders,log-collection,activity-tracking,metrics,stream-processing",
                        "-Dquickstart.run.directory=" + run,
                        "-Dquickstart.exit=true"),
                "io.millrace.quickstart.Quickstart",
                List.of());

        Set<ProcessHandle> children = new HashSet<>();
        until("the quickstart has ended", RUN_MAX, () -> {
            ProcessHandle.of(quickstart.pid())
                    .ifPresent(process -> process.descendants().forEach(children::add));
            return !quickstart.isAlive();
        });

        String output = Files.readString(quickstart.output());
        assertThat(quickstart.awaitExit(ENDED_MAX))
                .as(() -> output + serverLog(run))
                .isZero();
        assertThat(output)
                .contains(
                        "all 10 orders are in the table",
                        "Nothing was lost",
                        "is in sync again",
                        "all 5 sales are in the revenue")
                .containsPattern("Orders +http://127\\.0\\.0\\.1:\\d+/orders/")
                .containsPattern("Activity +http://127\\.0\\.0\\.1:\\d+/activity-tracking/")
                .containsPattern("Metrics +http://127\\.0\\.0\\.1:\\d+/metrics/")
                .containsPattern("Revenue +http://127\\.0\\.0\\.1:\\d+/stream-processing/")
                .doesNotContainPattern("127\\.0\\.0\\.1:(8080|9092|2181)\\b");
        assertThat(filesIn(run)).isEmpty();
        assertThat(children).hasSizeGreaterThan(ZOOKEEPER_BROKERS_PROCESSOR_AND_SERVER);
        until("no child process is left", ENDED_MAX, () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** What the server said last, where the run was kept because it failed. */
    private static String serverLog(Path run) {
        try (Stream<Path> files = Files.walk(run)) {
            Optional<Path> log = files.filter(file -> file.endsWith("wildfly/log/server.log"))
                    .findFirst();
            List<String> lines = log.isPresent() ? Files.readAllLines(log.get()) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
        } catch (IOException e) {
            return "The server's log cannot be read: " + e;
        }
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
