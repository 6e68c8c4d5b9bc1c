package io.millrace.cli;

import io.millrace.server.Broker;
import io.millrace.server.BrokerConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** ZooKeeper and brokers in this process, on loopback. */
public final class DevCluster implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(DevCluster.class.getName());
    private static final int BROKERS_MAX = 32;

    private final Path dataDirectory;
    private final boolean isTemporary;
    private final EmbeddedZooKeeper zooKeeper;
    private final List<Broker> brokers = new ArrayList<>();

    private DevCluster(Options options) {
        Path wanted = options.dataDirectory();
        isTemporary = wanted == null;
        dataDirectory = wanted == null ? temporaryDirectory() : wanted.toAbsolutePath();
        zooKeeper = EmbeddedZooKeeper.start(dataDirectory.resolve("zookeeper"), freePort(options.zooKeeperPort()));
    }

    /**
     * What to start.
     *
     * @param dataDirectory null: a temporary folder, deleted at the end
     * @param port the first broker's; 0 or taken: a free one
     * @param zooKeeperPort 0 or taken: a free one
     */
    public record Options(int brokers, @Nullable Path dataDirectory, int port, int zooKeeperPort) {
        public Options {
            if (brokers < 1 || brokers > BROKERS_MAX) {
                throw new CommandFailedException(
                        "cannot run " + brokers + " brokers; --brokers takes 1 to " + BROKERS_MAX);
            }
        }
    }

    /** Starts everything; what was started is stopped again where a part fails. */
    public static DevCluster start(Options options) {
        var cluster = new DevCluster(options);
        boolean isStarted = false;
        try {
            cluster.startBrokers(options);
            isStarted = true;
            return cluster;
        } finally {
            if (!isStarted) {
                cluster.close();
            }
        }
    }

    private void startBrokers(Options options) {
        int port = options.port();
        for (int id = 1; id <= options.brokers(); id++) {
            port = freePort(port);
            brokers.add(Broker.start(BrokerConfiguration.of(settings(id, port, options.brokers()))));
            port = port == 0 ? 0 : port + 1;
        }
    }

    private Map<String, String> settings(int id, int port, int brokerCount) {
        var settings = new HashMap<String, String>();
        settings.put("broker.id", Integer.toString(id));
        settings.put("listeners", "127.0.0.1:" + port);
        settings.put("zookeeper.connect", zooKeeperConnect());
        settings.put("log.dirs", dataDirectory.resolve("broker-" + id).toString());
        settings.put("default.replication.factor", Integer.toString(Math.min(3, brokerCount)));
        settings.put("min.insync.replicas", Integer.toString(brokerCount >= 3 ? 2 : 1));
        return settings;
    }

    public String bootstrapServers() {
        return brokers.stream().map(broker -> "127.0.0.1:" + broker.port()).collect(Collectors.joining(","));
    }

    public String zooKeeperConnect() {
        return "127.0.0.1:" + zooKeeper.port();
    }

    public Path dataDirectory() {
        return dataDirectory;
    }

    public List<Broker> brokers() {
        return List.copyOf(brokers);
    }

    /** Stops the brokers, then ZooKeeper, and deletes a temporary data folder. */
    @Override
    public void close() {
        brokers.forEach(Broker::close);
        brokers.clear();
        zooKeeper.close();
        if (isTemporary) {
            deleteRecursively(dataDirectory);
        }
    }

    /** The port, where nobody listens on it, or else a free one. */
    static int freePort(int wanted) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return socket.getLocalPort();
        } catch (IOException ignored) { // taken
            return freePort(0);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("millrace-dev-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary data folder", e);
        }
    }

    private static void deleteRecursively(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, () -> "Could not delete the temporary folder " + directory + ": " + e);
        }
    }
}
