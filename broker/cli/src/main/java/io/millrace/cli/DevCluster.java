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

/**
 * ZooKeeper and brokers in this process, on loopback.
 *
 * <p>Guarded by this; {@link #close} may come from a shutdown hook while the cluster is starting and then ends the start
 * after the part that is being started.
 */
public final class DevCluster implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(DevCluster.class.getName());
    private static final int BROKERS_MAX = 32;
    private static final int PORT_MAX = 65_535;

    private final Options options;
    private final Path dataDirectory;
    private final boolean isTemporary;
    private final List<Broker> brokers = new ArrayList<>();
    private @Nullable EmbeddedZooKeeper zooKeeper;
    private boolean isClosed;

    /** A cluster that is not started yet. */
    public DevCluster(Options options) {
        this.options = options;
        Path wanted = options.dataDirectory();
        isTemporary = wanted == null;
        dataDirectory = wanted == null ? temporaryDirectory() : wanted.toAbsolutePath();
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
                throw new IllegalArgumentException(
                        "cannot run " + brokers + " brokers; --brokers takes 1 to " + BROKERS_MAX);
            }
            checkPort("--port", port);
            checkPort("--zookeeper-port", zooKeeperPort);
        }

        private static void checkPort(String option, int port) {
            if (port < 0 || port > PORT_MAX) {
                throw new IllegalArgumentException(
                        option + " " + port + " is no port; a port is 1 to " + PORT_MAX + ", and 0 takes a free one");
            }
        }
    }

    /** Starts everything; what was started is stopped again where a part fails. */
    public void start() {
        boolean isStarted = false;
        try {
            startZooKeeper();
            for (int id = 1; id <= options.brokers(); id++) {
                startBroker(id, options.port() == 0 ? 0 : portOrAny(options.port() + id - 1));
            }
            isStarted = true;
        } finally {
            if (!isStarted) {
                close();
            }
        }
    }

    private synchronized void startZooKeeper() {
        checkOpen();
        zooKeeper = EmbeddedZooKeeper.start(dataDirectory.resolve("zookeeper"), portOrAny(options.zooKeeperPort()));
    }

    private synchronized void startBroker(int id, int port) {
        checkOpen();
        brokers.add(Broker.start(BrokerConfiguration.of(settings(id, port))));
    }

    private void checkOpen() {
        if (isClosed) {
            throw new CommandFailedException("the cluster was stopped while it started");
        }
    }

    private Map<String, String> settings(int id, int port) {
        var settings = new HashMap<String, String>();
        settings.put("broker.id", Integer.toString(id));
        settings.put("listeners", "127.0.0.1:" + port);
        settings.put("zookeeper.connect", zooKeeperConnect());
        settings.put("log.dirs", dataDirectory.resolve("broker-" + id).toString());
        settings.put("default.replication.factor", Integer.toString(Math.min(3, options.brokers())));
        settings.put("min.insync.replicas", Integer.toString(options.brokers() >= 3 ? 2 : 1));
        return settings;
    }

    public synchronized String bootstrapServers() {
        return brokers.stream().map(broker -> "127.0.0.1:" + broker.port()).collect(Collectors.joining(","));
    }

    public synchronized String zooKeeperConnect() {
        if (zooKeeper == null) {
            throw new IllegalStateException("ZooKeeper has no port before the cluster is started");
        }
        return "127.0.0.1:" + zooKeeper.port();
    }

    public Path dataDirectory() {
        return dataDirectory;
    }

    public synchronized List<Broker> brokers() {
        return List.copyOf(brokers);
    }

    /** Stops the brokers, then ZooKeeper, and deletes a temporary data folder. Idempotent. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        brokers.forEach(Broker::close);
        if (zooKeeper != null) {
            zooKeeper.close();
        }
        if (isTemporary) {
            deleteRecursively(dataDirectory);
        }
    }

    /** The port, where nobody listens on it, or else 0, with which a server binds to a free one. */
    static int portOrAny(int wanted) {
        if (wanted > PORT_MAX) {
            return 0;
        }
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true); // as the servers do, so that a restart finds its port again at once
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return wanted;
        } catch (IOException ignored) { // taken
            return 0;
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
            LOGGER.log(
                    System.Logger.Level.WARNING, () -> "Could not delete the temporary folder " + directory + ": " + e);
        }
    }
}
