package io.millrace.ra.configuration;

import io.millrace.client.ClientConfiguration;
import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.ObjectAllowList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which cluster, and how it is reached: what a resource adapter and its connection factories are configured with.
 *
 * @param bootstrapServers {@code host:port} of some brokers, separated by commas; may hold placeholders
 * @param clientId named in requests; may hold placeholders
 * @param requestTimeoutMs how long one request may take
 * @param deliveryTimeoutMs how long a send may take with all its retries
 * @param objectAllowList the classes whose objects may be read from ObjectMessages; may hold placeholders
 */
public record ClusterSettings(
        String bootstrapServers, String clientId, int requestTimeoutMs, int deliveryTimeoutMs, String objectAllowList) {
    public static final String DEFAULT_BOOTSTRAP_SERVERS = "127.0.0.1:9092";
    public static final String DEFAULT_CLIENT_ID = "millrace-ra";
    public static final int DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
    public static final int DEFAULT_DELIVERY_TIMEOUT_MS = 120_000;
    /** A RAR that was dropped into a server is told by a system property, as its descriptors are not at hand. */
    public static final String DEFAULT_OBJECT_ALLOW_LIST = "${millrace.object.allow.list:}";

    public static final ClusterSettings DEFAULTS = new ClusterSettings(
            DEFAULT_BOOTSTRAP_SERVERS,
            DEFAULT_CLIENT_ID,
            DEFAULT_REQUEST_TIMEOUT_MS,
            DEFAULT_DELIVERY_TIMEOUT_MS,
            DEFAULT_OBJECT_ALLOW_LIST);

    private static final int PORT_MAX = 65_535;

    /**
     * The client that these settings ask for, placeholders resolved.
     *
     * @throws IllegalArgumentException naming the setting, its value, and what is right
     */
    public ClientConfiguration clientConfiguration() {
        requirePositive("requestTimeoutMs", requestTimeoutMs);
        requirePositive("deliveryTimeoutMs", deliveryTimeoutMs);
        String resolvedClientId = Placeholders.resolve(clientId).trim();
        if (resolvedClientId.isEmpty()) {
            throw new IllegalArgumentException(
                    "clientId is empty; give a name, or leave it out for " + DEFAULT_CLIENT_ID);
        }
        return ClientConfiguration.of(String.join(",", addresses()))
                .withClientId(resolvedClientId)
                .withTimeouts(Duration.ofMillis(requestTimeoutMs), Duration.ofMillis(deliveryTimeoutMs));
    }

    /**
     * The classes that messages' objects may be of, placeholders resolved.
     *
     * @throws IllegalArgumentException where a part is no pattern of classes
     */
    public ObjectAllowList allowedObjects() {
        return ObjectAllowList.parse(Placeholders.resolve(objectAllowList));
    }

    /**
     * How connections behave towards their applications.
     *
     * @throws IllegalArgumentException as {@link #allowedObjects}
     */
    public ConnectionSettings connectionSettings() {
        return ConnectionSettings.defaults().withObjectAllowList(allowedObjects());
    }

    private List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (String address : Placeholders.resolve(bootstrapServers).split(",", -1)) {
            if (!address.isBlank()) {
                addresses.add(checkedAddress(address.trim()));
            }
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("bootstrapServers is '" + bootstrapServers
                    + "'; name at least one broker as host:port, several separated by commas");
        }
        return addresses;
    }

    private String checkedAddress(String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        boolean valid = colon > 0 && port.matches("\\d{1,5}") && Integer.parseInt(port) <= PORT_MAX;
        if (!valid) {
            throw new IllegalArgumentException("bootstrapServers is '" + bootstrapServers + "', and '" + address
                    + "' in it is no host:port, as in 'broker1:9092,broker2:9092'");
        }
        return address;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1 ms");
        }
    }
}
