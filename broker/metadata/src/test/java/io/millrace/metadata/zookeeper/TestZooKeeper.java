package io.millrace.metadata.zookeeper;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.auth.ProviderRegistry;
import org.apache.zookeeper.server.auth.SASLAuthenticationProvider;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;

/**
 * A real ZooKeeper server in this process that keeps its port and its data when it is stopped and started again, and whose sessions can be ended.
 * One at a time may ask for logins or TLS: ZooKeeper takes those settings from the process. Owned by the test's thread.
 */
public final class TestZooKeeper implements AutoCloseable {
    private static final int TICK_MS = 250;
    private static final int SESSION_TIMEOUT_MIN_MS = 500;
    private static final int CONNECTIONS_MAX = 1_000;
    private static final int BACKLOG = 100;
    private static final int PORT_FIRST = 10_000;
    private static final int PORT_END = 32_000;
    private static final int PORT_TRIES_MAX = 100;
    private static final String SASL_PROVIDER = "zookeeper.authProvider.sasl";
    private static final String X509_PROVIDER = "zookeeper.authProvider.x509";

    private final Path directory;
    private final Map<String, String> processSettings;
    private final boolean isEncrypted;
    private int port;
    private ServerCnxnFactory connections;
    private ZooKeeperServer server;

    private TestZooKeeper(Path directory, Map<String, String> processSettings, boolean isEncrypted) {
        this.directory = directory;
        this.processSettings = processSettings;
        this.isEncrypted = isEncrypted;
    }

    public static TestZooKeeper start(Path directory) throws Exception {
        return started(new TestZooKeeper(directory, Map.of(), false));
    }

    /** One that knows these users, by their passwords. */
    public static TestZooKeeper withUsers(Path directory, Map<String, String> users) throws Exception {
        TestLogins.install(Map.of("Server", TestLogins.users(users)));
        return started(
                new TestZooKeeper(directory, Map.of(SASL_PROVIDER, SASLAuthenticationProvider.class.getName()), false));
    }

    /** One that speaks TLS only, and knows clients by their certificates. */
    public static TestZooKeeper withTls(Path directory, Path keystore, Path truststore, String password)
            throws Exception {
        var settings = Map.of(
                ServerCnxnFactory.ZOOKEEPER_SERVER_CNXN_FACTORY,
                NettyServerCnxnFactory.class.getName(),
                X509_PROVIDER,
                X509AuthenticationProvider.class.getName(),
                "zookeeper.ssl.keyStore.location",
                keystore.toString(),
                "zookeeper.ssl.keyStore.password",
                password,
                "zookeeper.ssl.trustStore.location",
                truststore.toString(),
                "zookeeper.ssl.trustStore.password",
                password,
                "zookeeper.ssl.clientHostnameVerification",
                "false");
        return started(new TestZooKeeper(directory, settings, true));
    }

    private static TestZooKeeper started(TestZooKeeper zooKeeper) throws Exception {
        zooKeeper.processSettings.forEach(System::setProperty);
        ProviderRegistry.reset();
        zooKeeper.startAgain();
        return zooKeeper;
    }

    /** Begins to serve, at the port and with the data of before. */
    public void startAgain() throws Exception {
        server = new ZooKeeperServer(directory.toFile(), directory.toFile(), TICK_MS);
        server.setMinSessionTimeout(SESSION_TIMEOUT_MIN_MS);
        connections = ServerCnxnFactory.createFactory();
        port = port == 0 ? freePort() : port;
        connections.configure(new InetSocketAddress("127.0.0.1", port), CONNECTIONS_MAX, BACKLOG, isEncrypted);
        connections.startup(server);
    }

    /** One that the system gives to no connection while this server is away: on Linux, those begin at 32768. */
    private static int freePort() throws IOException {
        for (int tries = 0; tries < PORT_TRIES_MAX; tries++) {
            int candidate = ThreadLocalRandom.current().nextInt(PORT_FIRST, PORT_END);
            try (var socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException ignored) { // taken
            }
        }
        throw new IOException("no free port found between " + PORT_FIRST + " and " + PORT_END);
    }

    /** Breaks all connections and serves no more until it is started again. */
    public void stop() {
        connections.shutdown();
        server.shutdown();
    }

    public String connectString() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Ends all sessions that have ephemeral znodes as if they had timed out; answers how many there were. */
    public int expireAllSessions() {
        var sessions = List.copyOf(server.getZKDatabase().getSessions()); // the database's own view shrinks at once
        sessions.forEach(server::closeSession);
        return sessions.size();
    }

    /** Ends a session as if it had timed out. */
    public void expire(long sessionId) {
        server.closeSession(sessionId);
    }

    @Override
    public void close() {
        stop();
        processSettings.keySet().forEach(System::clearProperty);
        ProviderRegistry.reset();
        TestLogins.uninstall();
    }
}
