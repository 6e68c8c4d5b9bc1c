package io.millrace.client.network;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that serve connections: a fixed number of event loops, on the native epoll transport where it is present.
 *
 * <p>Safe for use by any thread. The threads are daemons, bear the name given, and hold the class loader of this class
 * only, so that an application server can drop the application that made them. Nothing of them is left when
 * {@link #close(Duration)} has returned true.
 */
public final class EventLoops {
    private static final System.Logger LOGGER = System.getLogger(EventLoops.class.getName());

    private final String name;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final EventLoopGroup group;

    /** @param name of the threads, which are called {@code name-1}, {@code name-2} and so on */
    public EventLoops(String name, int threadCount) {
        this.name = name;
        var number = new AtomicInteger();
        ThreadFactory factory = task -> newThread(task, name + "-" + number.incrementAndGet());
        this.group = new MultiThreadIoEventLoopGroup(threadCount, factory, ioHandlerFactory());
    }

    private Thread newThread(Runnable task, String threadName) {
        var thread = new FastThreadLocalThread(task, threadName);
        thread.setDaemon(true);
        thread.setContextClassLoader(EventLoops.class.getClassLoader());
        threads.add(thread);
        return thread;
    }

    private static IoHandlerFactory ioHandlerFactory() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /** The group, for what connects or listens on its own. */
    public EventLoopGroup group() {
        return group;
    }

    /** One of the loops, the next in turn. */
    public EventLoop next() {
        return group.next();
    }

    /** The class of channels that connect, as the transport of these loops needs it. */
    public static Class<? extends SocketChannel> socketChannelType() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** The class of channels that listen, as the transport of these loops needs it. */
    public static Class<? extends ServerSocketChannel> serverSocketChannelType() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** The class of channels that connect, for a loop that may be of either transport. */
    static Class<? extends Channel> socketChannelTypeOf(EventLoopGroup group) {
        if (group instanceof IoEventLoopGroup loops) {
            return loops.isIoType(EpollIoHandler.class) ? EpollSocketChannel.class : NioSocketChannel.class;
        }
        return socketChannelType();
    }

    /** Whether the calling thread is one of these loops: it must not wait for them then. */
    public boolean isInLoop() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Closes all channels of the loops and ends their threads. Tasks that come later are refused. Idempotent.
     *
     * @return whether all threads have ended in time; false also where the caller is one of them, which then is not
     *     waited for
     */
    public boolean close(Duration timeout) {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        group.shutdownGracefully(0, timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (isInLoop()) {
            return false;
        }
        boolean ended = joinAll(deadlineNanos);
        if (!ended) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "Threads of " + name + " were still running " + timeout.toMillis()
                            + " ms after they were told to end");
        }
        return ended;
    }

    private boolean joinAll(long deadlineNanos) {
        try {
            for (Thread thread : threads) {
                long leftMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
                thread.join(leftMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return threads.stream().noneMatch(Thread::isAlive);
    }
}
