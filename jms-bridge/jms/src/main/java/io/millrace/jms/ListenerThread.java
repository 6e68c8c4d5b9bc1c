package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A session's own thread: calls its message listeners, one message at a time over all its consumers (chapter 6.2.7).
 *
 * <p>It ends when the session closes.
 */
final class ListenerThread implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(ListenerThread.class.getName());
    private static final Duration IDLE_WAIT = Duration.ofSeconds(60);
    private static final Duration USE_WAIT = Duration.ofMillis(200);

    private final MillraceSession session;
    private final SessionReception reception;
    private final Thread thread;
    private final Consumer<JMSException> onFailure;
    private final Set<MillraceMessageConsumer> failing = new HashSet<>();
    private final Deque<JMSException> untold = new ArrayDeque<>();
    private int turn;
    private volatile boolean inListener;

    /** @param onFailure told, outside all locks, why a consumer cannot go on, and what has ended the thread before its session */
    ListenerThread(MillraceSession session, SessionReception reception, String name, Consumer<JMSException> onFailure) {
        this.session = session;
        this.reception = reception;
        this.onFailure = onFailure;
        this.thread = Threads.newDaemon(name, this, onFailure);
    }

    void start() {
        thread.start();
    }

    /** Whether the caller is a listener that this thread calls. */
    boolean isCalling() {
        return inListener && Thread.currentThread() == thread;
    }

    void join(Duration timeout) {
        if (Thread.currentThread() != thread) {
            Threads.join(thread, timeout);
        }
    }

    @Override
    public void run() {
        try {
            while (!session.isClosed()) {
                long rings = reception.bell().rings();
                boolean delivered = deliverOne();
                tellFailures();
                if (!delivered) {
                    reception.acknowledgeLazyOnes();
                    reception.bell().awaitRing(rings, waitAtMost());
                }
            }
        } catch (InterruptedException e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "Thread '" + thread.getName() + "' was interrupted from outside and delivers "
                            + "nothing any more");
        }
    }

    /** Nobody waits here for an answer that could throw, so the exception listener is told; it may close everything. */
    private void tellFailures() {
        while (!untold.isEmpty() && !session.isClosed()) {
            onFailure.accept(untold.remove());
        }
    }

    private Duration waitAtMost() {
        long waitNanos = IDLE_WAIT.toNanos();
        long nowNanos = System.nanoTime();
        for (MillraceMessageConsumer consumer : reception.consumers()) {
            long untilNanos = consumer.waitingUntilNanos() - nowNanos;
            if (untilNanos > 0) {
                waitNanos = Math.min(waitNanos, untilNanos);
            }
        }
        return Duration.ofNanos(waitNanos);
    }

    private boolean deliverOne() throws InterruptedException {
        SessionUse.Scope scope = session.use().enterWhenFree("call a message listener", USE_WAIT);
        if (scope == null) {
            return !session.isClosed();
        }
        try (scope) {
            if (!reception.gate().enter()) {
                return false;
            }
            try {
                return deliverInTurn();
            } finally {
                reception.gate().leave();
            }
        }
    }

    private boolean deliverInTurn() {
        List<MillraceMessageConsumer> consumers = List.copyOf(reception.consumers());
        failing.retainAll(consumers);
        for (int i = 0; i < consumers.size(); i++) {
            turn = (turn + 1) % consumers.size();
            if (deliverFrom(consumers.get(turn))) {
                return true;
            }
        }
        return false;
    }

    private boolean deliverFrom(MillraceMessageConsumer consumer) {
        MessageListener listener = consumer.listener();
        if (listener == null || !consumer.gate().enter()) {
            return false;
        }
        try {
            Delivery delivery = consumer.poll();
            failing.remove(consumer);
            if (delivery == null) {
                return false;
            }
            inListener = true;
            consumer.deliverToListener(listener, delivery);
            return true;
        } catch (JMSException e) {
            // Once, until it works again.
            if (failing.add(consumer)) {
                untold.add(e);
            }
            return false;
        } finally {
            inListener = false;
            consumer.gate().leave();
        }
    }
}
