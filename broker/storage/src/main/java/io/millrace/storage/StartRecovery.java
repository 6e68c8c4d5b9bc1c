package io.millrace.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The phase of a start in which all logs are opened and those that were not closed cleanly are checked: all directories at a time, several
 * logs of each.
 *
 * <p>Used once, by the thread that starts the broker. Says how far it is while it lasts.
 */
final class StartRecovery {

    private static final Duration PROGRESS_PAUSE = Duration.ofSeconds(1);
    private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB"};

    /**
     * What there is to do in one log directory.
     *
     * @param logs those that lie in it
     * @param recoverOne makes one of them usable, or notes why it is not; called by several threads, never twice for one log
     * @param checkedBytes how many bytes were read for that so far
     */
    record Work(Path directory, List<LogId> logs, Consumer<LogId> recoverOne, LongSupplier checkedBytes) {}

    private final int threadsPerDirectory;
    private final Consumer<String> progress;
    private final long startedNanos = System.nanoTime();

    /**
     * @param threadsPerDirectory {@code num.recovery.threads.per.data.dir}
     * @param progress where the lines go that say how far it is, at most one a second, and one at the end
     */
    StartRecovery(int threadsPerDirectory, Consumer<String> progress) {
        this.threadsPerDirectory = threadsPerDirectory;
        this.progress = progress;
    }

    /** Returns when all logs are recovered or noted as unusable. */
    void run(List<Work> works) {
        int total = works.stream().mapToInt(work -> work.logs().size()).sum();
        if (total == 0) {
            return;
        }
        var done = new AtomicInteger();
        var left = new CountDownLatch(total);
        List<ExecutorService> pools = new ArrayList<>();
        List<Future<?>> recoveries = new ArrayList<>();
        try {
            for (Work work : works) {
                ExecutorService pool = pool(work);
                pools.add(pool);
                for (LogId id : work.logs()) {
                    recoveries.add(pool.submit(() -> {
                        try {
                            work.recoverOne().accept(id);
                        } finally {
                            done.incrementAndGet();
                            left.countDown();
                        }
                    }));
                }
            }
            await(left, works, done, total);
            for (Future<?> recovery : recoveries) {
                recovery.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("Interrupted while logs were recovered", e);
        } catch (ExecutionException e) {
            throw new StorageException("A log could not be recovered: " + e.getCause(), e);
        } finally {
            pools.forEach(ExecutorService::shutdownNow);
        }
    }

    private ExecutorService pool(Work work) {
        int threads = Math.max(1, Math.min(threadsPerDirectory, work.logs().size()));
        return Executors.newFixedThreadPool(
                threads,
                task -> new Thread(task, "millrace-recovery-" + work.directory().getFileName()));
    }

    private void await(CountDownLatch left, List<Work> works, AtomicInteger done, int total)
            throws InterruptedException {
        while (!left.await(PROGRESS_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
            progress.accept(underWay(done.get(), total, checked(works), elapsedMs()));
        }
        progress.accept(String.format(
                Locale.ROOT,
                "Recovered %d logs in %d directories in %.1f s, %s checked",
                total,
                works.size(),
                elapsedMs() / 1000.0,
                readable(checked(works))));
    }

    private long elapsedMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    private static long checked(List<Work> works) {
        return works.stream().mapToLong(work -> work.checkedBytes().getAsLong()).sum();
    }

    /** How far the phase is, for people. */
    static String underWay(int done, int total, long checkedBytes, long elapsedMs) {
        String left = done == 0 ? "unknown time" : "about " + elapsedMs * (total - done) / done / 1000 + " s";
        return "Recovered " + done + " of " + total + " logs, " + 100L * done / total + " %, " + readable(checkedBytes)
                + " checked, " + left + " left";
    }

    private static String readable(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }
}
