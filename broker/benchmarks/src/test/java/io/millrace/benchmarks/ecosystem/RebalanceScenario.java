package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A member leaves a group of 100, and another joins; how long it takes until every partition has a holder again, and all members one.
 *
 * <p>Members read nothing meanwhile. Heartbeats are frequent, since they are how members hear of a rebalance.
 */
record RebalanceScenario(boolean isServerSide) implements Scenario {
    /** Of both protocols: of the members' own setting in the one, of the broker's in the other. */
    static final int HEARTBEAT_MS = 100;

    private static final int MEMBERS = 100;
    private static final int PARTITIONS = 200;
    private static final int CYCLES = 6;
    private static final Duration SETTLE_MAX = Duration.ofSeconds(20);
    private static final Duration QUIET = Duration.ofMillis(500);

    @Override
    public String name() {
        return "rebalance of 100 members, " + (isServerSide ? "consumer" : "classic") + " protocol";
    }

    @Override
    public boolean isServedBy(Target target) {
        return !isServerSide || !target.name().contains("Kafka 3.");
    }

    @Override
    public void warmUp(Target target, Effort effort) {
        // A hundred members have to join before anything is measured, and the first cycle is not counted.
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("rebalanced"), PARTITIONS);
        return new Run(target, effort.unique("group-of-100"), topic).measure(Math.max(2, (int) effort.count(CYCLES)));
    }

    /** One group, from the first join to the last leave. */
    private final class Run {
        private final Target target;
        private final String group;
        private final String topic;
        private final Ownership ownership = new Ownership(PARTITIONS);
        private final TreeMap<Integer, GroupMember> members = new TreeMap<>();
        private final List<GroupMember> gone = new ArrayList<>();

        Run(Target target, String group, String topic) {
            this.target = target;
            this.group = group;
            this.topic = topic;
        }

        Measured measure(int cycles) throws InterruptedException {
            try {
                for (int i = 0; i < MEMBERS; i++) {
                    members.put(i, member(i));
                }
                expectAll();
                members.values().forEach(member -> member.join(topic));
                ownership.awaitSettled(QUIET, SETTLE_MAX);
                target.checkGroup(group, MEMBERS, PARTITIONS);
                double[] leaves = new double[cycles - 1];
                double[] joins = new double[cycles - 1];
                cycle();
                Duration used = Duration.ZERO;
                for (int i = 0; i < cycles - 1; i++) {
                    Cycle cycle = cycle();
                    leaves[i] = cycle.leaveMs();
                    joins[i] = cycle.joinMs();
                    used = used.plus(cycle.brokerCpu());
                }
                target.checkGroup(group, MEMBERS, PARTITIONS);
                return new Measured(
                        List.of(
                                Measured.Figure.millis("a member leaves, ms", median(leaves)),
                                Measured.Figure.millis("a member joins, ms", median(joins))),
                        used.toNanos() / 1e9 / (2.0 * (cycles - 1)));
            } finally {
                members.values().forEach(GroupMember::leave);
                gone.addAll(members.values());
                for (GroupMember member : gone) {
                    member.awaitEnd();
                }
            }
        }

        private Cycle cycle() throws InterruptedException {
            var leaver = members.pollFirstEntry();
            Stopwatch watch = target.start();
            expectAll();
            leaver.getValue().leave();
            gone.add(leaver.getValue());
            Stopwatch.Span left = watch.stopAt(ownership.awaitSettled(QUIET, SETTLE_MAX));
            int newcomer = members.lastKey() + 1;
            members.put(newcomer, member(newcomer));
            watch = target.start();
            expectAll();
            members.get(newcomer).join(topic);
            Stopwatch.Span joined = watch.stopAt(ownership.awaitSettled(QUIET, SETTLE_MAX));
            return new Cycle(
                    left.time().toNanos() / 1e6,
                    joined.time().toNanos() / 1e6,
                    left.brokerCpu().plus(joined.brokerCpu()));
        }

        private GroupMember member(int id) {
            Map<String, Object> settings = new HashMap<>();
            settings.put("group.id", group);
            settings.put("client.id", "member-" + id);
            if (isServerSide) {
                settings.put("group.protocol", "consumer");
            } else {
                settings.put("heartbeat.interval.ms", Integer.toString(HEARTBEAT_MS));
                settings.put("session.timeout.ms", "20000");
            }
            return new GroupMember(id, target.consumer(settings), ownership, records -> {});
        }

        private void expectAll() {
            Set<Integer> expected = new HashSet<>(members.keySet());
            ownership.expect(expected);
        }
    }

    private record Cycle(double leaveMs, double joinMs, Duration brokerCpu) {}

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
