package io.millrace.replication;

import io.millrace.storage.DurabilityListener;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Those who wait for what a log holds to be kept as its flush policy asks.
 *
 * <p>Owned by the partition's loop, to which the threads of the journal hand over what they tell.
 */
final class DurableWaits implements DurabilityListener {

    /** @param then gets whether the log is durable up to the offset; false when it never will be */
    private record Waiter(long endOffset, Consumer<Boolean> then) {}

    private final PartitionLog log;
    private final Loop loop;
    private final Runnable onMoved;
    private final Consumer<StorageException> onFailed;
    private final AtomicBoolean isTold = new AtomicBoolean();
    /** Few: fetches from this log's leader that are under way. */
    private List<Waiter> waiters = new ArrayList<>();

    private boolean over;

    /**
     * @param onMoved runs on the loop when {@link PartitionLog#durableEndOffset} may have moved
     * @param onFailed runs on the loop when it never will any more
     */
    DurableWaits(PartitionLog log, Loop loop, Runnable onMoved, Consumer<StorageException> onFailed) {
        this.log = log;
        this.loop = loop;
        this.onMoved = onMoved;
        this.onFailed = onFailed;
    }

    /** Calls back once all that the log holds now is durable: at once, or later on the loop. */
    void onceDurable(Consumer<Boolean> then) {
        long end = log.logEndOffset();
        if (log.durableEndOffset() >= end) {
            then.accept(true);
        } else if (over) {
            then.accept(false);
        } else {
            waiters.add(new Waiter(end, then));
        }
    }

    @Override
    public void onDurable() {
        if (isTold.compareAndSet(false, true)) {
            execute(() -> {
                isTold.set(false);
                onMoved.run();
                wake();
            });
        }
    }

    private void wake() {
        if (waiters.isEmpty()) {
            return;
        }
        long durable = log.durableEndOffset();
        List<Waiter> before = waiters;
        waiters = new ArrayList<>();
        for (Waiter waiter : before) {
            // The log may have been cut since.
            if (durable >= Math.min(waiter.endOffset, log.logEndOffset())) {
                waiter.then.accept(true);
            } else {
                waiters.add(waiter);
            }
        }
    }

    @Override
    public void onFailed(StorageException failure) {
        execute(() -> {
            onFailed.accept(failure);
            end();
        });
    }

    /** Nobody waits any more: the log is closed or has failed. */
    void end() {
        over = true;
        List<Waiter> before = waiters;
        waiters = new ArrayList<>();
        before.forEach(waiter -> waiter.then.accept(false));
    }

    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closing) {
            // The loop has ended, and with it all who could wait.
            over = true;
        }
    }
}
