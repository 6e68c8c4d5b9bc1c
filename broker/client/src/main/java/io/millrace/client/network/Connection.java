package io.millrace.client.network;

import io.millrace.client.network.ConnectionException.Reason;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * A connection to a broker, over which requests are pipelined.
 *
 * <p>Safe for use by any thread; its state is owned by the event loop of its channel, on which all its futures complete.
 * Answers are matched by their correlation id, so a broker may answer in any order. A request that is not answered in
 * time closes the connection, since nothing behind it can be trusted to be answered either.
 *
 * <p>Invariant: once {@link #closeFuture()} has completed, so has the future of every request.
 */
public final class Connection {
    /** The longest wait for a connection to be accepted, where the request timeout is longer. */
    private static final Duration CONNECT_TIMEOUT_MAX = Duration.ofSeconds(10);

    private final Channel channel;
    private final RequestChannel requests;
    private final Duration requestTimeout;

    private Connection(Channel channel, RequestChannel requests, Duration requestTimeout) {
        this.channel = channel;
        this.requests = requests;
        this.requestTimeout = requestTimeout;
    }

    /**
     * Connects and asks the broker which versions it speaks.
     *
     * @param group whose next loop serves the connection; a single loop is a group too
     * @param clientId named in every request
     * @param requestTimeout of each request that names no other, and of the handshake
     * @return fails with a {@link ConnectionException}
     */
    public static CompletableFuture<Connection> connect(
            EventLoopGroup group, String host, int port, String clientId, Duration requestTimeout) {
        EventLoop loop = group.next();
        return HostNames.resolve(host, port)
                .thenCompose(address -> open(loop, address, clientId, requestTimeout))
                .handle((connection, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(connection);
                    }
                    return CompletableFuture.<Connection>failedFuture(notConnected(host, port, failure));
                })
                .thenCompose(outcome -> outcome);
    }

    private static ConnectionException notConnected(String host, int port, Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ConnectionException(
                Reason.NOT_CONNECTED, true, "No connection to " + host + ":" + port + ": " + message, cause);
    }

    private static CompletableFuture<Connection> open(
            EventLoop loop, InetSocketAddress address, String clientId, Duration requestTimeout) {
        var requests = new RequestChannel(address, clientId);
        var result = new CompletableFuture<Connection>();
        Duration connectTimeout = shorter(requestTimeout, CONNECT_TIMEOUT_MAX);
        try {
            new Bootstrap()
                    .group(loop)
                    .channel(EventLoops.socketChannelTypeOf(loop))
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
                    .handler(requests.initializer())
                    .connect(address)
                    .addListener((ChannelFuture connected) -> {
                        if (!connected.isSuccess()) {
                            result.completeExceptionally(connected.cause());
                            return;
                        }
                        var connection = new Connection(connected.channel(), requests, requestTimeout);
                        connection.shakeHands(result);
                    });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private void shakeHands(CompletableFuture<Connection> result) {
        new Handshake(requests, requestTimeout).run().whenComplete((ignored, failure) -> {
            if (failure == null) {
                result.complete(this);
            } else {
                close();
                result.completeExceptionally(failure);
            }
        });
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Sends a request, in the highest version that both sides know.
     *
     * <p>Record batches of the request are taken over, whatever becomes of it. Record batches of the answer are retained:
     * whoever receives the answer releases each of them once.
     *
     * @param <R> the response that belongs to the request
     * @return fails with a {@link ConnectionException}
     */
    public <R extends Response> CompletableFuture<R> send(Request request) {
        return send(request, requestTimeout);
    }

    /** As {@link #send(Request)}, with a time limit of its own: a request that the broker may hold needs a longer one. */
    @SuppressWarnings("unchecked") // the answer is read with the layout that belongs to the request
    public <R extends Response> CompletableFuture<R> send(Request request, Duration timeout) {
        var answer = new CompletableFuture<Response>();
        onLoop(request, answer, () -> requests.send(request, timeout, answer));
        return (CompletableFuture<R>) answer;
    }

    /**
     * As {@link #send(Request, Duration)}, in no version above the one given: newer ones may name by ids what the caller knows by
     * name.
     */
    @SuppressWarnings("unchecked") // the answer is read with the layout that belongs to the request
    public <R extends Response> CompletableFuture<R> send(Request request, int versionMax, Duration timeout) {
        var answer = new CompletableFuture<Response>();
        onLoop(request, answer, () -> requests.sendUpTo(versionMax, request, timeout, answer));
        return (CompletableFuture<R>) answer;
    }

    /** Sends a request that is never answered; completes when it was handed to the operating system. */
    public CompletableFuture<Void> sendUnanswered(Request request) {
        var sent = new CompletableFuture<Void>();
        onLoop(request, sent, () -> requests.sendUnanswered(request, sent));
        return sent;
    }

    private void onLoop(Request request, CompletableFuture<?> outcome, Runnable task) {
        if (channel.eventLoop().inEventLoop()) {
            task.run();
            return;
        }
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            request.releaseRecords();
            outcome.completeExceptionally(ConnectionException.unsent(
                    Reason.CLOSED, "The connection to " + this + " was closed with its loop"));
        }
    }

    /** Whether the broker offers an API in a version that is known here. */
    public boolean offers(ApiKey api) {
        return requests.versions().offers(api);
    }

    public boolean isOpen() {
        return channel.isActive();
    }

    /** Completes when the connection has ended, on its event loop, after all futures of requests. Never fails. */
    public CompletableFuture<Void> closeFuture() {
        return requests.closeFuture();
    }

    /** Ends the connection. Requests under way fail. Idempotent. */
    public void close() {
        channel.close();
    }

    /** The loop that owns the connection. */
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public String toString() {
        return requests.toString();
    }
}
