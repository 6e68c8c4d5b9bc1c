package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueMessage;
import io.millrace.ra.inbound.EndpointDelivery.Outcome;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue, through one consumer that all sessions share, so that a message that takes long holds up none
 * that was acquired behind it.
 *
 * <p>A message is acknowledged when its bean has consumed it and released when it has not: at once the first time, and when the broker lets it wait or gives
 * it up; else after a pause that grows with its delivery count, during which it stays acquired and holds up no session. A message
 * that can never be consumed so costs little, and the queue goes on behind it.
 */
final class QueueInflow implements Inflow {
    private static final System.Logger LOGGER = System.getLogger(QueueInflow.class.getName());

    /** The backstop for a session that has to notice that it shall end. */
    private static final Duration RECEIVE_WAIT = Duration.ofSeconds(5);

    /** The client gives up an acknowledgement when its broker is lost; this is the backstop. */
    private static final Duration SETTLEMENT_WAIT = Duration.ofSeconds(60);

    /** Failed messages held back at the same time; above it they are released at once. */
    private static final int HELD_BACK_MAX = 1_000;

    private final QueueConsumer consumer;
    private final DeliveryPlan plan;
    private final InflowContext context;
    private final AtomicInteger heldBack = new AtomicInteger();
    private final AtomicInteger inDelivery = new AtomicInteger();
    private volatile boolean quiesced;

    QueueInflow(QueueConsumer consumer, DeliveryPlan plan, InflowContext context) {
        this.consumer = consumer;
        this.plan = plan;
        this.context = context;
    }

    @Override
    public int sessions() {
        return plan.sessions();
    }

    @Override
    public void runSession(int session) throws InterruptedException {
        while (!isEnding()) {
            QueueMessage message = consumer.receive(RECEIVE_WAIT);
            if (message != null) {
                count(message);
            }
        }
    }

    // Counted before it asks whether the inflow is ending, as quiesce() sets the flag before it reads the count.
    private void count(QueueMessage message) throws InterruptedException {
        inDelivery.incrementAndGet();
        try {
            process(message);
        } finally {
            if (inDelivery.decrementAndGet() == 0 && quiesced) {
                consumer.close();
            }
        }
    }

    @Override
    public boolean isEnding() {
        return quiesced || context.stop().isSet();
    }

    private void process(QueueMessage message) throws InterruptedException {
        var failure = new AtomicReference<@Nullable Throwable>();
        switch (isEnding() ? Outcome.NOT_DELIVERED : deliver(message, failure::set)) {
            case CONSUMED -> accept(message);
            case FAILED -> holdBack(message, textOf(failure.get()));
            case NOT_DELIVERED -> release(message, null);
        }
    }

    /** Containers wrap what beans throw. */
    private static @Nullable String textOf(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        return failure.getCause() == null ? failure.toString() : failure + ", caused by " + failure.getCause();
    }

    private Outcome deliver(QueueMessage message, Consumer<Throwable> onFailure) throws InterruptedException {
        try {
            Message decoded = context.decoder().decode(message);
            return context.isExpired(decoded)
                    ? Outcome.CONSUMED
                    : context.delivery().deliver(decoded, onFailure);
        } catch (InterruptedException e) {
            release(message, null);
            throw e;
        } catch (JMSException e) {
            LOGGER.log(WARNING, () -> text(message) + " is no message that can be read; it stays in the queue", e);
            onFailure.accept(e);
            return Outcome.FAILED;
        }
    }

    private void accept(QueueMessage message) throws InterruptedException {
        CompletableFuture<Void> accepted = consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT);
        accepted.whenComplete((nothing, failure) -> {
            if (failure == null) {
                context.acknowledgements().works();
            } else {
                context.acknowledgements().failed(failure, "messages that were consumed will be delivered again");
            }
        });
        if (!plan.lazyAcknowledgement()) {
            await(accepted);
        }
    }

    private void await(CompletableFuture<Void> settlement) throws InterruptedException {
        try {
            settlement.get(SETTLEMENT_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException ignored) {
            // Told by the settlement itself.
        } catch (TimeoutException e) {
            context.acknowledgements().failed(e, "no answer came within " + SETTLEMENT_WAIT.toSeconds() + " s");
        }
    }

    private void holdBack(QueueMessage message, @Nullable String error) {
        boolean isForBroker = consumer.redelivery().isForBroker(message.deliveryCount());
        Duration pause = isForBroker ? Duration.ZERO : Backoff.OF_REDELIVERY.pauseAfter(message.deliveryCount() - 1);
        if (isPowerOfTen(message.deliveryCount())) {
            LOGGER.log(
                    WARNING,
                    () -> text(message) + " was not consumed at delivery " + message.deliveryCount()
                            + (isForBroker
                                    ? "; its broker delivers it again or gives it up"
                                    : "; it is delivered again "
                                            + (pause.isZero() ? "at once" : "after " + pause.toMillis() + " ms")));
        }
        if (pause.isZero() || !reserveHold()) {
            release(message, error);
            return;
        }
        context.timer().after(pause, () -> {
            heldBack.decrementAndGet();
            release(message, error);
        });
    }

    private boolean reserveHold() {
        if (heldBack.incrementAndGet() <= HELD_BACK_MAX) {
            return true;
        }
        heldBack.decrementAndGet();
        return false;
    }

    // Few lines for a message that fails for ever.
    private static boolean isPowerOfTen(int count) {
        int rest = count;
        while (rest >= 10 && rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }

    /** A release that fails needs no care: the broker releases what was acquired by a consumer that it lost. */
    private void release(QueueMessage message, @Nullable String error) {
        consumer.acknowledge(List.of(message), AcknowledgeType.RELEASE, error);
    }

    private String text(QueueMessage message) {
        return "The message at offset " + message.offset() + " of " + message.partition();
    }

    @Override
    public void onDescription(DestinationDescription destination) {
        // The consumer follows the queue's partitions itself.
    }

    @Override
    public void quiesce() {
        quiesced = true;
        if (inDelivery.get() == 0) {
            // Nobody needs it any more; this also wakes the sessions that wait for messages.
            consumer.close();
        } else {
            consumer.releasePrefetched();
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
