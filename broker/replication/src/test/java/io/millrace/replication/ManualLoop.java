package io.millrace.replication;

import java.util.ArrayDeque;
import java.util.Deque;

/** The test's own thread as a loop. A round ends when the test says so; time stands still, and what is scheduled never comes. */
public final class ManualLoop implements Loop {
    private final Deque<Runnable> endOfRound = new ArrayDeque<>();

    /** Whether there was anything to do. */
    public boolean endRound() {
        int count = endOfRound.size();
        for (int i = 0; i < count; i++) {
            endOfRound.remove().run();
        }
        return count > 0;
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public long nowMs() {
        return 0;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void atEndOfRound(Runnable task) {
        endOfRound.add(task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        return () -> {};
    }
}
