package io.millrace.faults;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Packets that are dropped. */
final class NetworkFaults {
    private NetworkFaults() {}

    private static List<String> otherBrokers(int broker) {
        return FaultCluster.brokerIds().stream()
                .filter(id -> id != broker)
                .map(FaultCluster::node)
                .toList();
    }

    private static void healAll(FaultCluster cluster) {
        Stream.concat(FaultCluster.brokerIds().stream().map(FaultCluster::node), ZooKeeperEnsemble.nodes().stream())
                .forEach(cluster.network()::heal);
    }

    /** A broker and the other brokers do not hear each other; all of them hear ZooKeeper and the clients. */
    record CutFromBrokers(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutNetwork();
        }

        @Override
        public void inject(FaultCluster cluster) {
            for (String peer : otherBrokers(broker)) {
                cluster.network().deafen(FaultCluster.node(broker), peer);
                cluster.network().deafen(peer, FaultCluster.node(broker));
            }
        }

        @Override
        public void heal(FaultCluster cluster) {
            healAll(cluster);
        }
    }

    /** A broker and ZooKeeper do not hear each other. */
    record CutFromZooKeeper(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutNetwork();
        }

        @Override
        public void inject(FaultCluster cluster) {
            for (String server : ZooKeeperEnsemble.nodes()) {
                cluster.network().deafen(FaultCluster.node(broker), server);
                cluster.network().deafen(server, FaultCluster.node(broker));
            }
        }

        @Override
        public void heal(FaultCluster cluster) {
            healAll(cluster);
        }
    }

    /** A broker hears nothing of the other brokers, which go on hearing it. */
    record DeafToBrokers(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutNetwork();
        }

        @Override
        public void inject(FaultCluster cluster) {
            otherBrokers(broker).forEach(peer -> cluster.network().deafen(FaultCluster.node(broker), peer));
        }

        @Override
        public void heal(FaultCluster cluster) {
            healAll(cluster);
        }
    }
}
