package io.millrace.server.request;

/** How a broker that passes a client's request on to the controller shows that it did, so that it is not passed on twice. */
public final class Forwarding {
    /** The purpose of connections that carry forwarded requests. */
    public static final String PURPOSE = "forwarding";

    private Forwarding() {}

    /** Whether another broker has passed the request on to this one. */
    public static boolean isForwarded(RequestContext context) {
        return BrokerClients.isOf(PURPOSE, context.clientId());
    }
}
