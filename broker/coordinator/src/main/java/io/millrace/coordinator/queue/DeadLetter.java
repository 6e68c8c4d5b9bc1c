package io.millrace.coordinator.queue;

import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;
import static io.millrace.protocol.wire.Type.INT8;
import static io.millrace.protocol.wire.Type.NULLABLE_STRING;

import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A record that is to go to the dead-letter queue.
 *
 * @param deliveryCount how often it was delivered
 * @param error what its last consumer said of its failure; null where it said nothing
 */
public record DeadLetter(long offset, int deliveryCount, byte causeId, @Nullable String error) {
    static final Schema<DeadLetter> SCHEMA = Schema.of(DeadLetter.class)
            .field("offset", INT64)
            .field("deliveryCount", INT32)
            .field("causeId", INT8)
            .field("error", NULLABLE_STRING)
            .build();

    public DeadLetter(long offset, int deliveryCount, DeathCause cause, @Nullable String error) {
        this(offset, deliveryCount, cause.id(), error);
    }

    public DeathCause cause() {
        return DeathCause.ofId(causeId);
    }
}
