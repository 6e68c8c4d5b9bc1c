package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.storage.compaction.Throttle;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compacts the logs of a broker in the background, the dirtiest first.
 *
 * <p>Thread-safe; {@link #cleanOne} belongs to its one thread, {@code millrace-log-cleaner}, which reads and writes files of
 * its own, and asks the owner of a log to put them in place. It is never interrupted, for that would close files under
 * others.
 */
public final class LogCleaner implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(LogCleaner.class.getName());
    private static final long OWNER_WAIT_MAX_MS = 60_000;
    private static final long CLOSE_WAIT_MAX_MS = 10_000;
    private static final int FAILURE_BACKOFFS = 4;

    private final CleanerConfiguration configuration;
    private final Supplier<? extends Collection<CleanableLog>> logs;
    private final InstantSource clock;
    private final Throttle throttle;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "millrace-log-cleaner");

    /** Logs that could not be cleaned, and when to try them again. As many as there are logs at most. */
    private final Map<PartitionLog, Long> notBefore = new HashMap<>();

    /** A cleaner that has not begun. */
    public LogCleaner(
            CleanerConfiguration configuration,
            Supplier<? extends Collection<CleanableLog>> logs,
            InstantSource clock) {
        this.configuration = configuration;
        this.logs = logs;
        this.clock = clock;
        this.throttle = new Throttle(
                configuration.ioBytesPerSecondMax(), System::nanoTime, nanos -> pause(nanos, TimeUnit.NANOSECONDS));
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        while (stopping.getCount() > 0) {
            if (!cleanOne()) {
                pause(configuration.backoffMs(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private void pause(long time, TimeUnit unit) {
        try {
            if (stopping.await(time, unit)) {
                LOGGER.log(DEBUG, () -> "The log cleaner is stopping");
            }
        } catch (InterruptedException e) {
            stopping.countDown();
            Thread.currentThread().interrupt();
        }
    }

    /** Cleans the log that needs it most; false when none does. */
    public boolean cleanOne() {
        Collection<CleanableLog> present = logs.get();
        Optional<CleanableLog> dirtiest = dirtiest(present, clock.millis());
        dirtiest.ifPresent(this::clean);
        return dirtiest.isPresent();
    }

    private Optional<CleanableLog> dirtiest(Collection<CleanableLog> present, long nowMs) {
        var known = new HashSet<PartitionLog>();
        CleanableLog chosen = null;
        double most = -1;
        for (CleanableLog candidate : present) {
            known.add(candidate.log());
            OptionalDouble dirtiness = candidate.log().compaction().dirtiness(nowMs);
            if (dirtiness.isPresent()
                    && dirtiness.getAsDouble() > most
                    && notBefore.getOrDefault(candidate.log(), Long.MIN_VALUE) <= nowMs) {
                most = dirtiness.getAsDouble();
                chosen = candidate;
            }
        }
        notBefore.keySet().retainAll(known);
        return Optional.ofNullable(chosen);
    }

    private void clean(CleanableLog log) {
        long startMs = clock.millis();
        try {
            CleaningPlan plan = onOwner(log, () -> log.log().compaction().plan(startMs));
            log.log().settle();
            if (plan.segments().isEmpty()) {
                return;
            }
            LogCleaning cleaning = new LogCleaning(
                    plan,
                    configuration.dedupeBufferBytes(),
                    throttle,
                    () -> stopping.getCount() == 0,
                    cleaned -> onOwner(log, () -> log.log().compaction().swapIn(plan, cleaned)));
            CleaningResult result = cleaning.run();
            boolean finished = result.complete()
                    && onOwner(
                            log,
                            () -> log.log().compaction().finish(plan, result.cleanedBelow(), result.nextHorizonMs()));
            report(log.name(), result, finished, clock.millis() - startMs);
        } catch (CleaningStoppedException e) {
            LOGGER.log(DEBUG, () -> "Not compacting " + log.name() + ": " + e.getMessage());
            retryLater(log);
        } catch (CorruptLogException e) {
            LOGGER.log(ERROR, () -> "Cannot compact " + log.name() + ", nothing was changed: " + e.getMessage());
            retryLater(log);
            log.onDamage().accept(e);
        } catch (StorageException e) {
            LOGGER.log(WARNING, () -> "Compacting " + log.name() + " failed and is tried again: " + e.getMessage());
            retryLater(log);
        }
    }

    private static void report(String name, CleaningResult result, boolean finished, long tookMs) {
        LOGGER.log(
                INFO,
                () -> "Compacted " + name + " below offset " + result.cleanedBelow() + ": " + result.bytesBefore()
                        + " -> " + result.bytesAfter() + " bytes, " + result.recordsBefore() + " -> "
                        + result.recordsAfter() + " records, in " + tookMs + " ms"
                        + (finished ? "" : "; the log changed meanwhile, so that it is done again"));
    }

    private void retryLater(CleanableLog log) {
        notBefore.put(log.log(), clock.millis() + FAILURE_BACKOFFS * configuration.backoffMs());
    }

    /** Has the owner of a log do something, and waits for it, but not for ever: a task that has not begun by then never does. */
    private <T> T onOwner(CleanableLog log, Supplier<T> task) {
        CompletableFuture<T> done = null;
        try {
            done = CompletableFuture.supplyAsync(task, log.owner());
            return done.get(OWNER_WAIT_MAX_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw new CleaningStoppedException("its owner has gone: " + e.getMessage());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StorageException storage
                    ? storage
                    : new StorageException("The owner of a log failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            cancel(done);
            throw new StorageException("Its owner had no time within " + OWNER_WAIT_MAX_MS + " ms", e);
        } catch (InterruptedException e) {
            cancel(done);
            stopping.countDown();
            Thread.currentThread().interrupt();
            throw new CleaningStoppedException("The cleaner was interrupted");
        }
    }

    private static void cancel(@Nullable CompletableFuture<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }

    /** Ends the cleaning that is under way, whose log stays as it is; waits for that, but not for ever. */
    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(CLOSE_WAIT_MAX_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
