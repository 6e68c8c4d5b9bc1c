package io.millrace.ra.inbound;

import jakarta.jms.Message;
import java.time.InstantSource;

/**
 * What an inflow works with, the same for every inflow of an activation.
 *
 * @param acknowledgements tells of acknowledgements that fail
 */
record InflowContext(
        EndpointDelivery delivery,
        MessageDecoder decoder,
        StopSignal stop,
        DelayTimer timer,
        OutageLog acknowledgements,
        InstantSource clock) {

    /** Whether no bean may see the message any more (Jakarta Messaging 3.4.9). */
    boolean isExpired(Message message) {
        return io.millrace.jms.MessageDecoder.isExpired(message, clock.millis());
    }
}
