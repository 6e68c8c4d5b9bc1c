package io.millrace.metadata.zookeeper;

/**
 * How to reach ZooKeeper.
 *
 * @param connectString {@code zookeeper.connect}: {@code host:port,host:port/chroot}; without a chroot the cluster lies under
 *     {@value Paths#DEFAULT_ROOT}
 * @param sessionTimeoutMs {@code zookeeper.session.timeout.ms}: how long a silent broker stays registered; the server may bound it
 */
public record ZooKeeperConfiguration(String connectString, int sessionTimeoutMs) {
    public static final int DEFAULT_SESSION_TIMEOUT_MS = 6_000;

    public ZooKeeperConfiguration {
        if (sessionTimeoutMs <= 0) {
            throw new IllegalArgumentException(
                    "zookeeper.session.timeout.ms is " + sessionTimeoutMs + "; it must be greater than 0");
        }
    }
}
