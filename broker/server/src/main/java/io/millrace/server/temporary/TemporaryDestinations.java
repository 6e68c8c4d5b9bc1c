package io.millrace.server.temporary;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTemporaryDestinationResponse;
import io.millrace.protocol.message.FetchTemporaryRequest.Consumed;
import io.millrace.protocol.message.FetchTemporaryResponse.Sent;
import io.millrace.protocol.message.SendTemporaryResponse;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The temporary destinations of the connections to this broker, and nobody else's: one lives exactly as long as its owner, the connection that has made it,
 * unless that deletes it before.
 *
 * <p>Thread-safe, guarded by this; futures complete outside of the monitor. Nothing here is written to a disk or told to another broker: the name says
 * which start of which broker has the destination. A record goes to its owner as soon as that fetches, and is the owner's from then on; the broker keeps only how much
 * is not consumed. Invariant: a destination is in the map of all exactly while it is in its owner's.
 *
 * <pre>
 *   send --no room--> refused        fetch                            consumed
 *     `--------------> held here -----------> the owner's, counted -----------> gone
 *                         `------ deleted, owner gone ------------------------> gone
 * </pre>
 */
final class TemporaryDestinations {
    static final String QUEUE_PREFIX = "temporary-queue:";
    static final String TOPIC_PREFIX = "temporary-topic:";

    private final String start;
    private final TemporaryLimits limits;
    private final Map<String, TemporaryDestination> destinations = new HashMap<>();
    private final Map<Long, TemporaryOwner> owners = new HashMap<>(); // by connection
    private long lastNumber;
    private long heldBytes;

    /**
     * None yet.
     *
     * @param incarnation random, so that a name of before a restart names nothing
     */
    TemporaryDestinations(int brokerId, long incarnation, TemporaryLimits limits) {
        this.start = brokerId + ":" + HexFormat.of().toHexDigits(incarnation) + ":";
        this.limits = limits;
    }

    synchronized CreateTemporaryDestinationResponse create(long connectionId, boolean isTopic, long nowMs) {
        TemporaryOwner owner = owners.computeIfAbsent(connectionId, id -> new TemporaryOwner(nowMs));
        owner.onHeard(nowMs);
        if (owner.destinations().size() >= limits.ownerDestinationsMax()) {
            return refused("The connection has " + limits.ownerDestinationsMax()
                    + " temporary destinations, and more are not possible; delete some");
        }
        if (destinations.size() >= limits.destinationsMax()) {
            return refused("The broker has " + limits.destinationsMax()
                    + " temporary destinations, and more are not possible; their owners must delete some");
        }
        String name = (isTopic ? TOPIC_PREFIX : QUEUE_PREFIX) + start + Long.toString(++lastNumber, 36);
        var destination = new TemporaryDestination(name, owner);
        owner.destinations().put(name, destination);
        destinations.put(name, destination);
        return new CreateTemporaryDestinationResponse(ErrorCode.NONE, null, name);
    }

    private static CreateTemporaryDestinationResponse refused(String why) {
        return new CreateTemporaryDestinationResponse(ErrorCode.POLICY_VIOLATION, why, "");
    }

    /** Only its owner deletes a destination; others are told that there is none. */
    synchronized ErrorCode delete(long connectionId, String name) {
        TemporaryDestination destination = destinations.get(name);
        if (destination == null || destination.owner() != owners.get(connectionId)) {
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        }
        destinations.remove(name);
        TemporaryOwner owner = destination.owner();
        owner.destinations().remove(name);
        destination.onDeleted();
        long heldBefore = owner.heldBytes();
        owner.drop(name);
        heldBytes += owner.heldBytes() - heldBefore;
        return ErrorCode.NONE;
    }

    /** Takes a record for its owner, or says why not. */
    SendTemporaryResponse send(String name, Bytes batch, long nowMs) {
        Runnable bury = buryOwnerOf(name, nowMs);
        bury.run();
        Runnable wake;
        synchronized (this) {
            TemporaryDestination destination = destinations.get(name);
            if (destination == null) {
                return new SendTemporaryResponse(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        name + " does not exist any more: it was deleted, or its connection has ended");
            }
            Optional<SendTemporaryResponse> refusal = refusal(destination, batch.size());
            if (refusal.isPresent()) {
                return refusal.get();
            }
            destination.onSent(batch.size());
            destination.owner().hold(new Sent(name, batch));
            heldBytes += batch.size();
            wake = endWait(destination.owner());
        }
        wake.run();
        return new SendTemporaryResponse(ErrorCode.NONE, null);
    }

    /** A machine that was switched off ends no connection; it does not fetch either. */
    private synchronized Runnable buryOwnerOf(String name, long nowMs) {
        TemporaryDestination destination = destinations.get(name);
        if (destination == null || nowMs - destination.owner().heardAtMs() <= limits.ownerSilenceMaxMs()) {
            return () -> {};
        }
        owners.values().remove(destination.owner());
        return forget(destination.owner());
    }

    private Optional<SendTemporaryResponse> refusal(TemporaryDestination destination, int size) {
        if (size > limits.bytesMax()) {
            return refusal(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "the message has " + size + " bytes; for a temporary destination at most " + limits.bytesMax()
                            + " are possible");
        }
        if (!destination.hasRoom(size, limits)) {
            return refusal(
                    ErrorCode.THROTTLING_QUOTA_EXCEEDED,
                    destination.name() + " has " + destination.records() + " messages that are not consumed; it takes "
                            + limits.recordsMax() + " of " + limits.bytesMax() + " bytes");
        }
        if (destination.owner().bytes() + size > limits.ownerBytesMax() || heldBytes + size > limits.heldBytesMax()) {
            return refusal(
                    ErrorCode.THROTTLING_QUOTA_EXCEEDED,
                    "there is no room for messages to temporary destinations: the connection of " + destination.name()
                            + " has "
                            + destination.owner().bytes() + " bytes that are not consumed, of at most "
                            + limits.ownerBytesMax() + ", and the broker " + heldBytes
                            + " that are not fetched, of at most " + limits.heldBytesMax());
        }
        return Optional.empty();
    }

    private static Optional<SendTemporaryResponse> refusal(ErrorCode error, String why) {
        return Optional.of(new SendTemporaryResponse(error, why));
    }

    /**
     * What was sent to the destinations of a connection; waits where there is nothing, until {@link #endWait(long)} or {@link #endWait(long,
     * CompletableFuture)}.
     *
     * @return empty where the connection has never had a destination, or was taken for dead
     */
    synchronized Optional<CompletableFuture<List<Sent>>> fetch(
            long connectionId, List<Consumed> consumed, int bytesMax, long nowMs) {
        TemporaryOwner owner = owners.get(connectionId);
        if (owner == null) {
            return Optional.empty();
        }
        owner.onHeard(nowMs);
        for (Consumed each : consumed) {
            TemporaryDestination destination = owner.destinations().get(each.destination());
            if (destination != null) {
                destination.onConsumed(each.records(), each.bytes());
            }
        }
        long heldBefore = owner.heldBytes();
        List<Sent> taken = owner.take(bytesMax);
        heldBytes += owner.heldBytes() - heldBefore;
        if (!taken.isEmpty()) {
            return Optional.of(CompletableFuture.completedFuture(taken));
        }
        var fetched = new CompletableFuture<List<Sent>>();
        owner.await(bytesMax, fetched);
        return Optional.of(fetched);
    }

    /** Answers leave in order, so a fetch that waits must not hold up the request that comes after it. */
    void endWait(long connectionId) {
        Runnable end;
        synchronized (this) {
            TemporaryOwner owner = owners.get(connectionId);
            end = owner == null ? () -> {} : endWait(owner);
        }
        end.run();
    }

    /** The time of one fetch is up. */
    void endWait(long connectionId, CompletableFuture<List<Sent>> fetched) {
        Runnable end;
        synchronized (this) {
            TemporaryOwner owner = owners.get(connectionId);
            end = owner != null && owner.isWaitingFor(fetched) ? endWait(owner) : () -> {};
        }
        end.run();
    }

    private Runnable endWait(TemporaryOwner owner) {
        long heldBefore = owner.heldBytes();
        Runnable end = owner.endWait();
        heldBytes += owner.heldBytes() - heldBefore;
        return end;
    }

    /** The connection has ended, and all that it owned with it. */
    void onClosed(long connectionId) {
        Runnable end;
        synchronized (this) {
            TemporaryOwner owner = owners.remove(connectionId);
            end = owner == null ? () -> {} : forget(owner);
        }
        end.run();
    }

    private Runnable forget(TemporaryOwner owner) {
        Runnable end = endWait(owner);
        new ArrayList<>(owner.destinations().keySet()).forEach(destinations::remove);
        owner.destinations().clear();
        heldBytes -= owner.heldBytes();
        owner.take(Integer.MAX_VALUE);
        return end;
    }

    synchronized int count() {
        return destinations.size();
    }

    synchronized int ownerCount() {
        return owners.size();
    }

    synchronized long heldBytes() {
        return heldBytes;
    }
}
