package io.millrace.faults;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.Ports;
import io.millrace.testkit.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three ZooKeeper servers, each a process. Owned by the test's thread. */
final class ZooKeeperEnsemble {
    static final int SIZE = 3;
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final Network network;
    private final Path directory;
    private final Map<Integer, String> peers = new TreeMap<>();
    private final Map<Integer, JavaProcess> servers = new TreeMap<>();

    ZooKeeperEnsemble(Network network, Path directory, Cleanup cleanup) {
        this.network = network;
        this.directory = directory;
        for (int id = 1; id <= SIZE; id++) {
            peers.put(id, network.host(node(id)) + ":" + Ports.free() + ":" + Ports.free());
        }
        cleanup.add("ZooKeeper", () -> servers.values().forEach(JavaProcess::kill));
    }

    static List<String> nodes() {
        return IntStream.rangeClosed(1, SIZE).mapToObj(ZooKeeperEnsemble::node).toList();
    }

    static String node(int id) {
        return "z" + id;
    }

    String connect() {
        return nodes().stream().map(network::endpoint).collect(Collectors.joining(","));
    }

    void launch(int id) {
        Path data = directory.resolve("zookeeper-" + id);
        Path configuration = directory.resolve("zookeeper-" + id + ".cfg");
        String ensemble = peers.entrySet().stream()
                .map(peer -> "server." + peer.getKey() + "=" + peer.getValue() + "\n")
                .collect(Collectors.joining());
        try {
            Files.createDirectories(data);
            Files.writeString(data.resolve("myid"), id + "\n");
            Files.writeString(
                    configuration,
                    "tickTime=500\ninitLimit=20\nsyncLimit=6\nadmin.enableServer=false\ndataDir=" + data
                            + "\nclientPort=" + network.port(node(id)) + "\nclientPortAddress=" + network.host(node(id))
                            + "\n" + ensemble);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + configuration, e);
        }
        servers.put(
                id,
                JavaProcess.startIn(
                        new JavaProcess.Surroundings(network.prefix(node(id)), Map.of()),
                        "zookeeper " + id,
                        directory.resolve("zookeeper-" + id + ".out"),
                        List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                        "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                        List.of(configuration.toString())));
    }

    void kill(int id) {
        JavaProcess server = servers.get(id);
        if (server != null) {
            server.kill();
        }
    }

    /** Starts whichever server does not run. */
    void startAll() {
        for (int id = 1; id <= SIZE; id++) {
            JavaProcess server = servers.get(id);
            if (server == null || !server.isAlive()) {
                launch(id);
            }
        }
        servers.keySet().forEach(this::awaitListening);
    }

    private void awaitListening(int id) {
        Wait.until("ZooKeeper " + id + " listens", START_MAX, () -> {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(network.host(node(id)), network.port(node(id))), 500);
                return true;
            } catch (IOException ignored) { // not yet
                return false;
            }
        });
    }
}
