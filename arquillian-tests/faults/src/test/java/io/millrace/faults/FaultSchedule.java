package io.millrace.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Which faults come when: drawn from a seed alone, so that the seed replays it.
 *
 * @param steps one after the other
 */
record FaultSchedule(List<Step> steps) {
    /** Every fault that there is, by the number of the broker or server that it hits. */
    static final List<IntFunction<Fault>> FAULTS = List.of(
            ProcessFaults.KilledBroker::new,
            ProcessFaults.PausedBroker::new,
            ProcessFaults.KilledZooKeeper::new,
            ProcessFaults.LostQuorum::new,
            NetworkFaults.CutFromBrokers::new,
            NetworkFaults.CutFromZooKeeper::new,
            NetworkFaults.DeafToBrokers::new,
            MachineFaults.FullDisk::new,
            MachineFaults.FailingSync::new,
            MachineFaults.SlowSync::new,
            MachineFaults.LostPower::new,
            broker -> new MachineFaults.JumpingClock(broker, Duration.ofMinutes(broker % 2 == 0 ? 30 : -30)));

    private static final int HOLD_MIN_MS = 500;
    private static final int HOLD_SPAN_MS = 9_500;
    private static final int PAUSE_SPAN_MS = 2_500;

    /** A fault, how long it lasts, and how long nothing happens afterwards. */
    record Step(Fault fault, Duration hold, Duration pause) {}

    static FaultSchedule draw(long seed, Duration length) {
        var random = new Random(seed);
        var steps = new ArrayList<Step>();
        Duration left = length;
        while (left.compareTo(Duration.ZERO) > 0) {
            Fault fault = FAULTS.get(random.nextInt(FAULTS.size())).apply(1 + random.nextInt(FaultCluster.BROKERS));
            Duration hold = Duration.ofMillis(HOLD_MIN_MS + random.nextInt(HOLD_SPAN_MS));
            Duration pause = Duration.ofMillis(random.nextInt(PAUSE_SPAN_MS));
            steps.add(new Step(fault, hold, pause));
            left = left.minus(hold).minus(pause);
        }
        return new FaultSchedule(List.copyOf(steps));
    }
}
