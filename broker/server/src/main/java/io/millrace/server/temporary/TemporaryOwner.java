package io.millrace.server.temporary;

import io.millrace.protocol.message.FetchTemporaryResponse.Sent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection with temporary destinations, what was sent to them and not fetched, and the fetch that waits for that. Guarded by its {@link
 * TemporaryDestinations}.
 */
final class TemporaryOwner {
    /** A fetch that the broker holds. */
    private record Waiting(int bytesMax, CompletableFuture<List<Sent>> fetched) {}

    private final Map<String, TemporaryDestination> destinations = new HashMap<>();
    private final Deque<Sent> held = new ArrayDeque<>();
    private @Nullable Waiting waiting;
    private long bytes;
    private long heldBytes;
    private long heardAtMs;

    TemporaryOwner(long nowMs) {
        heardAtMs = nowMs;
    }

    Map<String, TemporaryDestination> destinations() {
        return destinations;
    }

    void onHeard(long nowMs) {
        heardAtMs = nowMs;
    }

    long heardAtMs() {
        return heardAtMs;
    }

    /** Of all its destinations, sent and not consumed. */
    long bytes() {
        return bytes;
    }

    void addBytes(long change) {
        bytes += change;
    }

    void hold(Sent sent) {
        held.add(sent);
        heldBytes += sent.batch().size();
    }

    long heldBytes() {
        return heldBytes;
    }

    /** What was sent to a destination that is deleted is nobody's any more. */
    void drop(String destination) {
        held.removeIf(sent -> {
            boolean isDropped = sent.destination().equals(destination);
            heldBytes -= isDropped ? sent.batch().size() : 0;
            return isDropped;
        });
    }

    List<Sent> take(int bytesMax) {
        List<Sent> taken = new ArrayList<>();
        long takenBytes = 0;
        while (!held.isEmpty()
                && (taken.isEmpty() || takenBytes + held.peek().batch().size() <= bytesMax)) {
            Sent next = held.remove();
            taken.add(next);
            takenBytes += next.batch().size();
        }
        heldBytes -= takenBytes;
        return taken;
    }

    void await(int bytesMax, CompletableFuture<List<Sent>> fetched) {
        waiting = new Waiting(bytesMax, fetched);
    }

    /** Ends the wait, with what there is. The caller completes it when it does not hold the monitor. */
    Runnable endWait() {
        Waiting ended = waiting;
        if (ended == null) {
            return () -> {};
        }
        waiting = null;
        List<Sent> taken = take(ended.bytesMax());
        return () -> ended.fetched().complete(taken);
    }

    boolean isWaitingFor(CompletableFuture<List<Sent>> fetched) {
        return waiting != null && waiting.fetched() == fetched;
    }
}
