package io.millrace.ra.inbound;

import io.millrace.client.DestinationKind;
import org.jspecify.annotations.Nullable;

/**
 * What an activation delivers, and how: an activation specification that was found valid, with its names resolved.
 *
 * @param sessions the most messages delivered at the same time
 * @param prefetch the most messages of a queue acquired ahead, by all sessions together
 * @param lazyAcknowledgement whether a session takes its next message before the last acknowledgement is committed
 * @param createDestination whether a destination that is missing is created
 * @param selector of a queue's messages that are delivered; null: all are
 */
record DeliveryPlan(
        DestinationKind kind,
        String destination,
        int sessions,
        int prefetch,
        boolean lazyAcknowledgement,
        boolean createDestination,
        @Nullable String selector) {

    String destinationText() {
        return (kind == DestinationKind.QUEUE ? "Queue " : "Topic ") + destination;
    }
}
