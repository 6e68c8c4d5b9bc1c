package io.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Faults drawn from a seed under load for a bounded time: no anomaly. */
class RandomFaultsIT {
    private static final Duration BESIDES_MAX = Duration.ofMinutes(15);

    @Test
    void noSeedMakesAnAnomaly() {
        long seconds = Long.parseLong(System.getProperty("faults.seconds", "60"));
        String given = System.getProperty("faults.seed", "");
        long seed = given.isEmpty() ? new Random().nextInt(1_000_000) : Long.parseLong(given);
        String command = "mvn -Pfaults -pl arquillian-tests/faults -am verify -Dfaults.seconds=" + seconds
                + " -Dfaults.seed=" + seed;
        System.out.println("Random faults with seed " + seed + "; again with: " + command);

        assertTimeoutPreemptively(
                Duration.ofSeconds(seconds).plus(BESIDES_MAX), () -> run(seed, Duration.ofSeconds(seconds)), command);
    }

    private void run(long seed, Duration length) {
        try (FaultCluster cluster = FaultCluster.start("random-" + seed);
                Workload load = new Workload(cluster, Map.of())) {
            load.awaitProgress();
            FaultSchedule.draw(seed, length).steps().forEach(step -> play(cluster, load, step));
            cluster.awaitInSync(Workload.DESTINATIONS);
            load.awaitProgress();
            load.check("Random faults for " + length.toSeconds() + " s with seed " + seed);
        }
    }

    private static void play(FaultCluster cluster, Workload load, FaultSchedule.Step step) {
        var reason = step.fault().impossible();
        if (reason.isPresent()) {
            System.out.println("Skipped: " + step.fault() + ", as " + reason.get());
            return;
        }
        if (step.fault().needsAllInSync()) {
            cluster.awaitInSync(Workload.DESTINATIONS);
        }
        System.out.println(step.fault() + " for " + step.hold().toMillis() + " ms");
        load.onFault(step.fault().getClass().getSimpleName());
        step.fault().inject(cluster);
        try {
            LockSupport.parkNanos(step.hold().toNanos());
        } finally {
            step.fault().heal(cluster);
        }
        LockSupport.parkNanos(step.pause().toNanos());
    }
}
