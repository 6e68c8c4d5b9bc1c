package io.millrace.client;

import io.millrace.client.QueueBuffer.Acquired;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A queue consumer: a {@link QueueBuffer} that users take messages from, and a {@link QueueFetcher} that fills it and
 * carries acknowledgements away.
 *
 * <p>Safe for use by any thread.
 */
final class NetworkQueueConsumer implements QueueConsumer {
    private static final Duration DETACH_MAX = Duration.ofSeconds(3);

    private record Key(QueueSession session, TopicPartition partition) {}

    private final ClientContext context;
    private final EventLoop loop;
    private final QueueBuffer buffer = new QueueBuffer();
    private final QueueFetcher fetcher;
    private final Consumer<NetworkQueueConsumer> onClosed;
    private volatile boolean closed;

    NetworkQueueConsumer(
            ClientContext context,
            String queue,
            QueueConsumerConfiguration configuration,
            Consumer<NetworkQueueConsumer> onClosed) {
        this.context = context;
        this.loop = context.loops().next();
        this.onClosed = onClosed;
        this.fetcher = new QueueFetcher(loop, context, queue, configuration, buffer);
        fetcher.start();
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
        return settle(messages, QueueSettlement.wireTypeOf(type));
    }

    private CompletableFuture<Void> settle(Collection<QueueMessage> messages, byte type) {
        List<Acquired> acquired = buffer.takeUnsettled(messages);
        Map<Key, List<Acquired>> parts = acquired.stream()
                .collect(Collectors.groupingBy(
                        each -> new Key(each.session(), each.message().partition())));
        long deadlineNanos =
                System.nanoTime() + context.configuration().deliveryTimeout().toNanos();
        var outcomes = parts.entrySet().stream()
                .map(part -> settle(part.getKey(), part.getValue(), type, deadlineNanos))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> all = CompletableFuture.allOf(outcomes);
        if (acquired.size() == messages.size()) {
            return all.exceptionallyCompose(
                    failure -> CompletableFuture.failedFuture(Failures.toClientException(failure)));
        }
        int missing = messages.size() - acquired.size();
        return all.handle((ignored, failure) -> {
            throw new ClientException(
                    ErrorCode.INVALID_RECORD_STATE,
                    missing + " of " + messages.size() + " message(s) are not acquired by this consumer any more: they "
                            + "were settled before, or the broker or the consumer they were acquired with is gone");
        });
    }

    private CompletableFuture<Void> settle(Key key, List<Acquired> messages, byte type, long deadlineNanos) {
        List<Long> offsets =
                messages.stream().map(each -> each.message().offset()).sorted().toList();
        var settlement = new QueueSettlement(key.partition(), offsets, type, deadlineNanos, new CompletableFuture<>());
        if (!Loops.execute(loop, () -> fetcher.settle(key.session(), settlement))) {
            settlement.fail(new ClientException(ErrorCode.INVALID_REQUEST, "The client is closed"));
        }
        return settlement.done();
    }

    @Override
    public void onAvailable(Runnable listener) {
        fetcher.onAvailable(listener);
    }

    @Override
    public CompletableFuture<Void> releasePrefetched() {
        fetcher.pause();
        return returnUnreceived();
    }

    /** The application has not seen them: they are not counted as delivered. */
    private CompletableFuture<Void> returnUnreceived() {
        List<QueueMessage> unreceived = buffer.drainArrived();
        return unreceived.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : settle(unreceived, AcknowledgementBatch.RETURN);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        returnUnreceived(); // ahead of the detachment, which counts what it gives back as delivered
        buffer.close();
        var detached = new CompletableFuture<Void>();
        if (!Loops.run(loop, () -> fetcher.close(detached))) {
            detached.complete(null);
        }
        if (!context.loops().isInLoop()) {
            await(detached);
        }
        Loops.run(loop, fetcher::disconnect);
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
