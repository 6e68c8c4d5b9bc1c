package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What one session has received and not settled yet.
 *
 * <p>Guarded by this; nothing is awaited while the monitor is held. Of a delivery exactly one holds at a time: it is
 * unsettled here, it waits at its consumer to be delivered again, or it is settled.
 *
 * <pre>
 *   source --poll--> delivered --+-- automatic, lazy --------------------------> settled
 *                                +-- client, transaction --> unsettled --+-----> settled   (acknowledge, commit)
 *                                             ^                          |
 *                                             +--- delivered again <-----+                 (recover, rollback)
 * </pre>
 */
final class SessionReception {
    private static final System.Logger LOGGER = System.getLogger(SessionReception.class.getName());
    /** More deliveries than this are not held for one acknowledgement or one transaction. */
    private static final int UNSETTLED_MAX = 1_000_000;
    /** How many deliveries of a DUPS_OK session are acknowledged together. */
    private static final int LAZY_BATCH = 50;

    private final MillraceSession session;
    private final ClusterLink link;
    private final Bell bell = new Bell();
    private final DeliveryGate gate = new DeliveryGate();
    private final List<MillraceMessageConsumer> consumers = new CopyOnWriteArrayList<>();
    private final Set<Delivery> unsettled = new LinkedHashSet<>();
    private final List<Delivery> lazy = new ArrayList<>();
    private final Set<MessageSource> outlivingTheirConsumer = new LinkedHashSet<>();
    private CompletableFuture<Void> automatic = CompletableFuture.completedFuture(null);

    SessionReception(MillraceSession session, ClusterLink link) {
        this.session = session;
        this.link = link;
    }

    Bell bell() {
        return bell;
    }

    DeliveryGate gate() {
        return gate;
    }

    List<MillraceMessageConsumer> consumers() {
        return consumers;
    }

    void add(MillraceMessageConsumer consumer) {
        consumers.add(consumer);
    }

    boolean hasListener() {
        return consumers.stream().anyMatch(MillraceMessageConsumer::hasListener);
    }

    /** Before a message is taken from a source: one that cannot be held stays there. */
    synchronized void requireRoom() throws ResourceAllocationException {
        if (unsettled.size() >= UNSETTLED_MAX) {
            throw new ResourceAllocationException("The session has " + UNSETTLED_MAX
                    + " messages that are not acknowledged; acknowledge or commit more often");
        }
    }

    /** Before a message goes to the application. */
    synchronized void onDelivery(Delivery delivery) {
        unsettled.add(delivery);
    }

    /** After the application has got a message: receive is about to return it, or the listener has returned. */
    void onDelivered(Delivery delivery) throws JMSException {
        if (session.transaction().settlesAtOnce()) {
            synchronized (this) {
                if (!unsettled.remove(delivery)) {
                    return; // recovered meanwhile
                }
            }
            if (session.transaction().settlesLazily()) {
                acknowledgeLazily(delivery);
            } else {
                acknowledgeAutomatically(delivery);
            }
            if (isOutliving(delivery.source())) {
                acknowledgeLazyOnes();
                awaitAutomatic();
                closeSettledSources();
            }
        }
    }

    /** As if it had not been delivered. */
    synchronized void forget(Delivery delivery) {
        unsettled.remove(delivery);
    }

    /**
     * Before a message is taken from a source: the one before is settled by then. Else both would come twice where their
     * broker is lost, while the specification has applications expect that of the last message alone.
     */
    void awaitLastDelivered() {
        if (session.transaction().settlesAtOnce() && !session.transaction().settlesLazily()) {
            awaitAutomatic();
        }
    }

    /** One that fails costs nothing but a duplicate: the application has the message, and may get it again. */
    private void acknowledgeAutomatically(Delivery delivery) {
        awaitAutomatic();
        CompletableFuture<Void> acknowledged = delivery.source().settle(List.of(delivery), AcknowledgeType.ACCEPT);
        synchronized (this) {
            automatic = acknowledged;
        }
    }

    void awaitAutomatic() {
        CompletableFuture<Void> last;
        synchronized (this) {
            last = automatic;
        }
        try {
            Failures.await(last, link.requestTimeout(), "Acknowledging a message");
        } catch (JMSException e) {
            LOGGER.log(Level.WARNING, () -> "A message may be delivered again: " + e.getMessage());
            forgetAutomatic(last);
        }
    }

    /** So that it is waited for, and told, once. */
    private synchronized void forgetAutomatic(CompletableFuture<Void> failed) {
        if (automatic == failed && failed.isDone()) {
            automatic = CompletableFuture.completedFuture(null);
        }
    }

    private void acknowledgeLazily(Delivery delivery) {
        boolean isFull;
        synchronized (this) {
            lazy.add(delivery);
            isFull = lazy.size() >= LAZY_BATCH;
        }
        if (isFull) {
            acknowledgeLazyOnes();
        }
    }

    /** What a DUPS_OK session has put off; called when its batch is full, when it is idle, and when it ends. */
    void acknowledgeLazyOnes() {
        List<Delivery> batch;
        synchronized (this) {
            if (lazy.isEmpty()) {
                return;
            }
            batch = new ArrayList<>(lazy);
            lazy.clear();
        }
        awaitAutomatic();
        CompletableFuture<Void> acknowledged = settle(batch, AcknowledgeType.ACCEPT);
        synchronized (this) {
            automatic = acknowledged;
        }
    }

    /** Settles all that is unsettled and waits until that is committed. */
    void acknowledgeAll(String doing) throws JMSException {
        List<Delivery> all = takeUnsettled();
        if (all.isEmpty()) {
            return;
        }
        try {
            Failures.await(settle(all, AcknowledgeType.ACCEPT), link.requestTimeout(), doing);
        } finally {
            closeSettledSources();
        }
    }

    /** Delivers all that is unsettled again, in its order, before anything else, but for what is the broker's to delay or to give up. */
    void redeliverAll() {
        Map<MessageSource, List<Delivery>> bySource = bySource(takeUnsettled());
        for (MillraceMessageConsumer consumer : consumers) {
            List<Delivery> again = bySource.remove(consumer.source());
            if (again != null) {
                redeliver(consumer, again);
            }
        }
        // Consumers that are closed get nothing again; the queue's others do.
        bySource.forEach((source, deliveries) -> source.settle(deliveries, AcknowledgeType.RELEASE));
        closeSettledSources();
        bell.ring();
    }

    private static void redeliver(MillraceMessageConsumer consumer, List<Delivery> failed) {
        MessageSource source = consumer.source();
        List<Delivery> released = new ArrayList<>();
        List<Delivery> again = new ArrayList<>();
        for (Delivery delivery : failed) {
            if (source.takesBack(delivery)) {
                released.add(delivery);
            } else {
                again.add(delivery.again());
            }
        }
        if (!released.isEmpty()) {
            source.settle(released, AcknowledgeType.RELEASE);
        }
        consumer.deliverAgain(again);
    }

    private synchronized List<Delivery> takeUnsettled() {
        List<Delivery> all = new ArrayList<>(unsettled);
        unsettled.clear();
        return all;
    }

    private static CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        List<CompletableFuture<Void>> settled = new ArrayList<>();
        bySource(deliveries).forEach((source, ofSource) -> settled.add(source.settle(ofSource, type)));
        return CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new));
    }

    private static Map<MessageSource, List<Delivery>> bySource(List<Delivery> deliveries) {
        Map<MessageSource, List<Delivery>> bySource = new LinkedHashMap<>();
        for (Delivery delivery : deliveries) {
            bySource.computeIfAbsent(delivery.source(), ignored -> new ArrayList<>())
                    .add(delivery);
        }
        return bySource;
    }

    /** A consumer has closed: its source goes too, but not before its deliveries are settled. */
    void remove(MillraceMessageConsumer consumer) {
        consumers.remove(consumer);
        acknowledgeLazyOnes();
        awaitAutomatic();
        MessageSource source = consumer.source();
        synchronized (this) {
            if (isUnsettled(source)) {
                outlivingTheirConsumer.add(source);
            }
        }
        source.giveBackUnpolled(); // first, so that it does not take again what is released
        releaseWaiting(consumer);
        if (!isOutliving(source)) {
            source.close();
        }
    }

    /** What would have been delivered again goes back instead, with the count of the deliveries that took place. */
    private static void releaseWaiting(MillraceMessageConsumer consumer) {
        List<Delivery> waiting =
                consumer.takeWaiting().stream().map(Delivery::undone).toList();
        consumer.source().settle(waiting, AcknowledgeType.RELEASE);
    }

    private synchronized boolean isOutliving(MessageSource source) {
        return outlivingTheirConsumer.contains(source);
    }

    private boolean isUnsettled(MessageSource source) {
        return unsettled.stream().anyMatch(delivery -> delivery.source() == source);
    }

    private void closeSettledSources() {
        List<MessageSource> settled = new ArrayList<>();
        synchronized (this) {
            outlivingTheirConsumer.removeIf(source -> !isUnsettled(source) && settled.add(source));
        }
        settled.forEach(MessageSource::close);
    }

    /** Ends reception: what is unsettled goes back. */
    void close() {
        acknowledgeLazyOnes();
        awaitAutomatic();
        // They would take again what is released, and its next delivery would count one too many.
        consumers.forEach(consumer -> consumer.source().giveBackUnpolled());
        // Not left to the end of the sources, which would count one delivery for each message.
        settle(takeUnsettled(), AcknowledgeType.RELEASE);
        for (MillraceMessageConsumer consumer : consumers) {
            releaseWaiting(consumer);
            consumer.source().close();
        }
        consumers.clear();
        closeSettledSources();
    }
}
