package io.millrace.client;

import io.millrace.client.QueueBuffer.Acquired;
import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue consumer: a {@link QueueBuffer} that users take messages from, and a {@link QueueFetcher} that fills it and
 * carries acknowledgements away.
 *
 * <p>Safe for use by any thread.
 */
final class NetworkQueueConsumer implements QueueConsumer {
    private static final Duration DETACH_MAX = Duration.ofSeconds(3);

    private final ClientContext context;
    private final EventLoop loop;
    private final QueueBuffer buffer = new QueueBuffer();
    private final QueueFetcher fetcher;
    private final Consumer<NetworkQueueConsumer> onClosed;
    private volatile boolean closed;

    NetworkQueueConsumer(
            ClientContext context,
            String queue,
            @Nullable SubscriptionDescription subscription,
            QueueConsumerConfiguration configuration,
            Consumer<NetworkQueueConsumer> onClosed) {
        this.context = context;
        this.loop = context.loops().next();
        this.onClosed = onClosed;
        this.fetcher = new QueueFetcher(loop, context, queue, subscription, configuration, buffer);
        fetcher.start();
    }

    @Override
    public CompletableFuture<Void> attached() {
        return fetcher.attached();
    }

    @Override
    public @Nullable QueueMessage receive(Duration timeout) throws InterruptedException {
        fetcher.resume();
        QueueMessage message = buffer.receive(timeout);
        if (message != null) {
            fetcher.onReceived();
        }
        return message;
    }

    @Override
    public CompletableFuture<Void> acknowledge(Collection<QueueMessage> messages, AcknowledgeType type) {
        return acknowledge(messages, type, null);
    }

    @Override
    public CompletableFuture<Void> acknowledge(
            Collection<QueueMessage> messages, AcknowledgeType type, @Nullable String error) {
        List<Acquired> acquired = buffer.takeUnsettled(messages);
        CompletableFuture<Void> settled = fetcher.settle(acquired, type, error);
        if (acquired.size() == messages.size()) {
            return settled.exceptionallyCompose(
                    failure -> CompletableFuture.failedFuture(Failures.toClientException(failure)));
        }
        int missing = messages.size() - acquired.size();
        return settled.handle((ignored, failure) -> {
            throw new ClientException(
                    ErrorCode.INVALID_RECORD_STATE,
                    missing + " of " + messages.size() + " message(s) are not acquired by this consumer any more: they "
                            + "were settled before, or the broker or the consumer they were acquired with is gone");
        });
    }

    @Override
    public QueueRedelivery redelivery() {
        return fetcher.redelivery();
    }

    @Override
    public void onAvailable(Runnable listener) {
        fetcher.onAvailable(listener);
    }

    @Override
    public CompletableFuture<Void> releasePrefetched() {
        return fetcher.releasePrefetched();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var detached = new CompletableFuture<Void>();
        // Behind the settlements that were asked for before.
        if (!Loops.execute(loop, () -> fetcher.close(detached))) {
            buffer.close();
            detached.complete(null);
        }
        if (!context.loops().isInLoop()) {
            await(detached);
        }
        Loops.execute(loop, fetcher::disconnect);
        onClosed.accept(this);
    }

    /** When the wait ends early, the end of the connections releases what is left. */
    private static void await(CompletableFuture<Void> detached) {
        try {
            detached.get(DETACH_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException ignored) {
            // The connections end next.
        }
    }
}
