package io.millrace.server.network;

import static java.lang.System.Logger.Level.WARNING;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.IdentityHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Listens, and gives each connection its handler.
 *
 * <p>Its event loops are the caller's; each connection stays on the loop it was given. Thread-safe.
 */
public final class NetworkServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(NetworkServer.class.getName());
    private static final LogLimiter STRANGERS = new LogLimiter(LOGGER);
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final NetworkLimits limits;
    private final RequestReceiver receiver;
    private final RequestMemory memory;
    private final IdentityHashMap<EventExecutor, StaleConnections> staleConnections =
            new IdentityHashMap<>(); // fixed by the constructor
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final AtomicInteger connectionCount = new AtomicInteger();
    private final AtomicLong nextConnectionId = new AtomicLong();
    private final EventLoopGroup loops;

    public NetworkServer(EventLoopGroup loops, NetworkLimits limits, RequestReceiver receiver) {
        this.loops = loops;
        this.limits = limits;
        this.receiver = receiver;
        this.memory = new RequestMemory(limits.requestBytesMax());
        loops.forEach(loop -> staleConnections.put(loop, StaleConnections.on((EventLoop) loop, limits)));
    }

    /**
     * Begins to listen.
     *
     * @return the port
     * @throws IOException if the address is not free or not ours
     */
    public int listen(Transport transport, InetSocketAddress address, SocketOptions options) throws IOException {
        var bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, options.backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        onConnection(channel);
                    }
                });
        if (options.sendBufferBytes() > 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, options.sendBufferBytes());
        }
        if (options.receiveBufferBytes() > 0) {
            bootstrap
                    .option(ChannelOption.SO_RCVBUF, options.receiveBufferBytes())
                    .childOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + address + ": " + bound.cause(), bound.cause());
        }
        channels.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    private void onConnection(Channel channel) {
        int count = connectionCount.incrementAndGet();
        channel.closeFuture().addListener(closed -> connectionCount.decrementAndGet());
        if (count > limits.connectionsMax()) {
            STRANGERS.log(
                    WARNING,
                    () -> "Refusing a connection of " + channel.remoteAddress() + ": there are max.connections="
                            + limits.connectionsMax() + " already");
            channel.close();
            return;
        }
        var connection = new ServerConnection(nextConnectionId.incrementAndGet(), channel, limits, memory, receiver);
        StaleConnections stale = staleConnections.get(channel.eventLoop());
        if (stale == null) {
            throw new IllegalStateException("a connection is on an event loop that is not ours: " + channel);
        }
        stale.add(connection);
        channels.add(channel);
        channel.closeFuture().addListener(closed -> stale.remove(connection));
        channel.config().setRecvByteBufAllocator(new FrameReceiver(connection.decoder()));
        channel.pipeline().addLast(connection);
    }

    public int connectionCount() {
        return connectionCount.get();
    }

    /** Bytes of requests that have arrived in part or are not answered yet. */
    public long requestBytesHeld() {
        return memory.takenBytes();
    }

    /** Stops listening and closes every connection; waits for that, but not for ever. */
    @Override
    public void close() {
        channels.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
}
