package io.millrace.replication;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A loop on a thread of its own. Works in rounds: what has arrived, then what is due, then what was put off to the end of the round; many
 * tasks that arrive while one runs cost one wake-up.
 *
 * <p>Invariant: whoever runs a task owns the loop, alone. That is the thread while it is awake; while it sleeps, a caller of
 * {@link #runHereOrExecute} may own the loop for the time of one task.
 *
 * <pre>
 * asleep, owned by nobody --woken--> awake, owned by the thread --nothing to do--> asleep
 *        ^ |
 *        +-+ a caller's task, owned by the caller
 * </pre>
 */
public final class ThreadLoop implements Loop, AutoCloseable {
    /** Tasks are made by requests, whose memory is bounded where they are read; more of them than this is a defect. */
    static final int TASKS_MAX = 1_000_000;

    private static final System.Logger LOGGER = System.getLogger(ThreadLoop.class.getName());
    private static final int ROUND_TASKS_MAX = 256;
    private static final long CLOSE_MAX_MS = 10_000;
    private static final long OWNED_ELSEWHERE_NANOS = 20_000;
    private static final long SLEEP_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Queue<Runnable> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    /** Who runs the tasks at this moment: the thread while it is awake, else a caller that runs its own task. */
    private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();

    private final Thread thread;
    private volatile boolean stopping;

    private volatile long wakeUpMs = Long.MAX_VALUE;

    // Owned by the owner of the loop.
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::dueMs).thenComparingLong(Timer::number));
    private final Deque<Runnable> endOfRound = new ArrayDeque<>();
    private long timersMade;

    public ThreadLoop(String name) {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        if (stopping && !isCurrent()) {
            throw new RejectedExecutionException("the loop " + thread.getName() + " is closed");
        }
        if (size.incrementAndGet() > TASKS_MAX) {
            size.decrementAndGet();
            throw new RejectedExecutionException(
                    "the loop " + thread.getName() + " has " + TASKS_MAX + " tasks waiting and takes no more");
        }
        arrived.add(task);
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public boolean isCurrent() {
        return owner.get() == Thread.currentThread();
    }

    @Override
    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        var timer = new Timer(nowMs() + delayMs, task);
        runOrExecute(() -> {
            timer.number = timersMade++;
            timers.add(timer);
        });
        return timer;
    }

    @Override
    public void atEndOfRound(Runnable task) {
        runOrExecute(() -> endOfRound.add(task));
    }

    /** Spares the two wake-ups of a thread: where the loop sleeps, the caller becomes its owner for the time of the task. */
    @Override
    public void runHereOrExecute(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else if (sleeping.get()
                && arrived.isEmpty()
                && !stopping
                && owner.compareAndSet(null, Thread.currentThread())) {
            runHere(task);
        } else {
            execute(task);
        }
    }

    private void runHere(Runnable task) {
        boolean isThreadNeeded;
        try {
            guarded(task);
            runEndOfRound();
            Timer next = timers.peek();
            isThreadNeeded = !endOfRound.isEmpty() || (next != null && next.dueMs < wakeUpMs);
        } finally {
            owner.set(null);
        }
        if (isThreadNeeded) {
            LockSupport.unpark(thread);
        }
    }

    private void takeOwnership() {
        while (!owner.compareAndSet(null, Thread.currentThread())) {
            LockSupport.parkNanos(OWNED_ELSEWHERE_NANOS);
        }
    }

    private void run() {
        takeOwnership();
        while (!stopping || !arrived.isEmpty()) {
            runArrived();
            runDue();
            runEndOfRound();
            if (arrived.isEmpty() && !stopping) {
                sleep();
            }
        }
        runEndOfRound();
    }

    private void runArrived() {
        for (int i = 0; i < ROUND_TASKS_MAX; i++) {
            Runnable task = arrived.poll();
            if (task == null) {
                return;
            }
            size.decrementAndGet();
            guarded(task);
        }
    }

    private void runDue() {
        long nowMs = nowMs();
        Timer next = timers.peek();
        while (next != null && next.dueMs <= nowMs) {
            timers.poll();
            if (!next.cancelled) {
                guarded(next.task);
            }
            next = timers.peek();
        }
    }

    private void runEndOfRound() {
        for (int count = endOfRound.size(); count > 0; count--) {
            guarded(endOfRound.poll());
        }
    }

    @SuppressWarnings(
            "checkstyle:IllegalCatch") // a defect in one partition's task must not end all partitions of the loop
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOGGER.log(Level.ERROR, "A task of " + thread.getName() + " failed", e);
        }
    }

    private void sleep() {
        sleeping.set(true);
        Timer next = timers.peek();
        long untilDue = next == null ? SLEEP_MAX_NANOS : TimeUnit.MILLISECONDS.toNanos(next.dueMs - nowMs());
        if (arrived.isEmpty() && endOfRound.isEmpty() && !stopping && untilDue > 0) {
            wakeUpMs = next == null ? Long.MAX_VALUE : next.dueMs;
            owner.set(null);
            LockSupport.parkNanos(this, Math.min(untilDue, SLEEP_MAX_NANOS));
            takeOwnership();
        }
        sleeping.set(false);
    }

    /** Runs what has arrived, drops what is due later, and ends the thread. Bounded. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        if (isCurrent()) {
            return;
        }
        try {
            thread.join(CLOSE_MAX_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Timer implements Cancellable {
        private final long dueMs;
        private final Runnable task;
        private long number;
        private volatile boolean cancelled;

        Timer(long dueMs, Runnable task) {
            this.dueMs = dueMs;
            this.task = task;
        }

        long dueMs() {
            return dueMs;
        }

        long number() {
            return number;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
