package io.millrace.client;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/** Handing tasks to event loops that may have ended. */
final class Loops {
    private Loops() {}

    /** Runs the task now where this is the loop, else later on it; a loop that has ended drops it. */
    static boolean run(EventLoop loop, Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return true;
        }
        return execute(loop, task);
    }

    /** Runs the task later on the loop; a loop that has ended drops it. */
    static boolean execute(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException ignored) {
            // The client was closed: nothing waits for the task any more but its own bound.
            return false;
        }
    }
}
