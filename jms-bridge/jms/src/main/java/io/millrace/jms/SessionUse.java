package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Detects that two threads use one session at a time (chapter 6.2.5): a session belongs to one thread at a time.
 *
 * <p>Guarded by this. The owner may enter again, as a message listener does that sends.
 */
final class SessionUse {
    private @Nullable Thread owner;
    private String ownersOperation = "";
    private int depth;

    /** A use that ends when it is closed. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /** What the application does with the session. */
    @FunctionalInterface
    interface Work<T> {
        @Nullable
        T run() throws JMSException;
    }

    /** Something with no result. */
    @FunctionalInterface
    interface Action {
        void run() throws JMSException;
    }

    /** Works as the session's only user. */
    <T> @Nullable T work(String operation, Work<T> work) throws JMSException {
        Scope scope = enter(operation);
        try {
            return work.run();
        } finally {
            scope.close();
        }
    }

    /** Acts as the session's only user. */
    void act(String operation, Action action) throws JMSException {
        Scope scope = enter(operation);
        try {
            action.run();
        } finally {
            scope.close();
        }
    }

    /** @throws IllegalStateException where another thread is using the session */
    private synchronized Scope enter(String operation) throws IllegalStateException {
        Thread other = owner;
        Thread current = Thread.currentThread();
        if (other != null && other != current) {
            throw new IllegalStateException("The session cannot " + operation + " in thread '" + current.getName()
                    + "' while it is about to " + ownersOperation + " in thread '" + other.getName()
                    + "'; a session is for one thread at a time: create one per thread");
        }
        return taken(operation);
    }

    /** For the session's own thread, which waits until the application has finished. Null when it did not in time. */
    synchronized @Nullable Scope enterWhenFree(String operation, Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (owner != null && owner != Thread.currentThread()) {
            long remainingNanos = deadlineNanos - System.nanoTime();
            if (remainingNanos <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remainingNanos);
        }
        return taken(operation);
    }

    private Scope taken(String operation) {
        if (depth++ == 0) {
            owner = Thread.currentThread();
            ownersOperation = operation;
        }
        return this::leave;
    }

    private synchronized void leave() {
        if (--depth == 0) {
            owner = null;
            notifyAll();
        }
    }
}
