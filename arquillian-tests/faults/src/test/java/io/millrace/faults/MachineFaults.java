package io.millrace.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Disks, power and clocks. */
final class MachineFaults {
    private static final int SLOW_SYNC_MS = 400;

    private MachineFaults() {}

    /** No room on the disk; the broker must take records again by itself when there is room. */
    record FullDisk(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutDisks();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.disk(broker).fill();
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.disk(broker).free();
        }
    }

    /** Every fsync fails; whoever looks after the broker mends the disk and starts it anew. */
    record FailingSync(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutCompiler();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.sync(broker, "fail");
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.kill(broker);
            cluster.sync(broker, "");
            cluster.restart(broker);
        }
    }

    /** Every fsync takes longer. */
    record SlowSync(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutCompiler();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.sync(broker, Integer.toString(SLOW_SYNC_MS));
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.sync(broker, "");
        }
    }

    /** The power goes: what was not synced is gone. */
    record LostPower(int broker) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutDisks().or(Tools::withoutCompiler);
        }

        @Override
        public void inject(FaultCluster cluster) {
            Path powerLoss = cluster.powerLoss().orElseThrow();
            cluster.disk(broker).losePower(powerLoss);
            cluster.kill(broker);
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.disk(broker).mountAnew();
            cluster.restart(broker);
        }

        @Override
        public boolean needsAllInSync() {
            return true;
        }
    }

    /** The wall clock jumps, and jumps back when healed; the monotonic clock goes on. */
    record JumpingClock(int broker, Duration jump) implements Fault {
        @Override
        public Optional<String> impossible() {
            return Tools.withoutCompiler();
        }

        @Override
        public void inject(FaultCluster cluster) {
            cluster.clock(broker, jump);
        }

        @Override
        public void heal(FaultCluster cluster) {
            cluster.clock(broker, Duration.ZERO);
        }
    }
}
