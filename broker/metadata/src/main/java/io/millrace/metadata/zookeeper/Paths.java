package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.util.UUID;
import org.apache.zookeeper.common.PathUtils;

/** Where things lie in ZooKeeper. */
record Paths(String root) {
    static final String DEFAULT_ROOT = "/millrace";

    /** What a connect string like {@code host:2181,host:2182/chroot} says: the servers, and the root, {@value #DEFAULT_ROOT} if none. */
    record ConnectString(String servers, Paths paths) {
        static ConnectString parse(String connectString) {
            int slash = connectString.indexOf('/');
            String servers = slash < 0 ? connectString : connectString.substring(0, slash);
            String root = slash < 0 ? DEFAULT_ROOT : connectString.substring(slash);
            if (servers.isBlank()) {
                throw new MetadataException("zookeeper.connect is '" + connectString
                        + "'; it must name at least one server, as in host:2181 or host:2181,host:2182/millrace");
            }
            while (root.endsWith("/")) {
                root = root.substring(0, root.length() - 1);
            }
            return new ConnectString(servers, new Paths(checked(connectString, root.isEmpty() ? DEFAULT_ROOT : root)));
        }
    }

    private static String checked(String connectString, String root) {
        try {
            PathUtils.validatePath(root);
            return root;
        } catch (IllegalArgumentException e) {
            throw new MetadataException(
                    "zookeeper.connect is '" + connectString + "'; its path " + root + " is none of ZooKeeper's: "
                            + e.getMessage(),
                    e);
        }
    }

    String cluster() {
        return root + "/cluster";
    }

    String brokers() {
        return root + "/brokers";
    }

    String broker(int brokerId) {
        return brokers() + "/" + brokerId;
    }

    /** Below it, for each broker id, a znode that stays and that every registration sets: its version numbers them. */
    String starts() {
        return root + "/starts";
    }

    String start(int brokerId) {
        return starts() + "/" + brokerId;
    }

    String controller() {
        return root + "/controller";
    }

    String controllerEpoch() {
        return root + "/controller_epoch";
    }

    String topics() {
        return root + "/topics";
    }

    String topic(UUID topicId) {
        return topics() + "/" + topicId;
    }

    String partitionStates() {
        return root + "/pstate";
    }

    String bucket(int bucket) {
        return partitionStates() + "/" + bucket;
    }

    /** All settings that are no topic's. */
    String settings() {
        return root + "/config";
    }

    String producerIds() {
        return root + "/producer_ids";
    }
}
