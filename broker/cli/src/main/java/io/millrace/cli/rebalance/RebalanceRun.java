package io.millrace.cli.rebalance;

import io.millrace.client.ClientException;
import io.millrace.client.PartitionAdmin;
import io.millrace.client.PartitionAdmin.ReplicaSize;
import io.millrace.client.TopicPartition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Carries out a plan: a bounded number of partitions moves at a time, and the next begins when one has arrived. What is under way lies in the
 * cluster's metadata, so it goes on there when this run ends early, and a later run finds it.
 *
 * <p>Owned by one thread, which it blocks between looks.
 */
public final class RebalanceRun {
    /** Changes of preferred leaders alone in one request; they move no records. */
    private static final int REORDERED_AT_ONCE = 500;

    /** How far a run has come. */
    public record Progress(
            int partitionsDone, int partitionsTotal, long bytesDone, long bytesTotal, Duration elapsed) {}

    /** Waits for answers of the cluster. */
    public interface Awaiting {
        <T> T await(CompletableFuture<T> answer) throws InterruptedException, TimeoutException;
    }

    private final PartitionAdmin admin;
    private final Awaiting awaiting;
    private final int movesAtOnce;
    private final long bytesPerSecond;
    private final Duration pause;

    private final Map<TopicPartition, PartitionMove> underWay = new LinkedHashMap<>();
    private final Map<TopicPartition, Long> bytesToCopy = new HashMap<>();
    private final Map<TopicPartition, ClientException> failures = new LinkedHashMap<>();
    private int done;
    private long bytesOfDone;

    /**
     * @param movesAtOnce partitions whose records are copied at a time
     * @param bytesPerSecond what each broker may fetch in a second for the replicas that it is given; 0 for no bound
     * @param pause between two looks
     */
    public RebalanceRun(PartitionAdmin admin, Awaiting awaiting, int movesAtOnce, long bytesPerSecond, Duration pause) {
        this.admin = admin;
        this.awaiting = awaiting;
        this.movesAtOnce = movesAtOnce;
        this.bytesPerSecond = bytesPerSecond;
        this.pause = pause;
    }

    /** Runs to the end. Answers why some partitions were not moved. */
    public Map<TopicPartition, ClientException> run(List<PartitionMove> plan, Consumer<Progress> onProgress)
            throws InterruptedException, TimeoutException {
        long startNanos = System.nanoTime();
        var reordered = plan.stream().filter(move -> move.adding().isEmpty()).toList();
        Deque<PartitionMove> waiting = new ArrayDeque<>(
                plan.stream().filter(move -> !move.adding().isEmpty()).toList());
        sumUpBytes(waiting);
        for (int from = 0; from < reordered.size(); from += REORDERED_AT_ONCE) {
            begin(reordered.subList(from, Math.min(reordered.size(), from + REORDERED_AT_ONCE)));
        }
        while (!waiting.isEmpty() || !underWay.isEmpty()) {
            var next = new ArrayList<PartitionMove>();
            while (underWay.size() + next.size() < movesAtOnce && !waiting.isEmpty()) {
                next.add(waiting.poll());
            }
            begin(next);
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            onProgress.accept(look(plan.size(), startNanos));
        }
        giveLeadershipsBack(plan);
        return failures;
    }

    private void begin(List<PartitionMove> moves) throws InterruptedException, TimeoutException {
        if (moves.isEmpty()) {
            return;
        }
        var targets = new LinkedHashMap<TopicPartition, List<Integer>>();
        moves.forEach(move -> targets.put(move.partition(), move.to()));
        var refused = awaiting.await(admin.move(targets, bytesPerSecond));
        failures.putAll(refused);
        moves.stream()
                .filter(move -> !refused.containsKey(move.partition()))
                .forEach(move -> underWay.put(move.partition(), move));
    }

    private void sumUpBytes(Iterable<PartitionMove> moves) throws InterruptedException, TimeoutException {
        var topics = new TreeSet<String>();
        moves.forEach(move -> topics.add(move.partition().topic()));
        var largest = new HashMap<TopicPartition, Long>();
        for (ReplicaSize size : awaiting.await(admin.replicaSizes(topics))) {
            largest.merge(size.partition(), size.sizeInBytes(), Math::max);
        }
        moves.forEach(move -> bytesToCopy.put(
                move.partition(),
                largest.getOrDefault(move.partition(), 0L) * move.adding().size()));
    }

    private Progress look(int partitionsTotal, long startNanos) throws InterruptedException, TimeoutException {
        var moving = awaiting.await(admin.moves());
        for (TopicPartition partition : List.copyOf(underWay.keySet())) {
            if (!moving.containsKey(partition)) {
                underWay.remove(partition);
                done++;
                bytesOfDone += bytesToCopy.getOrDefault(partition, 0L);
            }
        }
        long total = bytesToCopy.values().stream().mapToLong(Long::longValue).sum();
        return new Progress(
                done,
                partitionsTotal,
                Math.min(total, bytesOfDone + bytesUnderWay()),
                total,
                Duration.ofNanos(System.nanoTime() - startNanos));
    }

    private long bytesUnderWay() throws InterruptedException, TimeoutException {
        var topics = new TreeSet<String>();
        underWay.keySet().forEach(partition -> topics.add(partition.topic()));
        if (topics.isEmpty()) {
            return 0;
        }
        var copied = new HashMap<TopicPartition, Long>();
        for (ReplicaSize size : awaiting.await(admin.replicaSizes(topics))) {
            PartitionMove move = underWay.get(size.partition());
            if (move != null && move.adding().contains(size.brokerId())) {
                copied.merge(size.partition(), size.sizeInBytes(), Long::sum);
            }
        }
        return copied.entrySet().stream()
                .mapToLong(entry -> Math.min(entry.getValue(), bytesToCopy.getOrDefault(entry.getKey(), 0L)))
                .sum();
    }

    /** A leader that could not be elected now is elected by the controller's own balance later. */
    private void giveLeadershipsBack(List<PartitionMove> plan) throws InterruptedException, TimeoutException {
        var moved = plan.stream()
                .map(PartitionMove::partition)
                .filter(partition -> !failures.containsKey(partition))
                .toList();
        for (int from = 0; from < moved.size(); from += REORDERED_AT_ONCE) {
            awaiting.await(
                    admin.electPreferredLeaders(moved.subList(from, Math.min(moved.size(), from + REORDERED_AT_ONCE))));
        }
    }
}
