package io.millrace.jms;

import io.millrace.client.RecordMetadata;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.ResourceAllocationException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session's sends whose completion listeners are still to be called: in the order of the sends, one at a time, on a
 * thread of this session (chapter 7.3).
 *
 * <p>Guarded by this. The thread starts with the first such send and ends with the session.
 */
final class AsyncSends {
    private static final System.Logger LOGGER = System.getLogger(AsyncSends.class.getName());
    private static final int PENDING_MAX = 10_000;

    private final String threadName;
    private final Duration sendTimeout;
    private final Consumer<JMSException> onDefect;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean calling;
    private boolean closed;

    private record Pending(Future<RecordMetadata> future, Message message, CompletionListener listener, String doing) {}

    /** @param onDefect told what has ended the thread before its session */
    AsyncSends(String threadName, Duration sendTimeout, Consumer<JMSException> onDefect) {
        this.threadName = threadName;
        this.onDefect = onDefect;
        this.sendTimeout = sendTimeout;
    }

    /** Whether the caller is a completion listener of this session. */
    synchronized boolean isCalling() {
        return calling && Thread.currentThread() == thread;
    }

    /** Waits while too many sends are pending, as long as a send may take; a completion listener does not wait. */
    synchronized void awaitRoom() throws JMSException {
        long deadlineNanos = System.nanoTime() + sendTimeout.toNanos();
        while (pending.size() >= PENDING_MAX) {
            if (isCalling() || System.nanoTime() - deadlineNanos >= 0) {
                throw new ResourceAllocationException("The session has " + PENDING_MAX
                        + " sends whose completion listeners were not called yet; send when some were");
            }
            waitUntil(deadlineNanos);
        }
    }

    /** The listener is called when the future completes and all sends before this have been told. */
    synchronized void add(Future<RecordMetadata> future, Message message, CompletionListener listener, String doing) {
        pending.add(new Pending(future, message, listener, doing));
        if (thread == null) {
            thread = Threads.newDaemon(threadName, this::run, onDefect);
            thread.start();
        }
        notifyAll();
    }

    /** Waits until every listener has been called. */
    synchronized void awaitAll() throws JMSException {
        long deadlineNanos = System.nanoTime() + sendTimeout.toNanos();
        while (!pending.isEmpty() || calling) {
            if (System.nanoTime() - deadlineNanos >= 0) {
                throw new JMSException(pending.size() + " asynchronous sends have not completed within " + sendTimeout);
            }
            waitUntil(deadlineNanos);
        }
    }

    private void waitUntil(long deadlineNanos) throws JMSException {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadlineNanos - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.caused(new JMSException("Waiting for asynchronous sends was interrupted"), e);
        }
    }

    private void run() {
        try {
            Pending next = awaitNext();
            while (next != null) {
                complete(next);
                next = awaitNext();
            }
        } catch (InterruptedException e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "Thread '" + threadName + "' was interrupted from outside and calls no "
                            + "completion listener any more");
        }
    }

    private synchronized @Nullable Pending awaitNext() throws InterruptedException {
        calling = false;
        notifyAll();
        while (pending.isEmpty()) {
            if (closed) {
                return null;
            }
            wait();
        }
        calling = true;
        return pending.poll();
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // the application's code may throw anything
    private void complete(Pending send) {
        try {
            JMSException failure = failure(send);
            if (failure == null) {
                send.listener.onCompletion(send.message);
            } else {
                send.listener.onException(send.message, failure);
            }
        } catch (RuntimeException | Error e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "The completion listener " + send.listener.getClass().getName() + " threw",
                    e);
        }
    }

    private @Nullable JMSException failure(Pending send) {
        try {
            Failures.await(send.future, sendTimeout, send.doing);
            return null;
        } catch (JMSException e) {
            return e;
        }
    }

    /** Waits for the listeners to come, at most this long, and ends the thread. */
    void close(Duration timeout) {
        Thread ending;
        synchronized (this) {
            closed = true;
            notifyAll();
            ending = thread;
        }
        if (ending != null) {
            Threads.join(ending, timeout);
        }
    }
}
