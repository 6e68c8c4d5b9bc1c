package io.millrace.container;

import io.millrace.testkit.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Where the managed WildFly is, how it is started, and what of it the operating system shows (Linux). */
final class WildFlyServer {
    private static final int[] PORTS = {8080, 8443, 9990, 9993, 3528, 3529, 4712, 4713, 5445, 5455};
    private static final int ESTABLISHED = 1;

    private final int portOffset = IntStream.iterate(1_000, offset -> offset < 20_000, offset -> offset + 100)
            .filter(offset -> IntStream.of(PORTS).allMatch(port -> Ports.isFree(port + offset)))
            .findFirst()
            .orElseThrow();

    static Path home() {
        return Path.of(System.getProperty("wildfly.home"));
    }

    static File deployment(String name) {
        return Path.of(System.getProperty("deployments.directory"), name).toFile();
    }

    int httpPort() {
        return 8080 + portOffset;
    }

    Map<String, String> configuration(String bootstrapServers) {
        Map<String, String> configuration = new TreeMap<>();
        configuration.put("managementPort", Integer.toString(9990 + portOffset));
        configuration.put(
                "javaVmArguments",
                String.join(
                        " ",
                        "-Xmx512m",
                        "-Djava.net.preferIPv4Stack=true",
                        "-Djboss.bind.address=127.0.0.1",
                        "-Djboss.bind.address.management=127.0.0.1",
                        "-Djboss.socket.binding.port-offset=" + portOffset,
                        "-Dejb.resource-adapter-name=millrace.rar",
                        "-Dmillrace.bootstrap.servers=" + bootstrapServers));
        return configuration;
    }

    static String log() {
        try {
            return Files.readString(home().resolve("standalone/log/server.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server's archive validation objects to: it writes a file for each archive that it does. */
    static List<String> validationReports() {
        try (Stream<Path> files = Files.list(home().resolve("standalone/log"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".rar"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The remote ports, of those given, that the server has connections to. */
    static List<Integer> connectionsTo(Set<Integer> ports) {
        long pid = pid();
        Set<String> inodes = socketInodes(pid);
        List<Integer> connections = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : lines(Path.of("/proc", Long.toString(pid), "net", table))) {
                String[] columns = line.trim().split("\\s+");
                if (columns.length > 9
                        && inodes.contains(columns[9])
                        && Integer.parseInt(columns[3], 16) == ESTABLISHED) {
                    int remote = Integer.parseInt(columns[2].substring(columns[2].indexOf(':') + 1), 16);
                    if (ports.contains(remote)) {
                        connections.add(remote);
                    }
                }
            }
        }
        return connections;
    }

    private static long pid() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("jboss.home.dir=" + home()))
                .mapToLong(ProcessHandle::pid)
                .max()
                .orElseThrow(() -> new IllegalStateException("WildFly does not run"));
    }

    private static Set<String> socketInodes(long pid) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors
                    .map(WildFlyServer::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException ignored) {
            // Closed since it was listed.
            return "";
        }
    }

    private static List<String> lines(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.subList(1, lines.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
