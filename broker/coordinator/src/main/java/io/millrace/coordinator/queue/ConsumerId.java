package io.millrace.coordinator.queue;

import java.util.UUID;

/**
 * A consumer, as far as it fetches over one connection. What it has acquired is its own until it is settled or the connection ends.
 *
 * @param connectionId of the connection that brought the records; unique in the leading broker
 * @param consumerId random, so that no other consumer has it
 */
public record ConsumerId(long connectionId, UUID consumerId) {}
