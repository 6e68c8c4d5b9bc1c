package io.millrace.server.network;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.replication.Cancellable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection of a client or another broker.
 *
 * <p>Owned by its event loop; {@link #onCompleted}, {@link #onClose} and the accessors may be called from any thread. Answers leave in the order of the requests,
 * whichever order they are completed in, and are encoded only while the peer takes them. Above a bound of unanswered requests, of bytes, or of the
 * broker's memory the connection is not read; bytes already read are held until it is again.
 *
 * <pre>
 *   reading --above a bound, muted--> paused --below half of the bound, memory there, not muted any more--> reading
 *   either --end of stream, malformed frame, too slow, failed exchange--> closed
 * </pre>
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOGGER = System.getLogger(ServerConnection.class.getName());
    private static final LogLimiter STRANGERS = new LogLimiter(LOGGER);

    private final long id;
    private final Channel channel;
    private final NetworkLimits limits;
    private final RequestMemory memory;
    private final RequestReceiver receiver;
    private final FrameDecoder decoder;
    private final AnswerWriter answers;
    private final Deque<ByteBuf> held = new ArrayDeque<>(); // not decoded; one, unless a codec below reads on
    private final Deque<Exchange> unanswered = new ArrayDeque<>(); // in the order of the requests, bounded by pausing
    private final AtomicBoolean isDrainDue = new AtomicBoolean();
    private final List<Runnable> closeListeners = new ArrayList<>(); // guarded by itself
    private int requestsInFlight;
    private long bytesInFlight;
    private boolean isPaused;
    private boolean isAwaitingMemory;
    private boolean isMuted;
    private boolean isInRead;
    private boolean isClosed;
    private long lastActivityNanos = System.nanoTime();
    private long unmutedNanos = lastActivityNanos;
    private volatile ClientSoftware clientSoftware = ClientSoftware.UNKNOWN;

    ServerConnection(long id, Channel channel, NetworkLimits limits, RequestMemory memory, RequestReceiver receiver) {
        this.id = id;
        this.channel = channel;
        this.limits = limits;
        this.memory = memory;
        this.receiver = receiver;
        this.decoder = new FrameDecoder(limits.frameBytesMax(), memory, channel.alloc());
        this.answers = new AnswerWriter(channel);
    }

    /** Unique among the connections of this broker process. */
    public long id() {
        return id;
    }

    public SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    /** What the client told about itself, if it did. */
    public ClientSoftware clientSoftware() {
        return clientSoftware;
    }

    public void clientSoftware(ClientSoftware software) {
        clientSoftware = software;
    }

    /** Runs the callback once when the connection is closed, at once where it is already. */
    public void onClose(Runnable callback) {
        synchronized (closeListeners) {
            if (channel.isOpen()) {
                closeListeners.add(callback);
                return;
            }
        }
        callback.run();
    }

    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Runs a task on the event loop of this connection. */
    public void execute(Runnable task) {
        channel.eventLoop().execute(task);
    }

    /** Runs a task on the event loop of this connection after the delay; cancelling may come too late. */
    public Cancellable schedule(Runnable task, long delayMs) {
        var scheduled = channel.eventLoop().schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    /** Does not read for a time; what has been received is answered meanwhile (KIP-219). Any thread. */
    public void mute(long ms) {
        if (ms <= 0) {
            return;
        }
        if (!channel.eventLoop().inEventLoop()) {
            execute(() -> mute(ms));
            return;
        }
        unmutedNanos = Math.max(unmutedNanos, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms));
        if (!isMuted) {
            isMuted = true;
            pause();
            schedule(this::unmute, ms);
        }
    }

    private void unmute() {
        long leftNanos = unmutedNanos - System.nanoTime();
        if (leftNanos > 0) {
            schedule(this::unmute, TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1);
            return;
        }
        isMuted = false;
        resumeIfBelowBounds();
    }

    FrameDecoder decoder() {
        return decoder;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        isInRead = true;
        held.addLast((ByteBuf) message);
        decodeHeld();
    }

    private void decodeHeld() {
        while (!held.isEmpty() && !isPaused && !isClosed) {
            decode(held.removeFirst());
        }
        if (isClosed) {
            releaseHeld();
        }
    }

    /** Takes over the buffer. */
    private void decode(ByteBuf in) {
        boolean isLent = decoder.isGatheredIn(in); // then it holds bytes of one frame only, and belongs to that frame
        boolean hasMore = true;
        try {
            while (hasMore && !isPaused && !isClosed) {
                ByteBuf frame = decoder.decode(in);
                if (frame != null) {
                    receive(frame);
                }
                hasMore = !isLent && in.isReadable();
            }
            pauseIfMemoryIsExhausted();
        } catch (MalformedMessageException e) {
            STRANGERS.log(WARNING, () -> "Closing " + this + ": " + e.getMessage());
            close();
        } finally {
            if (hasMore && isPaused && !isClosed) {
                held.addFirst(in);
            } else {
                in.release();
            }
        }
    }

    private void receive(ByteBuf frame) {
        var exchange = new Exchange(this, frame.readableBytes());
        unanswered.addLast(exchange);
        requestsInFlight++;
        bytesInFlight += exchange.requestBytes();
        if (requestsInFlight >= limits.connectionRequestsMax() || bytesInFlight >= limits.connectionBytesMax()) {
            pause();
        }
        boolean isReceived = false;
        try {
            receiver.receive(exchange, frame);
            isReceived = true;
        } finally {
            if (!isReceived) {
                exchange.fail();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        isInRead = false;
        lastActivityNanos = System.nanoTime();
        drain();
    }

    /** An exchange has been completed, on this or another thread; its answer leaves soon, together with others. */
    void onCompleted() {
        if (isInRead && channel.eventLoop().inEventLoop()) {
            return; // the end of the read drains
        }
        drainSoon();
    }

    private void drainSoon() {
        if (isDrainDue.compareAndSet(false, true)) {
            channel.eventLoop().execute(this::drainDue);
        }
    }

    private void drainDue() {
        isDrainDue.set(false);
        drain();
    }

    private void drain() {
        boolean isAnythingWritten = false;
        Exchange next = unanswered.peekFirst();
        while (next != null && next.isCompleted() && (isClosed || answers.takeMore())) {
            unanswered.removeFirst();
            isAnythingWritten |= finish(next);
            next = unanswered.peekFirst();
        }
        if (isAnythingWritten) {
            channel.flush();
        }
        if (!channel.isWritable()) {
            unanswered.forEach(this::giveBackRequest);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            drainSoon(); // not at once: this may be told in the midst of a drain
        }
    }

    /** A request that is completed is needed no more, though its answer may have to wait. */
    private void giveBackRequest(Exchange exchange) {
        if (exchange.isCompleted()) {
            int bytes = exchange.takeRequestBytes();
            memory.giveBack(bytes);
            bytesInFlight -= bytes;
        }
    }

    /** Whether something has been written. */
    private boolean finish(Exchange exchange) {
        giveBackRequest(exchange);
        Answer answer = exchange.answer();
        if (answer == null) {
            requestsInFlight--;
            if (exchange.isFailed()) {
                close();
            }
            resumeIfBelowBounds();
            return false;
        }
        if (isClosed) {
            answer.discard();
            return false;
        }
        return encodeAndWrite(answer, exchange);
    }

    // An answer that cannot be encoded is a fault of ours; only this connection may suffer from it.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private boolean encodeAndWrite(Answer answer, Exchange exchange) {
        try {
            OutgoingFrame frame = answer.encode(channel.alloc());
            exchange.answerBytes(frame.sizeInBytes());
            bytesInFlight += frame.sizeInBytes();
            answers.write(frame, exchange);
            return true;
        } catch (RuntimeException e) {
            LOGGER.log(ERROR, () -> "Closing " + this + ", because an answer cannot be encoded", e);
            close();
            return false;
        }
    }

    void onSent(Exchange exchange) {
        requestsInFlight--;
        bytesInFlight -= exchange.answerBytes();
        lastActivityNanos = System.nanoTime();
        resumeIfBelowBounds();
    }

    private void pauseIfMemoryIsExhausted() {
        if (memory.isExhausted() && !isAwaitingMemory && !isClosed) {
            isAwaitingMemory = true;
            pause();
            memory.awaitMemory(() -> channel.eventLoop().execute(this::onMemory));
        }
    }

    private void onMemory() {
        isAwaitingMemory = false;
        resumeIfBelowBounds();
        memory.wakeNextIfThereIsSome();
    }

    private void pause() {
        isPaused = true;
        channel.config().setAutoRead(false);
    }

    private void resumeIfBelowBounds() {
        boolean isBelow = requestsInFlight <= limits.connectionRequestsMax() / 2
                && bytesInFlight <= limits.connectionBytesMax() / 2;
        if (!isPaused || isAwaitingMemory || isMuted || isClosed || !isBelow) {
            return;
        }
        isPaused = false;
        decoder.restartFrameTime();
        decodeHeld();
        if (!isPaused && !isClosed) {
            channel.config().setAutoRead(true);
        }
    }

    /** Closes the connection if it is idle, or if its peer sends a frame too slowly. Called now and then on the event loop. */
    void closeIfStale(long nowNanos) {
        // A connection that waits for memory in the midst of a frame holds some, so its time runs on: else all could
        // wait for ever.
        boolean isReceiving = decoder.isWithinFrame() && (!isPaused || isAwaitingMemory);
        if (isReceiving && millisBetween(decoder.frameBeganNanos(), nowNanos) > limits.receiveTimeoutMs()) {
            STRANGERS.log(
                    WARNING,
                    () -> "Closing " + this + ": a request did not arrive within request.receive.timeout.ms="
                            + limits.receiveTimeoutMs());
            close();
        } else if (millisBetween(lastActivityNanos, nowNanos) > limits.idleMaxMs()) {
            LOGGER.log(
                    DEBUG,
                    () -> "Closing " + this + ": nothing moved for connections.max.idle.ms=" + limits.idleMaxMs());
            close();
        }
    }

    private static long millisBetween(long fromNanos, long toNanos) {
        return TimeUnit.NANOSECONDS.toMillis(toNanos - fromNanos);
    }

    private void close() {
        isClosed = true;
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        isClosed = true;
        decoder.close();
        releaseHeld();
        List<Runnable> listeners;
        synchronized (closeListeners) {
            listeners = List.copyOf(closeListeners);
            closeListeners.clear();
        }
        listeners.forEach(Runnable::run);
        drain();
    }

    private void releaseHeld() {
        held.forEach(ByteBuf::release);
        held.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOGGER.log(DEBUG, () -> "The " + this + " broke: " + cause);
        } else {
            STRANGERS.log(WARNING, () -> "Closing " + this + " because of " + cause);
        }
        close();
    }

    @Override
    public String toString() {
        return "connection " + id + " of " + remoteAddress();
    }
}
