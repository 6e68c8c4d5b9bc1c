package io.millrace.benchmarks.ecosystem;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Which member of a group holds which partitions, as the members themselves tell.
 *
 * <p>It is settled when every partition has exactly one holder, every member that is expected has a partition, and nobody else has any. Guarded by this.
 */
final class Ownership {
    private static final long NOT_SETTLED = -1;

    private final int partitions;
    private final Map<Integer, Set<TopicPartition>> held = new HashMap<>();
    private Set<Integer> expected = Set.of();
    private @Nullable Exception failure;
    private boolean isSettled;
    private long changedNanos;
    private long changes;

    Ownership(int partitions) {
        this.partitions = partitions;
    }

    /** Who is to have the partitions from now on. */
    synchronized void expect(Set<Integer> members) {
        expected = Set.copyOf(members);
        onChange();
    }

    synchronized void gained(int member, Collection<TopicPartition> gained) {
        held.computeIfAbsent(member, ignored -> new HashSet<>()).addAll(gained);
        onChange();
    }

    synchronized void lost(int member, Collection<TopicPartition> lost) {
        held.computeIfAbsent(member, ignored -> new HashSet<>()).removeAll(lost);
        onChange();
    }

    synchronized void failed(int member, Exception cause) {
        if (failure == null) {
            failure = new IllegalStateException("member " + member + " of the group failed: " + cause, cause);
        }
        notifyAll();
    }

    /** How often members were given or had to give up partitions so far. */
    synchronized long changes() {
        return changes;
    }

    private void onChange() {
        changes++;
        changedNanos = System.nanoTime();
        isSettled = holdsAsExpected();
        notifyAll();
    }

    private boolean holdsAsExpected() {
        Set<TopicPartition> once = new HashSet<>();
        int count = 0;
        for (Map.Entry<Integer, Set<TopicPartition>> each : held.entrySet()) {
            if (!each.getValue().isEmpty() && !expected.contains(each.getKey())) {
                return false;
            }
            count += each.getValue().size();
            once.addAll(each.getValue());
        }
        return count == partitions
                && once.size() == partitions
                && expected.stream()
                        .noneMatch(member -> held.getOrDefault(member, Set.of()).isEmpty());
    }

    /** Waits until it is settled, and nothing has changed for a while since; returns the nanoTime of the last change. */
    synchronized long awaitSettled(Duration quiet, Duration max) throws InterruptedException {
        long deadline = System.nanoTime() + max.toNanos();
        while (true) {
            checkNothingFailed();
            long now = System.nanoTime();
            long settledNanos = isSettled ? now - changedNanos : NOT_SETTLED;
            if (settledNanos >= quiet.toNanos()) {
                return changedNanos;
            }
            if (now - deadline > 0) {
                throw new IllegalStateException("the group did not settle within " + max + ": " + describe());
            }
            long waitNanos = isSettled ? quiet.toNanos() - settledNanos : deadline - now;
            wait(waitNanos / 1_000_000 + 1);
        }
    }

    private String describe() {
        int count = held.values().stream().mapToInt(Set::size).sum();
        long holders = held.values().stream().filter(each -> !each.isEmpty()).count();
        return holders + " of " + expected.size() + " members hold " + count + " partitions of " + partitions;
    }

    synchronized void checkNothingFailed() {
        if (failure != null) {
            throw new IllegalStateException(failure.getMessage(), failure);
        }
    }
}
