package io.millrace.benchmarks.ecosystem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tasks at the same time, each on a thread of its own. */
final class Crew {
    private Crew() {}

    /** Returns what each has answered; throws where one fails, or takes longer. */
    static <T> List<T> all(List<? extends Callable<T>> tasks, Duration max) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<T>> running = new ArrayList<>();
            tasks.forEach(task -> running.add(threads.submit(task)));
            long deadline = System.nanoTime() + max.toNanos();
            List<T> answers = new ArrayList<>();
            for (Future<T> each : running) {
                answers.add(each.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            }
            return answers;
        } catch (ExecutionException e) {
            throw new IllegalStateException("one of " + tasks.size() + " clients failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("one of " + tasks.size() + " clients took more than " + max, e);
        } finally {
            threads.shutdownNow();
        }
    }
}
