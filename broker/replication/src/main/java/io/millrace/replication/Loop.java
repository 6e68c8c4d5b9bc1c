package io.millrace.replication;

import java.util.concurrent.Executor;

/** The owner of state: runs tasks one after the other in the order of their arrival, on a thread or, in a simulation, on a queue. */
public interface Loop extends Executor {
    /** Whether the caller runs on this loop. */
    boolean isCurrent();

    /** A clock that never goes back and knows no date. */
    long nowMs();

    /** Runs a task once, after the delay at the earliest. */
    Cancellable schedule(long delayMs, Runnable task);

    /** Runs the task after those that have already arrived: what many tasks of one round want done is done once. */
    void atEndOfRound(Runnable task);

    /** Runs the task now when called on this loop, else later. */
    default void runOrExecute(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /**
     * Runs a short task, now and on the caller's thread where nothing is kept waiting by that, else later on this loop's own. While it runs, the
     * caller is on this loop. Saves two wake-ups of a thread, which cost more than the task.
     */
    default void runHereOrExecute(Runnable task) {
        runOrExecute(task);
    }
}
