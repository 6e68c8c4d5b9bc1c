package io.millrace.metadata.zookeeper;

/**
 * How to reach ZooKeeper.
 *
 * @param connectString {@code zookeeper.connect}: {@code host:port,host:port/chroot}; without a chroot the cluster lies under
 *     {@value Paths#DEFAULT_ROOT}
 * @param sessionTimeoutMs {@code zookeeper.session.timeout.ms}: how long a silent broker stays registered; the server may bound it
 * @param connectionTimeoutMs {@code zookeeper.connection.timeout.ms}: how long the first reading of the metadata may take
 */
public record ZooKeeperConfiguration(
        String connectString, int sessionTimeoutMs, int connectionTimeoutMs, ZooKeeperSecurity security) {
    public static final int DEFAULT_SESSION_TIMEOUT_MS = 6_000;
    public static final int DEFAULT_CONNECTION_TIMEOUT_MS = 30_000;

    public ZooKeeperConfiguration {
        checkPositive("zookeeper.session.timeout.ms", sessionTimeoutMs);
        checkPositive("zookeeper.connection.timeout.ms", connectionTimeoutMs);
    }

    /** Without security. */
    public ZooKeeperConfiguration(String connectString, int sessionTimeoutMs) {
        this(connectString, sessionTimeoutMs, DEFAULT_CONNECTION_TIMEOUT_MS, ZooKeeperSecurity.NONE);
    }

    private static void checkPositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be greater than 0");
        }
    }
}
