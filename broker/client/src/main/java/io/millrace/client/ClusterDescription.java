package io.millrace.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The brokers that are alive.
 *
 * @param controllerId -1 where there is no controller now
 */
public record ClusterDescription(int controllerId, List<Broker> brokers) {

    public record Broker(int id, String host, int port, @Nullable String rack) {}
}
