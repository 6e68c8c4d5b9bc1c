package io.millrace.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a consumer has acquired: those that wait to be received, and those received and not settled.
 *
 * <p>Safe for use by any thread. Invariant: a message is known by its acquisition from its arrival until it is settled or
 * its session ends.
 */
final class QueueBuffer {
    /** Who has given out messages: a leader, in one epoch, over one connection. */
    record Origin(QueueSession session, UUID topicId, int leaderEpoch) {}

    /**
     * A message that was acquired.
     *
     * @param deliveries how often it has been delivered since; 0: not to be counted as delivered
     */
    record Acquired(Origin origin, QueueMessage message, int bytes, int deliveries) {
        private Acquired deliveredAs(QueueMessage settled) {
            return new Acquired(origin, message, bytes, 1 + settled.deliveryCount() - message.deliveryCount());
        }

        private Acquired undelivered() {
            return new Acquired(origin, message, bytes, 0);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Acquired> arrived = new ArrayDeque<>();
    private final Map<Long, Acquired> unsettled = new HashMap<>();
    private long nextAcquisition = 1;
    private int arrivedBytes;
    private boolean closed;
    private @Nullable ClientException fault;

    /** A message whose acquisition has no number yet. */
    record Arrival(QueueMessage message, int bytes) {}

    void add(Origin origin, List<Arrival> arrivals) {
        lock.lock();
        try {
            for (Arrival arrival : arrivals) {
                var acquired = new Acquired(origin, numbered(arrival.message()), arrival.bytes(), 1);
                unsettled.put(acquired.message().acquisition(), acquired);
                arrived.addLast(acquired);
                arrivedBytes += arrival.bytes();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private QueueMessage numbered(QueueMessage message) {
        return new QueueMessage(
                message.partition(),
                message.offset(),
                message.deliveryCount(),
                nextAcquisition++,
                message.timestampMs(),
                message.key(),
                message.value(),
                message.headers());
    }

    /**
     * The next message, or null when none has come in time or the buffer was closed.
     *
     * @throws ClientException where no message can ever come
     */
    @Nullable
    QueueMessage receive(Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNanos = nanos(timeout);
            while (arrived.isEmpty()) {
                if (fault != null) {
                    throw fault;
                }
                if (closed || leftNanos <= 0) {
                    return null;
                }
                leftNanos = changed.awaitNanos(leftNanos);
            }
            Acquired next = arrived.removeFirst();
            arrivedBytes -= next.bytes();
            return next.message();
        } finally {
            lock.unlock();
        }
    }

    private static long nanos(Duration timeout) {
        return timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : timeout.toNanos();
    }

    int arrivedCount() {
        lock.lock();
        try {
            return arrived.size();
        } finally {
            lock.unlock();
        }
    }

    int arrivedBytes() {
        lock.lock();
        try {
            return arrivedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out acquisitions that are about to be settled; those that are known no more are missing in the result. */
    List<Acquired> takeUnsettled(Collection<QueueMessage> messages) {
        lock.lock();
        try {
            var taken = new ArrayList<Acquired>(messages.size());
            for (QueueMessage message : messages) {
                Acquired acquired = unsettled.remove(message.acquisition());
                if (acquired != null) {
                    taken.add(acquired.deliveredAs(message));
                }
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what has not been received and is about to be given back. */
    List<Acquired> takeArrived() {
        lock.lock();
        try {
            var taken = arrived.stream().map(Acquired::undelivered).toList();
            arrived.clear();
            arrivedBytes = 0;
            taken.forEach(acquired -> unsettled.remove(acquired.message().acquisition()));
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what is not acquired any more. What was received of it is refused when it is settled. */
    void forget(Predicate<Acquired> isLost) {
        lock.lock();
        try {
            unsettled.values().removeIf(isLost);
            arrived.removeIf(isLost);
            arrivedBytes = arrived.stream().mapToInt(Acquired::bytes).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what was not received and is not acquired any more. */
    void forgetArrived(Predicate<Acquired> isLost) {
        lock.lock();
        try {
            arrived.stream()
                    .filter(isLost)
                    .forEach(lost -> unsettled.remove(lost.message().acquisition()));
            arrived.removeIf(isLost);
            arrivedBytes = arrived.stream().mapToInt(Acquired::bytes).sum();
        } finally {
            lock.unlock();
        }
    }

    /** From now on whoever receives is told why nothing comes; null: something may come again. */
    void fault(@Nullable ClientException why) {
        lock.lock();
        try {
            fault = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Wakes all who wait; nothing is received or settled any more.
     *
     * @return what was not received
     */
    List<Acquired> close() {
        lock.lock();
        try {
            closed = true;
            var unreceived = arrived.stream().map(Acquired::undelivered).toList();
            arrived.clear();
            arrivedBytes = 0;
            unsettled.clear();
            changed.signalAll();
            return unreceived;
        } finally {
            lock.unlock();
        }
    }
}
