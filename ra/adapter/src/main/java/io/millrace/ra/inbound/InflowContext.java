package io.millrace.ra.inbound;

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
        OutageLog acknowledgements) {}
