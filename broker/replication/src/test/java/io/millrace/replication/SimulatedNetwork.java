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

/** Requests between brokers that are delayed, reordered, repeated, lost before or after they were served, or cut off for a while. */
final class SimulatedNetwork {
    private static final int TIMEOUT_MS = 1_500;

    private record Way(int from, int to) {}

    private final SimulatedTime time;
    private final Random random;
    private final Function<Integer, Boolean> isAlive;
    private final Map<Way, Long> cutUntilMs = new HashMap<>();
    private final Map<String, Long> lastArrivalMs = new HashMap<>();
    private double lossProbability;
    private double repetitionProbability;

    SimulatedNetwork(SimulatedTime time, Random random, Function<Integer, Boolean> isAlive) {
        this.time = time;
        this.random = random;
        this.isAlive = isAlive;
    }

    void lose(double probability) {
        lossProbability = probability;
    }

    /** From now on some of the requests whose order does not matter arrive twice. */
    void repeat(double probability) {
        repetitionProbability = probability;
    }

    void cut(int one, int other, long forMs) {
        cutOneWay(one, other, forMs);
        cutOneWay(other, one, forMs);
    }

    /** Only what goes the other way still arrives. */
    void cutOneWay(int from, int to, long forMs) {
        cutUntilMs.put(new Way(from, to), time.nowMs() + forMs);
    }

    void heal() {
        lossProbability = 0;
        repetitionProbability = 0;
        cutUntilMs.clear();
    }

    private boolean isCut(int from, int to) {
        return cutUntilMs.getOrDefault(new Way(from, to), 0L) > time.nowMs();
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
                        if (losesAnswer || isCut(to, from) || !isAlive.apply(from) || answer.isDone()) {
                            discard(result, drop);
                            breakLater(answer, isCut(to, from));
                        } else if (result != null) {
                            answer.complete(result);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    }));
        });
        if (connection.isEmpty() && random.nextDouble() < repetitionProbability) {
            arrive(connection, from, to, () -> {
                if (!isCut(from, to) && isAlive.apply(to)) {
                    serve.get().thenAccept(drop);
                }
            });
        }
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
