package io.millrace.server.transaction;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Requests of producers that came while something else was being done with their transactional id, and are decided anew when it is done: most wait for a few
 * milliseconds, and clients would ask again only after a hundred.
 *
 * <p>Owned by the loop of the coordinator.
 */
final class ParkedRequests {
    /** Of one coordinator; more are told to ask again themselves. */
    static final int PARKED_MAX = 10_000;

    /** A request that may be decided anew, or given up. */
    interface Parked {
        void decide();

        void giveUp();
    }

    private final Map<String, Deque<Parked>> byId = new HashMap<>();
    private int count;

    /** Whether there was room. */
    boolean park(String transactionalId, Parked request) {
        if (count >= PARKED_MAX) {
            return false;
        }
        count++;
        byId.computeIfAbsent(transactionalId, id -> new ArrayDeque<>()).add(request);
        return true;
    }

    /** Something has become of the id: those that wait are decided in the order in which they came. */
    void release(String transactionalId) {
        Deque<Parked> released = byId.remove(transactionalId);
        if (released != null) {
            count -= released.size();
            released.forEach(Parked::decide);
        }
    }

    /** One has waited for too long; nothing happens if it does not wait any more. */
    void expire(String transactionalId, Parked request) {
        Deque<Parked> waiting = byId.get(transactionalId);
        if (waiting != null && waiting.remove(request)) {
            count--;
            request.giveUp();
            if (waiting.isEmpty()) {
                byId.remove(transactionalId);
            }
        }
    }

    /** Nothing will be decided here any more. */
    void clear() {
        var all = Map.copyOf(byId);
        byId.clear();
        count = 0;
        all.values().forEach(waiting -> waiting.forEach(Parked::giveUp));
    }
}
