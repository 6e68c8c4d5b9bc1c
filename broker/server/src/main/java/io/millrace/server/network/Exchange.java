package io.millrace.server.network;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a connection: received, completed by whoever serves it, sent.
 *
 * <p>Completed once from any thread; everything else belongs to the connection's event loop.
 */
public final class Exchange implements GenericFutureListener<Future<Void>> {
    private static final Object SILENCE = new Object();
    private static final Object FAILURE = new Object();

    private final ServerConnection connection;
    private int requestBytes;
    private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();
    private int answerBytes;

    Exchange(ServerConnection connection, int requestBytes) {
        this.connection = connection;
        this.requestBytes = requestBytes;
    }

    public ServerConnection connection() {
        return connection;
    }

    /** Answers the request; the answer leaves when those of earlier requests have left. */
    public void answer(Answer answer) {
        complete(answer);
    }

    /** Ends the exchange without an answer, as Kafka does for a produce request that wants no acknowledgement. */
    public void endSilently() {
        complete(SILENCE);
    }

    /** Closes the connection; the caller has told the log why. */
    public void fail() {
        complete(FAILURE);
    }

    private void complete(Object how) {
        if (!outcome.compareAndSet(null, how)) {
            throw new IllegalStateException("an exchange was completed twice");
        }
        connection.onCompleted();
    }

    boolean isCompleted() {
        return outcome.get() != null;
    }

    boolean isFailed() {
        return outcome.get() == FAILURE;
    }

    @Nullable
    Answer answer() {
        return outcome.get() instanceof Answer answer ? answer : null;
    }

    int requestBytes() {
        return requestBytes;
    }

    /** What the request holds; nothing from now on. */
    int takeRequestBytes() {
        int held = requestBytes;
        requestBytes = 0;
        return held;
    }

    int answerBytes() {
        return answerBytes;
    }

    void answerBytes(int bytes) {
        answerBytes = bytes;
    }

    /** The last byte of the answer has been handed to the operating system, or never will be. */
    @Override
    public void operationComplete(Future<Void> sent) {
        connection.onSent(this);
    }
}
