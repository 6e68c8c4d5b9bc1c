package io.millrace.client.network;

import io.millrace.client.network.ConnectionException.Reason;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.Frames;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.message.ResponseHeader;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.OutgoingFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection that writes requests and pairs them with what comes back.
 *
 * <p>Owned by the event loop of its channel, but for {@link #versions()}. Invariant: whatever is in {@code pending} is
 * completed, by its answer or when the channel ends.
 */
final class RequestChannel extends ChannelInboundHandlerAdapter {
    /** The longest answer that is read: above what a fetch may ask for, below what one buffer may hold. */
    static final int FRAME_BYTES_MAX = 256 * 1024 * 1024;

    /** The most requests that wait for answers at a time. */
    static final int PENDING_MAX = 4096;

    private static final int LENGTH_BYTES = Integer.BYTES;

    private record Pending(ApiKey api, int version, long deadlineNanos, CompletableFuture<Response> answer) {}

    private final InetSocketAddress address;
    private final String clientId;
    private final IntObjectHashMap<Pending> pending = new IntObjectHashMap<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile ApiVersionRanges versions = ApiVersionRanges.UNKNOWN;
    private @Nullable ChannelHandlerContext context;
    private int nextCorrelationId;
    private boolean flushScheduled;
    private long nextCheckNanos = Long.MAX_VALUE;
    private @Nullable ConnectionException end;

    RequestChannel(InetSocketAddress address, String clientId) {
        this.address = address;
        this.clientId = clientId;
    }

    ChannelHandler initializer() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(new LengthFieldBasedFrameDecoder(FRAME_BYTES_MAX, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                        .addLast(RequestChannel.this);
            }
        };
    }

    ApiVersionRanges versions() {
        return versions;
    }

    void versions(ApiVersionRanges newVersions) {
        versions = newVersions;
    }

    /** Completes after the futures of all requests. */
    CompletableFuture<Void> closeFuture() {
        return closed;
    }

    /** Sends in the highest version that both sides know. */
    void send(Request request, Duration timeout, CompletableFuture<Response> answer) {
        OptionalInt version = versions.versionOf(request.apiKey());
        if (version.isEmpty()) {
            refuse(request, answer, unsupported(request));
            return;
        }
        send(request, version.getAsInt(), timeout, answer);
    }

    /** Sends in the highest version that both sides know and that is not above the one given. */
    void sendUpTo(int versionMax, Request request, Duration timeout, CompletableFuture<Response> answer) {
        OptionalInt version = versions.versionOf(request.apiKey(), versionMax);
        if (version.isEmpty()) {
            refuse(request, answer, unsupported(request));
            return;
        }
        send(request, version.getAsInt(), timeout, answer);
    }

    void send(Request request, int version, Duration timeout, CompletableFuture<Response> answer) {
        if (pending.size() >= PENDING_MAX) {
            refuse(request, answer, overloaded());
            return;
        }
        int correlationId = nextCorrelationId++ & Integer.MAX_VALUE;
        ChannelHandlerContext open = write(request, version, correlationId, answer);
        if (open == null) {
            return;
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        pending.put(correlationId, new Pending(request.apiKey(), version, deadlineNanos, answer));
        checkNoLaterThan(open, deadlineNanos);
    }

    void sendUnanswered(Request request, CompletableFuture<Void> sent) {
        OptionalInt version = versions.versionOf(request.apiKey());
        if (version.isEmpty()) {
            refuse(request, sent, unsupported(request));
            return;
        }
        ChannelHandlerContext open = write(request, version.getAsInt(), nextCorrelationId++ & Integer.MAX_VALUE, sent);
        if (open != null) {
            // An empty buffer behind the request: it is written when the request is.
            ChannelPromise written = open.newPromise();
            open.write(Unpooled.EMPTY_BUFFER, written);
            written.addListener(outcome -> {
                if (outcome.isSuccess()) {
                    sent.complete(null);
                } else {
                    sent.completeExceptionally(ended(outcome.cause()));
                }
            });
        }
    }

    /** @return where it was written, or null if it was not and its future has failed */
    private @Nullable ChannelHandlerContext write(
            Request request, int version, int correlationId, CompletableFuture<?> outcome) {
        ChannelHandlerContext open = context;
        if (open == null || end != null || !open.channel().isActive()) {
            refuse(request, outcome, ConnectionException.unsent(Reason.CLOSED, this + " is closed"));
            return null;
        }
        OutgoingFrame frame;
        try {
            frame = Frames.request(open.alloc(), version, correlationId, clientId, request);
        } catch (IllegalStateException e) {
            String message = request.apiKey() + " cannot be said in version " + version + ": " + e.getMessage();
            refuse(request, outcome, new ConnectionException(Reason.UNWRITABLE, true, message, e));
            return null;
        }
        frame.parts().forEach(part -> open.write(part.buffer(), open.voidPromise()));
        scheduleFlush(open);
        return open;
    }

    private static void refuse(Request request, CompletableFuture<?> outcome, ConnectionException why) {
        request.releaseRecords();
        outcome.completeExceptionally(why);
    }

    /** One flush for all that is written in this turn of the loop. */
    private void scheduleFlush(ChannelHandlerContext open) {
        if (!flushScheduled) {
            flushScheduled = true;
            open.executor().execute(() -> {
                flushScheduled = false;
                open.flush();
            });
        }
    }

    private void checkNoLaterThan(ChannelHandlerContext open, long deadlineNanos) {
        if (nextCheckNanos == Long.MAX_VALUE || deadlineNanos - nextCheckNanos < 0) {
            nextCheckNanos = deadlineNanos;
            open.executor()
                    .schedule(
                            () -> checkDeadlines(open, deadlineNanos),
                            deadlineNanos - System.nanoTime(),
                            TimeUnit.NANOSECONDS);
        }
    }

    private void checkDeadlines(ChannelHandlerContext open, long plannedNanos) {
        if (nextCheckNanos != plannedNanos || end != null) {
            return;
        }
        nextCheckNanos = Long.MAX_VALUE;
        long nowNanos = System.nanoTime();
        Pending earliest = null;
        for (Pending candidate : pending.values()) {
            if (earliest == null || candidate.deadlineNanos() - earliest.deadlineNanos() < 0) {
                earliest = candidate;
            }
        }
        if (earliest == null) {
            return;
        }
        if (earliest.deadlineNanos() - nowNanos > 0) {
            checkNoLaterThan(open, earliest.deadlineNanos());
            return;
        }
        endWith(
                Reason.TIMED_OUT,
                this + " did not answer " + earliest.api() + " in time; the connection is closed",
                null);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext newContext) {
        context = newContext;
    }

    @Override
    public void channelRead(ChannelHandlerContext open, Object message) {
        ByteBuf frame = (ByteBuf) message;
        try {
            read(frame);
        } catch (MalformedMessageException e) {
            endWith(Reason.CLOSED, this + " broke the protocol: " + e.getMessage(), e);
        } finally {
            frame.release();
        }
    }

    private void read(ByteBuf frame) {
        if (frame.readableBytes() < Integer.BYTES) {
            throw new MalformedMessageException("a frame of " + frame.readableBytes() + " bytes has no header");
        }
        int correlationId = frame.getInt(frame.readerIndex());
        Pending request = pending.remove(correlationId);
        if (request == null) {
            throw new MalformedMessageException("an answer to request " + correlationId + ", which was not asked");
        }
        Response response;
        try {
            response = readBody(frame, request);
        } catch (MalformedMessageException e) {
            pending.put(correlationId, request); // fails with all the others when the channel ends
            throw e;
        }
        RetainedRecords.retain(response);
        if (!request.answer().complete(response)) {
            response.releaseRecords();
        }
    }

    private static Response readBody(ByteBuf frame, Pending request) {
        ResponseHeader.read(frame, request.api(), request.version());
        if (request.api() == ApiKey.API_VERSIONS) {
            return readVersions(frame, request.version());
        }
        return request.api().readResponse(frame, request.version());
    }

    /** A broker that does not know the version asked for refuses in version 0. */
    private static Response readVersions(ByteBuf frame, int version) {
        boolean refused = frame.readableBytes() >= Short.BYTES
                && frame.getShort(frame.readerIndex()) == ErrorCode.UNSUPPORTED_VERSION.code();
        return ApiKey.API_VERSIONS.readResponse(frame, refused ? 0 : version);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext open, Throwable cause) {
        endWith(Reason.CLOSED, this + " failed: " + cause.getMessage(), cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext open) {
        endWith(Reason.CLOSED, this + " ended", null);
        failPending();
        tellEndBehindQueuedRequests(open);
    }

    /** Requests of other threads may wait in the loop's queue: they came before the end, and fail before it is told. */
    private void tellEndBehindQueuedRequests(ChannelHandlerContext open) {
        try {
            open.executor().execute(() -> closed.complete(null));
        } catch (RejectedExecutionException ignored) { // the loop ended: its queue was refused too
            closed.complete(null);
        }
    }

    private void endWith(Reason reason, String message, @Nullable Throwable cause) {
        if (end == null) {
            end = new ConnectionException(reason, false, message, cause);
        }
        if (context != null) {
            context.close();
        }
    }

    private void failPending() {
        var unanswered = List.copyOf(pending.values());
        pending.clear();
        for (Pending request : unanswered) {
            ConnectionException why = ended(null);
            request.answer()
                    .completeExceptionally(new ConnectionException(
                            why.reason(),
                            false,
                            why.getMessage() + " before it answered " + request.api(),
                            why.getCause()));
        }
    }

    private ConnectionException ended(@Nullable Throwable cause) {
        if (end != null) {
            return end;
        }
        Throwable known = cause instanceof ClosedChannelException ? null : cause;
        return new ConnectionException(Reason.CLOSED, false, this + " ended", known);
    }

    private ConnectionException unsupported(Request request) {
        return ConnectionException.unsent(
                Reason.UNSUPPORTED,
                this + " does not offer " + request.apiKey() + " in a version between "
                        + request.apiKey().first() + " and " + request.apiKey().last());
    }

    private ConnectionException overloaded() {
        return ConnectionException.unsent(
                Reason.OVERLOADED,
                PENDING_MAX + " requests to " + this + " are unanswered; that is the most there may be");
    }

    @Override
    public String toString() {
        return "The connection to " + address.getHostString() + ":" + address.getPort();
    }
}
