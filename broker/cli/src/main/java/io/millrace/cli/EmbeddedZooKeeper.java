package io.millrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/** A single ZooKeeper server in this process, on loopback. */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final int TICK_TIME_MS = 1000;
    private static final int CONNECTIONS_MAX = 200;

    private final ZooKeeperServer server;
    private final ServerCnxnFactory connections;

    private EmbeddedZooKeeper(ZooKeeperServer server, ServerCnxnFactory connections) {
        this.server = server;
        this.connections = connections;
    }

    /** Starts a server whose data lives in the folder; 0 picks a free port. */
    public static EmbeddedZooKeeper start(Path directory, int port) {
        System.setProperty("zookeeper.admin.enableServer", "false");
        try {
            Files.createDirectories(directory);
            var server = new ZooKeeperServer(directory.toFile(), directory.toFile(), TICK_TIME_MS);
            var connections = new NIOServerCnxnFactory();
            connections.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECTIONS_MAX);
            connections.startup(server);
            return new EmbeddedZooKeeper(server, connections);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start ZooKeeper on port " + port + " in " + directory, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ZooKeeper started", e);
        }
    }

    public int port() {
        return connections.getLocalPort();
    }

    @Override
    public void close() {
        connections.shutdown();
        server.shutdown();
    }
}
