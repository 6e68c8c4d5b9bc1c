package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.DEBUG;

import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The threads of an inflow's sessions. Owned by the activation's supervisor. */
final class SessionThreads {
    private static final System.Logger LOGGER = System.getLogger(SessionThreads.class.getName());

    private final List<Thread> threads;

    private SessionThreads(List<Thread> threads) {
        this.threads = threads;
    }

    /** @param onFailure called on the thread of a session that cannot go on */
    static SessionThreads start(String name, Inflow inflow, Consumer<Throwable> onFailure) {
        List<Thread> threads = new ArrayList<>();
        for (int session = 0; session < inflow.sessions(); session++) {
            int number = session;
            threads.add(newThread("millrace-" + name + "-" + number, () -> run(inflow, number, onFailure)));
        }
        threads.forEach(Thread::start);
        return new SessionThreads(threads);
    }

    /**
     * A thread that keeps nothing of the one that makes it: what a deploying thread has in inheritable locals, or as its
     * class loader, would live as long as the activation.
     */
    static Thread newThread(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(SessionThreads.class.getClassLoader());
        return thread;
    }

    // The last catch of the thread: whatever ends a session is told to the supervisor.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private static void run(Inflow inflow, int session, Consumer<Throwable> onFailure) {
        try {
            while (!inflow.isEnding()) {
                runUntilInterrupted(inflow, session);
            }
        } catch (JMSException | RuntimeException | Error e) {
            onFailure.accept(e);
        }
    }

    private static void runUntilInterrupted(Inflow inflow, int session) throws JMSException {
        try {
            inflow.runSession(session);
        } catch (InterruptedException e) {
            // The end of the activation, or a bean that left its thread interrupted.
            LOGGER.log(DEBUG, () -> "Session " + session + " was interrupted");
        }
    }

    /** Waits, then interrupts what still runs and waits again; says whether all have ended. */
    boolean awaitEnd(Duration atMost, Duration interruptedAtMost) {
        if (awaitEnd(atMost)) {
            return true;
        }
        threads.forEach(Thread::interrupt);
        return awaitEnd(interruptedAtMost);
    }

    private boolean awaitEnd(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        try {
            for (Thread thread : threads) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMs > 0) {
                    thread.join(leftMs);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return threads.stream().noneMatch(Thread::isAlive);
    }
}
