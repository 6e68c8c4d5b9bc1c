package io.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.abort;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The power goes under load, and with it whatever was not synced: no acknowledged record or acknowledgement goes with it. */
class PowerLossIT {
    private static final Duration TEST_MAX = Duration.ofMinutes(10);
    private static final Duration WITHOUT_POWER = Duration.ofSeconds(5);

    @BeforeEach
    void skipWherePowerCannotBeTaken() {
        new MachineFaults.LostPower(1).impossible().ifPresent(reason -> {
            System.out.println("Skipped: loss of power, as " + reason);
            abort(reason);
        });
    }

    @Test
    void journaledDestinationsLoseNothingWhenAllBrokersLosePowerAtOnce() {
        assertTimeoutPreemptively(
                TEST_MAX,
                () -> losePower("power-all", Map.of("flush.policy", "journal"), List.of(FaultCluster.brokerIds())));
    }

    @Test
    void aTopicLeftToTheOperatingSystemLosesNothingWhenOneBrokerAfterTheOtherLosesPower() {
        List<List<Integer>> oneByOne =
                FaultCluster.brokerIds().stream().map(List::of).toList();

        assertTimeoutPreemptively(TEST_MAX, () -> losePower("power-one", Map.of("flush.policy", "os"), oneByOne));
    }

    private static void losePower(String name, Map<String, String> topicConfiguration, List<List<Integer>> rounds) {
        try (FaultCluster cluster = FaultCluster.start(name);
                Workload load = new Workload(cluster, topicConfiguration)) {
            for (List<Integer> round :
                    Stream.concat(rounds.stream(), rounds.stream()).toList()) {
                load.awaitProgress();
                cluster.awaitInSync(Workload.DESTINATIONS);
                losePower(cluster, load, round);
            }
            load.awaitProgress();
            cluster.awaitInSync(Workload.DESTINATIONS);
            load.check("Power lost, topic with " + topicConfiguration);
        }
    }

    private static void losePower(FaultCluster cluster, Workload load, List<Integer> brokers) {
        List<MachineFaults.LostPower> losses =
                brokers.stream().map(MachineFaults.LostPower::new).toList();
        load.onFault("LostPower of " + brokers);
        losses.forEach(loss -> loss.inject(cluster));
        LockSupport.parkNanos(WITHOUT_POWER.toNanos());
        // A broker serves only when the others are there, too: all are mounted and launched before one is waited for.
        brokers.forEach(broker -> cluster.disk(broker).mountAnew());
        cluster.restartAll(brokers);
    }
}
