package io.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.abort;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each fault by itself, at the leader of the topic's first partition, under load; afterwards everything goes on and nothing is lost. */
class SingleFaultIT {
    private static final Duration HOLD = FaultCluster.SESSION.multipliedBy(2);
    private static final Duration FAULT_MAX = Duration.ofMinutes(5);

    private static FaultCluster cluster;
    private static Workload load;

    @BeforeAll
    static void start() {
        cluster = FaultCluster.start("single");
        load = new Workload(cluster, Map.of());
        load.awaitProgress();
    }

    @AfterAll
    static void stop() {
        try {
            if (load != null) {
                load.close();
            }
        } finally {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyFaultIsSurvived() {
        String only = System.getProperty("faults.only", "");
        var tests = new ArrayList<DynamicTest>();
        for (IntFunction<Fault> fault : FaultSchedule.FAULTS) {
            String name = fault.apply(1).getClass().getSimpleName();
            if (name.contains(only)) {
                tests.add(DynamicTest.dynamicTest(
                        name, () -> assertTimeoutPreemptively(FAULT_MAX, () -> survive(fault))));
            }
        }
        tests.add(DynamicTest.dynamicTest("no anomaly", () -> load.check("Each fault by itself")));
        return tests.stream();
    }

    private static void survive(IntFunction<Fault> faults) {
        cluster.awaitInSync(Workload.DESTINATIONS);
        Fault fault = faults.apply(cluster.leaderOf(Workload.TOPIC));
        fault.impossible().ifPresent(reason -> {
            System.out.println("Skipped: " + fault + ", as " + reason);
            abort(reason);
        });
        long began = System.nanoTime();
        load.onFault(fault.getClass().getSimpleName());
        fault.inject(cluster);
        try {
            LockSupport.parkNanos(HOLD.toNanos());
        } finally {
            fault.heal(cluster);
        }
        load.awaitProgress();
        cluster.awaitInSync(Workload.DESTINATIONS);
        System.out.printf(
                "%s: held %d s, all in sync %d ms after it began%n",
                fault, HOLD.toSeconds(), (System.nanoTime() - began) / 1_000_000);
    }
}
