package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a connection consumer, which many sessions settle.
 *
 * <p>Safe for use by any thread; guarded by this. What a session releases is delivered again by the same connection consumer, and
 * goes back only when that has closed.
 */
final class PooledSource implements MessageSource {
    private final MessageSource source;
    private final Bell bell;
    private final Deque<Delivery> waiting = new ArrayDeque<>();
    private long waitingUntilNanos = System.nanoTime();
    private int handedOut;
    private boolean closed;

    PooledSource(MessageSource source, Bell bell) {
        this.source = source;
        this.bell = bell;
    }

    @Override
    public synchronized @Nullable Delivery poll() throws JMSException {
        if (closed) {
            return null;
        }
        if (!waiting.isEmpty()) {
            return waitingUntilNanos - System.nanoTime() > 0 ? null : handOut(waiting.remove());
        }
        Delivery next = source.poll();
        return next == null ? null : handOut(new Delivery(this, next.content(), next.queueMessage()));
    }

    private Delivery handOut(Delivery delivery) {
        handedOut++;
        return delivery;
    }

    /** When there may be something that is not here now, apart from what arrives. */
    synchronized long waitingUntilNanos() {
        return waitingUntilNanos;
    }

    @Override
    public CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        if (type != AcknowledgeType.RELEASE) {
            return settleBelow(deliveries, type);
        }
        List<Delivery> takenBack = new ArrayList<>();
        List<Delivery> again = new ArrayList<>();
        deliveries.forEach(delivery -> (source.takesBack(delivery) ? takenBack : again).add(delivery));
        if (!deliverAgain(again)) {
            return settleBelow(deliveries, type);
        }
        bell.ring();
        return takenBack.isEmpty() ? CompletableFuture.completedFuture(null) : settleBelow(takenBack, type);
    }

    private CompletableFuture<Void> settleBelow(List<Delivery> deliveries, AcknowledgeType type) {
        CompletableFuture<Void> settled = source.settle(deliveries, type);
        settled.whenComplete((done, failure) -> onSettled(deliveries.size()));
        return settled;
    }

    @Override
    public boolean takesBack(Delivery failed) {
        return source.takesBack(failed);
    }

    private synchronized boolean deliverAgain(List<Delivery> deliveries) {
        if (closed) {
            return false;
        }
        for (int i = deliveries.size() - 1; i >= 0; i--) {
            Delivery delivery = deliveries.get(i);
            int attempts = delivery.content().deliveryCount();
            waitingUntilNanos = Math.max(
                    waitingUntilNanos,
                    System.nanoTime() + ListenerCall.backoff(attempts - 1).toNanos());
            waiting.addFirst(delivery.again());
        }
        handedOut -= deliveries.size();
        return true;
    }

    private void onSettled(int count) {
        synchronized (this) {
            handedOut -= count;
        }
        bell.ring();
    }

    /** Whether no session has anything of it any more. */
    synchronized boolean isSettled() {
        return handedOut == 0;
    }

    @Override
    public MessageSelector selector() {
        return source.selector();
    }

    @Override
    public boolean isFresh() {
        return source.isFresh();
    }

    @Override
    public void giveBackUnpolled() {
        source.giveBackUnpolled();
    }

    /** Hands out nothing any more, and gives back what no session has; idempotent. {@link #end} must follow. */
    @Override
    public void close() {
        List<Delivery> unwanted;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            unwanted = waiting.stream().map(Delivery::undone).toList();
            waiting.clear();
        }
        source.giveBackUnpolled(); // first, so that it does not take again what is released
        source.settle(unwanted, AcknowledgeType.RELEASE);
    }

    /** Ends the source below, which gives back what is not settled. */
    void end() {
        source.close();
    }
}
