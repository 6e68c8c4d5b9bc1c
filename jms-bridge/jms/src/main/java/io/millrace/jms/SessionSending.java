package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationDescription;
import io.millrace.client.ProducerRecord;
import io.millrace.client.RecordMetadata;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one session sends: at once, or at commit.
 *
 * <p>Belongs to the session's thread; what is held back is guarded by this, as any thread may close the session. A
 * session keeps one partition per destination, so that its messages stay in
 * order; messages with a group go where their group goes.
 *
 * <p>A commit sends what was held back and waits until all of it is acknowledged. That is not atomic yet: where it
 * fails half-way, what was stored stays stored, and the exception says how much that is.
 */
final class SessionSending {
    private static final int PARTITIONS_MAX = 10_000;
    private static final int HELD_MAX = 100_000;
    private static final long HELD_BYTES_MAX = 256L * 1024 * 1024;

    private final ClusterLink link;
    private final boolean createDestinations;
    private final int sessionNumber;
    private final AsyncSends asyncSends;
    private final Map<MillraceDestination, Integer> partitions = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MillraceDestination, Integer> eldest) {
            return size() > PARTITIONS_MAX;
        }
    };
    private final List<Held> held = new ArrayList<>();
    private long heldBytes;

    private record Held(MillraceDestination destination, ProducerRecord record, boolean isPersistent) {}

    SessionSending(ClusterLink link, boolean createDestinations, int sessionNumber, AsyncSends asyncSends) {
        this.link = link;
        this.createDestinations = createDestinations;
        this.sessionNumber = sessionNumber;
        this.asyncSends = asyncSends;
    }

    /**
     * Sends a message whose header fields are set, or holds it back until commit.
     *
     * @param original what the application gave, for its listener
     * @param listener null: wait until it is acknowledged
     */
    void send(
            MillraceMessage message,
            long nowMs,
            boolean holdBack,
            Message original,
            @Nullable CompletionListener listener)
            throws JMSException {
        MillraceDestination destination = MillraceDestination.require(message.getJMSDestination());
        ProducerRecord record = RecordEncoder.encode(message, destination.getName(), partition(destination), nowMs);
        boolean isPersistent = message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT;
        String doing = "Sending to " + destination;
        if (listener != null) {
            asyncSends.awaitRoom();
        }
        CompletableFuture<RecordMetadata> sent;
        if (holdBack) {
            hold(new Held(destination, record, isPersistent));
            // The transaction has it; its end tells whether it was stored.
            sent = CompletableFuture.completedFuture(null);
        } else {
            sent = start(destination, record, isPersistent);
        }
        if (listener == null) {
            Failures.await(sent, link.sendTimeout(), doing);
        } else {
            asyncSends.add(sent, original, listener, doing);
        }
    }

    private int partition(MillraceDestination destination) throws JMSException {
        Integer kept = partitions.get(destination);
        if (kept != null) {
            return kept;
        }
        DestinationDescription description = link.require(destination, createDestinations);
        int partition = sessionNumber % Math.max(1, description.partitions().size());
        partitions.put(destination, partition);
        return partition;
    }

    private CompletableFuture<RecordMetadata> start(
            MillraceDestination destination, ProducerRecord record, boolean isPersistent) throws JMSException {
        try {
            CompletableFuture<RecordMetadata> sent = link.send(record, isPersistent);
            return sent.whenComplete((metadata, failure) -> {
                if (failure != null) {
                    link.forget(destination);
                }
            });
        } catch (ClientException e) {
            throw Failures.of("Sending to " + destination, e);
        }
    }

    private synchronized void hold(Held send) throws JMSException {
        byte[] value = send.record.value();
        int bytes = value == null ? 0 : value.length;
        if (held.size() >= HELD_MAX || heldBytes + bytes > HELD_BYTES_MAX) {
            throw new ResourceAllocationException("The transaction holds " + held.size() + " messages of " + heldBytes
                    + " bytes back until its commit; at most " + HELD_MAX + " messages of " + HELD_BYTES_MAX
                    + " bytes are possible: commit more often");
        }
        held.add(send);
        heldBytes += bytes;
    }

    /** Waits until the completion listeners of all sends so far have been called. */
    void awaitAsyncSends() throws JMSException {
        asyncSends.awaitAll();
    }

    /** Sends what was held back, in its order. */
    void commit() throws JMSException {
        List<Held> sends = takeHeld();
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (Held send : sends) {
            sent.add(startOrFail(send));
        }
        int failed = 0;
        JMSException first = null;
        for (int i = 0; i < sends.size(); i++) {
            try {
                Failures.await(sent.get(i), link.sendTimeout(), "Sending to " + sends.get(i).destination);
            } catch (JMSException e) {
                failed++;
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw Failures.caused(
                    new TransactionRolledBackException(failed + " of the transaction's " + sends.size()
                            + " sends failed, the others are stored; the first failure: " + first.getMessage()),
                    first);
        }
    }

    private CompletableFuture<RecordMetadata> startOrFail(Held send) {
        try {
            return start(send.destination, send.record, send.isPersistent);
        } catch (JMSException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Forgets what was held back. */
    void rollback() {
        takeHeld();
    }

    private synchronized List<Held> takeHeld() {
        List<Held> taken = new ArrayList<>(held);
        held.clear();
        heldBytes = 0;
        return taken;
    }
}
