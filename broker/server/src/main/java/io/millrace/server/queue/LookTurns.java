package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.QueueCursor;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For whom records are looked at next, where one turn of the loop does not do for all who need that: one after the other.
 *
 * <p>Owned by the partition's loop. As large as the number of consumers that wait.
 */
final class LookTurns {
    /** A consumer that cannot be served before more was looked at. */
    record Seeker(QueueCursor cursor, ConsumerId consumer) {}

    /** What a step costs at least, however little there is to read. */
    private static final int STEP_BYTES_MIN = 512;

    private final int bytesMax;
    private final Set<Seeker> waiting = new LinkedHashSet<>();
    private int bytesLeft;
    private @Nullable Seeker awaited;

    /** @param bytesMax about how much is looked at in one turn of the loop */
    LookTurns(int bytesMax) {
        this.bytesMax = bytesMax;
        this.bytesLeft = bytesMax;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** A turn of the loop begins, in which the first who waits should come. */
    void begin() {
        refill();
        awaited = waiting.isEmpty() ? null : first();
    }

    void refill() {
        bytesLeft = bytesMax;
    }

    private Seeker first() {
        return waiting.iterator().next();
    }

    /** Whether a step can be taken that nobody waits for. */
    boolean isFree() {
        return waiting.isEmpty() && bytesLeft > 0;
    }

    /** Whether it is this one's turn; it waits until it has taken a step. */
    boolean mayStep(Seeker seeker) {
        waiting.add(seeker);
        return bytesLeft > 0 && first().equals(seeker);
    }

    /** @param needsMore whether it waits for another step, behind those who wait already */
    void onStep(Seeker seeker, int bytes, boolean needsMore) {
        bytesLeft -= Math.max(STEP_BYTES_MIN, bytes);
        leave(seeker);
        if (needsMore) {
            waiting.add(seeker);
        }
    }

    /** It waits no more. */
    void leave(Seeker seeker) {
        if (waiting.isEmpty()) {
            return;
        }
        waiting.remove(seeker);
        if (seeker.equals(awaited)) {
            awaited = null;
        }
    }

    /** The turn is over. Who did not come is gone. */
    void end() {
        if (awaited != null) {
            leave(awaited);
        }
    }
}
