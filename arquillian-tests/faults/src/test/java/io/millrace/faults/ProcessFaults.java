package io.millrace.faults;

import java.util.Optional;

/** Processes that end or stand still. */
final class ProcessFaults {
    private ProcessFaults() {}

    /** kill -9. */
    record KilledBroker(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Optional.empty();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.kill(broker);
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.restart(broker);
        }
    }

    /** SIGSTOP; held for longer than the session, others lead meanwhile. */
    record PausedBroker(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Optional.empty();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.signal(broker, "STOP");
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.signal(broker, "CONT");
        }
    }

    /** One server of ZooKeeper is killed; the other two go on. */
    record KilledZooKeeper(int server) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Optional.empty();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.zooKeeper().kill(server);
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.zooKeeper().startAll();
        }
    }

    /** All servers of ZooKeeper but one are killed: nothing can be decided. */
    record LostQuorum(int survivor) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Optional.empty();
        }

        @Override
        public void inject(FaultCluster cluster) {
            for (int id = 1; id <= ZooKeeperEnsemble.SIZE; id++) {
                if (id != survivor) {
                    cluster.zooKeeper().kill(id);
                }
            }
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.zooKeeper().startAll();
        }
    }
}
