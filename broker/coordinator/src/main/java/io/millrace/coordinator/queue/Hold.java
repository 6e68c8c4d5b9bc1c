package io.millrace.coordinator.queue;

import org.jspecify.annotations.Nullable;

/** Why records cannot be acquired now. */
sealed interface Hold {

    /** Handed to the consumer, which has not settled them. */
    record Acquired(ConsumerId consumer) implements Hold {}

    /**
     * They are settled for good, by the consumer or as nobody is to have them, which is being appended to the cursor log.
     *
     * @param consumer who gets them back where the append fails; null when it is gone, and where there was none
     */
    record Settling(@Nullable ConsumerId consumer) implements Hold {}
}
