package io.millrace.server.network;

import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** An event loop as the owner of state. Thread-safe. */
public final class EventLoopOwner implements Loop {
    private final EventLoop loop;

    public EventLoopOwner(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        var scheduled = loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public void atEndOfRound(Runnable task) {
        loop.execute(task);
    }
}
