package io.millrace.jms;

import io.millrace.client.QueueConsumerConfiguration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection behaves towards its application.
 *
 * @param clientId the connection's client id set by administration; null: the application may set one
 * @param foreignBody what records become that no JMS client wrote
 * @param prefetch how many messages a queue consumer acquires ahead
 * @param createDestinations whether a destination that does not exist is created with the broker's defaults when it is
 *     first used; else its use fails
 * @param objectAllowList the classes whose objects may be read from ObjectMessages
 * @param closeTimeout how long close waits for message listeners and sends in progress
 */
public record ConnectionSettings(
        @Nullable String clientId,
        ForeignBody foreignBody,
        int prefetch,
        boolean createDestinations,
        ObjectAllowList objectAllowList,
        Duration closeTimeout) {

    public ConnectionSettings {
        if (prefetch < 1) {
            throw new IllegalArgumentException("prefetch is " + prefetch + "; it must be at least 1");
        }
    }

    public ConnectionSettings withObjectAllowList(ObjectAllowList newObjectAllowList) {
        return new ConnectionSettings(
                clientId, foreignBody, prefetch, createDestinations, newObjectAllowList, closeTimeout);
    }

    public static ConnectionSettings defaults() {
        return new ConnectionSettings(
                null,
                ForeignBody.BYTES,
                QueueConsumerConfiguration.defaults().prefetch(),
                true,
                ObjectAllowList.EMPTY,
                Duration.ofSeconds(30));
    }
}
