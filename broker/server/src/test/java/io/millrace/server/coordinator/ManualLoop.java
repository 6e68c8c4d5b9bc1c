package io.millrace.server.coordinator;

import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/** A loop that runs when the test says so, on the test's thread, with a clock that moves when the test says so. */
public final class ManualLoop implements Loop {
    private record Timer(long dueMs, long number, Runnable task) {}

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> endOfRound = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::dueMs).thenComparingLong(Timer::number));
    private long nowMs = 1_000;
    private long timerCount;
    private boolean running;

    @Override
    public boolean isCurrent() {
        return running;
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        var timer = new Timer(nowMs + delayMs, timerCount++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public void atEndOfRound(Runnable task) {
        endOfRound.add(task);
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs all that has arrived, and what comes of it. */
    public void run() {
        running = true;
        try {
            while (!tasks.isEmpty() || !endOfRound.isEmpty()) {
                while (!tasks.isEmpty()) {
                    tasks.removeFirst().run();
                }
                int atEnd = endOfRound.size();
                for (int i = 0; i < atEnd; i++) {
                    endOfRound.removeFirst().run();
                }
            }
        } finally {
            running = false;
        }
    }

    /** Runs one task as if it had arrived, and what comes of it. */
    public void run(Runnable task) {
        execute(task);
        run();
    }

    /** Lets time pass, running what becomes due. */
    public void pass(long milliseconds) {
        long end = nowMs + milliseconds;
        run();
        while (!timers.isEmpty() && timers.peek().dueMs() <= end) {
            Timer timer = timers.remove();
            nowMs = Math.max(nowMs, timer.dueMs());
            run(timer.task());
        }
        nowMs = end;
    }
}
