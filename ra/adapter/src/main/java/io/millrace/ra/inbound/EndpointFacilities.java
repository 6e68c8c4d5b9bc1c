package io.millrace.ra.inbound;

import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What the container gives an activation, and what the adapter adds.
 *
 * @param transactions null where the container has none; a rollback without an exception is not seen then
 */
record EndpointFacilities(
        MessageEndpointFactory factory,
        @Nullable TransactionSynchronizationRegistry transactions,
        MessageDecoder decoder,
        InstantSource clock) {}
