package io.millrace.coordinator.queue;

import io.millrace.coordinator.queue.HeldRecords.Cause;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of records that were given back: they are available at once or after a pause, or dead.
 *
 * <p>Not safe for use by several threads. Knows which ones pause; these are held, for nobody, until their time comes.
 */
final class FailedDeliveries {
    /** What becomes of records. */
    enum Fate {
        AVAILABLE,
        PAUSING,
        DEAD
    }

    /** What would be dead waits so long where too many are already, and is delivered once more. */
    private static final long REPRIEVE_MS = 10_000;

    /** With so many pausing records others do not pause: 6 MB. */
    private static final int PAUSING_MAX = 250_000;

    private final Supplier<RedeliveryPolicy> policies;
    private final DeadRecords dead;
    private final TimedOffsets pausing = new TimedOffsets();

    FailedDeliveries(Supplier<RedeliveryPolicy> policies, DeadRecords dead) {
        this.policies = policies;
        this.dead = dead;
    }

    RedeliveryPolicy policy() {
        return policies.get();
    }

    /**
     * Finds a place for records that were held.
     *
     * @param error what their consumer has said, or null
     */
    Fate decide(Span span, Cause cause, @Nullable String error, long nowMs) {
        RedeliveryPolicy policy = policies.get();
        boolean isDead = isDead(policy, cause, span.deliveryCount());
        if (isDead && dead.hasRoom(span.count())) {
            bury(span, cause == Cause.REJECTED ? DeathCause.REJECTED : DeathCause.MAX_DELIVERIES, error);
            return Fate.DEAD;
        }
        long delayMs = cause == Cause.FAILED ? policy.delayMs(span.deliveryCount()) : 0;
        delayMs = isDead ? Math.max(delayMs, REPRIEVE_MS) : delayMs;
        if (delayMs == 0 || pausing.size() + span.count() > PAUSING_MAX) {
            return Fate.AVAILABLE;
        }
        for (long offset = span.first(); offset <= span.last(); offset++) {
            pausing.add(nowMs + delayMs, offset, 0);
        }
        return Fate.PAUSING;
    }

    private static boolean isDead(RedeliveryPolicy policy, Cause cause, int deliveryCount) {
        return switch (cause) {
            case RETURNED -> false;
            case FAILED -> policy.isExhausted(deliveryCount);
            case REJECTED -> policy.knowsDeath();
            case LOST -> policy.isExhaustedByLosses(deliveryCount);
        };
    }

    private void bury(Span span, DeathCause cause, @Nullable String error) {
        for (long offset = span.first(); offset <= span.last(); offset++) {
            dead.add(new DeadLetter(offset, span.deliveryCount(), cause, error));
        }
    }

    /** A record has expired that nobody holds; whether it is dead. */
    boolean expire(long offset, int deliveryCount) {
        RedeliveryPolicy policy = policies.get();
        if (!policy.keepsExpired() || !policy.knowsDeath() || !dead.hasRoom(1)) {
            return false;
        }
        dead.add(new DeadLetter(offset, deliveryCount, DeathCause.EXPIRED, null));
        return true;
    }

    /** How many records pause. */
    int pausing() {
        return pausing.size();
    }

    /** When the next pause is over, or {@link Long#MAX_VALUE}. */
    long nextTimeMs() {
        return pausing.firstTimeMs();
    }

    /** Time has passed: tells whose pauses are over. */
    void onTime(long nowMs, LongConsumer over) {
        while (pausing.size() > 0 && pausing.firstTimeMs() <= nowMs) {
            long offset = pausing.firstOffset();
            pausing.removeFirst();
            over.accept(offset);
        }
    }

    /** What is below is gone. */
    void onLogStartOffset(long logStartOffset) {
        if (pausing.size() > 0) {
            pausing.retain((offset, ignored) -> offset >= logStartOffset);
        }
    }
}
