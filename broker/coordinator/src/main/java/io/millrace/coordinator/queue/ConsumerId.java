package io.millrace.coordinator.queue;

import java.util.UUID;

/**
 * One consumer of one connection. What it has acquired is its own until it settles it or goes away.
 *
 * @param connectionId unique among the connections of the leading broker
 * @param consumerId unique within the connection
 */
public record ConsumerId(String connectionId, UUID consumerId) {}
