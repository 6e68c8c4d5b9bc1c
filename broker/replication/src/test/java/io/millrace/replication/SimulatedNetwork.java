package io.millrace.replication;

import io.millrace.replication.controller.NobodyListensException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests between brokers that are delayed, reordered, lost before or after they were served, or cut off for a while. */
final class SimulatedNetwork {
    private static final int TIMEOUT_MS = 1_500;

    private record Pair(int one, int other) {
        static Pair of(int a, int b) {
            return new Pair(Math.min(a, b), Math.max(a, b));
        }
    }

    private final SimulatedTime time;
    private final Random random;
    private final Function<Integer, Boolean> isAlive;
    private final Map<Pair, Long> cutUntilMs = new HashMap<>();
    private final Map<String, Long> lastArrivalMs = new HashMap<>();
    private double lossProbability;

    SimulatedNetwork(SimulatedTime time, Random random, Function<Integer, Boolean> isAlive) {
        this.time = time;
        this.random = random;
        this.isAlive = isAlive;
    }

    void lose(double probability) {
        lossProbability = probability;
    }

    void cut(int one, int other, long forMs) {
        cutUntilMs.put(Pair.of(one, other), time.nowMs() + forMs);
    }

    void heal() {
        lossProbability = 0;
        cutUntilMs.clear();
    }

    private boolean isCut(int one, int other) {
        return cutUntilMs.getOrDefault(Pair.of(one, other), 0L) > time.nowMs();
    }

    /**
     * @param connection requests with the same name keep their order, both ways
     * @param serve run at the receiver, if it lives when the request arrives
     * @param drop what to do with an answer that nobody receives
     */
    <T> CompletableFuture<T> call(
            int from, int to, String connection, Supplier<CompletableFuture<T>> serve, Consumer<T> drop) {
        var answer = new CompletableFuture<T>();
        if (!isAlive.apply(to)) {
            time.after(
                    1 + random.nextInt(3),
                    () -> answer.completeExceptionally(
                            new NobodyListensException("refused", new IllegalStateException("the broker is down"))));
            return answer;
        }
        boolean losesRequest = random.nextDouble() < lossProbability;
        boolean losesAnswer = random.nextDouble() < lossProbability;
        time.after(TIMEOUT_MS, () -> answer.completeExceptionally(new IOException("timed out")));
        arrive(connection, from, to, () -> {
            if (losesRequest || isCut(from, to) || !isAlive.apply(to)) {
                breakLater(answer, isCut(from, to));
                return;
            }
            serve.get()
                    .whenComplete((result, failure) -> arrive(connection + " back", to, from, () -> {
                        if (losesAnswer || isCut(from, to) || !isAlive.apply(from) || answer.isDone()) {
                            discard(result, drop);
                            breakLater(answer, isCut(from, to));
                        } else if (result != null) {
                            answer.complete(result);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    }));
        });
        return answer;
    }

    private static <T> void discard(@Nullable T result, Consumer<T> drop) {
        if (result != null) {
            drop.accept(result);
        }
    }

    private void breakLater(CompletableFuture<?> answer, boolean silently) {
        if (!silently) {
            time.after(random.nextInt(20), () -> answer.completeExceptionally(new IOException("connection reset")));
        }
    }

    private void arrive(String connection, int from, int to, Runnable task) {
        long delayMs = random.nextInt(10) == 0 ? 5 + random.nextInt(60) : random.nextInt(4);
        long arrivalMs = time.nowMs() + delayMs;
        if (!connection.isEmpty() && !connection.equals(" back")) {
            String ordered = connection + from + ">" + to;
            arrivalMs = Math.max(arrivalMs, lastArrivalMs.getOrDefault(ordered, 0L));
            lastArrivalMs.put(ordered, arrivalMs);
        }
        time.after(arrivalMs - time.nowMs(), task);
    }
}
