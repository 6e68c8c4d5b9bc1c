package io.millrace.storage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/** Closing the logs of a directory, as many at a time as there are processors. */
final class LogClosing {
    private LogClosing() {}

    /**
     * Returns when all are closed.
     *
     * @param closing closes one log; answers whether it is whole
     * @return whether all are
     */
    static boolean closeAll(Collection<PartitionLog> logs, Predicate<PartitionLog> closing) {
        if (logs.isEmpty()) {
            return true;
        }
        List<Callable<Boolean>> tasks = new ArrayList<>();
        logs.forEach(log -> tasks.add(() -> closing.test(log)));
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(tasks.size(), Runtime.getRuntime().availableProcessors()),
                task -> new Thread(task, "millrace-log-closer"));
        try {
            boolean whole = true;
            for (Future<Boolean> closed : threads.invokeAll(tasks)) {
                whole &= closed.get();
            }
            return whole;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException("Interrupted while logs were closed", e);
        } catch (ExecutionException e) {
            throw new StorageException("A log could not be closed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
