package io.millrace.metadata.zookeeper;

import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;

/** How znodes are created; the one place that decides who may read and change them. Immutable. */
final class NewZnodes {
    private final List<ACL> access;

    private NewZnodes(List<ACL> access) {
        this.access = access;
    }

    /**
     * Everything in the tree is for brokers only, so where access is restricted nobody else may even read: less than what Kafka leaves open, and one
     * rule instead of a list of paths.
     */
    static NewZnodes of(ZooKeeperSecurity security) {
        return new NewZnodes(security.restrictsAccess() ? Ids.CREATOR_ALL_ACL : Ids.OPEN_ACL_UNSAFE);
    }

    boolean isRestricted() {
        return access != Ids.OPEN_ACL_UNSAFE;
    }

    /** Whether everybody may do something with a znode that has this access list. */
    static boolean isOpen(List<ACL> access) {
        return access.stream().anyMatch(each -> each.getId().equals(Ids.ANYONE_ID_UNSAFE));
    }

    Op persistent(String path, byte[] data) {
        return Op.create(path, data, access, CreateMode.PERSISTENT);
    }

    /** Vanishes with the session that creates it. */
    Op ephemeral(String path, byte[] data) {
        return Op.create(path, data, access, CreateMode.EPHEMERAL);
    }
}
