package io.millrace.server.network;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that requests hold, of all connections together.
 *
 * <p>Taking is never refused, since the bytes are there already; a connection that finds the bound passed stops reading and waits
 * here for its turn. So the bound is passed by one read of each event loop at most. Thread-safe.
 */
final class RequestMemory {
    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();
    private final Queue<Runnable> waiting =
            new ArrayDeque<>(); // guarded by itself; at most one entry of each connection
    private volatile boolean hasWaiting;

    RequestMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void take(long bytes) {
        taken.addAndGet(bytes);
    }

    boolean isExhausted() {
        return taken.get() > bytesMax;
    }

    void giveBack(long bytes) {
        long now = taken.addAndGet(-bytes);
        if (now < 0) {
            throw new IllegalStateException("more request memory was given back than taken: " + now);
        }
        wakeNextIfThereIsSome();
    }

    /** Calls back once, on any thread, when memory is there again; perhaps at once. */
    void awaitMemory(Runnable callback) {
        synchronized (waiting) {
            waiting.add(callback);
            hasWaiting = true;
        }
        wakeNextIfThereIsSome();
    }

    /** Whoever has been woken calls this when it has taken what it wanted, so that the turn passes on. */
    void wakeNextIfThereIsSome() {
        if (!hasWaiting || isExhausted()) {
            return;
        }
        Runnable next;
        synchronized (waiting) {
            next = waiting.poll();
            hasWaiting = !waiting.isEmpty();
        }
        if (next != null) {
            next.run();
        }
    }

    long takenBytes() {
        return taken.get();
    }
}
