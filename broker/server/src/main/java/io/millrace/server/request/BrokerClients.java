package io.millrace.server.request;

/** The client ids under which brokers speak to each other. They have no quotas. */
public final class BrokerClients {
    private static final String PREFIX = "millrace-broker-";

    private BrokerClients() {}

    /** The client id of a broker's connections for one purpose. */
    public static String id(String purpose, int brokerId) {
        return PREFIX + purpose + "-" + brokerId;
    }

    static boolean isOf(String purpose, String clientId) {
        return clientId.startsWith(PREFIX + purpose + "-");
    }

    static boolean isBroker(String clientId) {
        return clientId.startsWith(PREFIX);
    }
}
