package io.millrace.replication;

import org.jspecify.annotations.Nullable;

/** Handed out before it is known whether there is anything to wait for. Thread-safe. */
final class LateCancellable implements Cancellable {
    private boolean cancelled;
    private @Nullable Cancellable actual;

    synchronized void is(Cancellable registered) {
        actual = registered;
        if (cancelled) {
            registered.cancel();
        }
    }

    void run(Runnable callback) {
        synchronized (this) {
            if (cancelled) {
                return;
            }
        }
        callback.run();
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        if (actual != null) {
            actual.cancel();
        }
    }
}
