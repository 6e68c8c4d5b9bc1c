package io.millrace.metadata.zookeeper;

import java.util.Optional;

/**
 * How this broker and ZooKeeper know each other, and who may read what the cluster keeps there.
 *
 * @param login whom this broker logs in as; empty for what a JAAS file of the operator says, if there is one
 * @param tls empty for connections in the clear
 * @param restrictsAccess {@code zookeeper.set.acl}: what this broker creates may be read and changed by its own user only, not by everybody
 */
public record ZooKeeperSecurity(Optional<ZooKeeperLogin> login, Optional<ZooKeeperTls> tls, boolean restrictsAccess) {
    /** Everybody may connect, and do everything. */
    public static final ZooKeeperSecurity NONE = new ZooKeeperSecurity(Optional.empty(), Optional.empty(), false);

    /** Whether the operator gave a JAAS configuration by which ZooKeeper's client logs in. */
    public static boolean hasJaasLogin() {
        return SaslLogins.isConfiguredOutside();
    }
}
