package io.millrace.client;

import java.time.Duration;
import java.util.List;

/**
 * How a client reaches its cluster. Keys of the same meaning have Kafka's names and defaults.
 *
 * @param bootstrapServers {@code host:port} of some brokers ({@code bootstrap.servers})
 * @param clientId named in requests and in the broker's log ({@code client.id})
 * @param requestTimeout how long one request may take ({@code request.timeout.ms})
 * @param deliveryTimeout how long a send may take with all its retries ({@code delivery.timeout.ms})
 * @param metadataMaxAge when metadata is refreshed without need ({@code metadata.max.age.ms})
 * @param reconnectBackoff the first pause before a lost broker is tried again ({@code reconnect.backoff.ms})
 * @param reconnectBackoffMax the longest such pause ({@code reconnect.backoff.max.ms})
 */
public record ClientConfiguration(
        List<String> bootstrapServers,
        String clientId,
        Duration requestTimeout,
        Duration deliveryTimeout,
        Duration metadataMaxAge,
        Duration reconnectBackoff,
        Duration reconnectBackoffMax) {

    public ClientConfiguration {
        bootstrapServers = List.copyOf(bootstrapServers);
        if (bootstrapServers.isEmpty()) {
            throw new IllegalArgumentException("bootstrap.servers is empty; name at least one broker as host:port");
        }
    }

    /** The defaults, for brokers given as {@code host:port,host:port}. */
    public static ClientConfiguration of(String bootstrapServers) {
        return new ClientConfiguration(
                List.of(bootstrapServers.trim().split("\\s*,\\s*")),
                "millrace",
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                Duration.ofMinutes(5),
                Duration.ofMillis(50),
                Duration.ofSeconds(1));
    }

    public ClientConfiguration withClientId(String newClientId) {
        return new ClientConfiguration(
                bootstrapServers,
                newClientId,
                requestTimeout,
                deliveryTimeout,
                metadataMaxAge,
                reconnectBackoff,
                reconnectBackoffMax);
    }

    public ClientConfiguration withTimeouts(Duration newRequestTimeout, Duration newDeliveryTimeout) {
        return new ClientConfiguration(
                bootstrapServers,
                clientId,
                newRequestTimeout,
                newDeliveryTimeout,
                metadataMaxAge,
                reconnectBackoff,
                reconnectBackoffMax);
    }

    public ClientConfiguration withMetadataMaxAge(Duration newMetadataMaxAge) {
        return new ClientConfiguration(
                bootstrapServers,
                clientId,
                requestTimeout,
                deliveryTimeout,
                newMetadataMaxAge,
                reconnectBackoff,
                reconnectBackoffMax);
    }
}
