package io.millrace.server.request;

/** How a broker that passes a client's request on to the controller shows that it did, so that it is not passed on twice. */
public final class Forwarding {
    private static final String CLIENT_ID_PREFIX = "millrace-forwarding-";

    private Forwarding() {}

    /** The client id of connections that carry forwarded requests. */
    public static String clientId(int brokerId) {
        return CLIENT_ID_PREFIX + brokerId;
    }

    /** Whether another broker has passed the request on to this one. */
    public static boolean isForwarded(RequestContext context) {
        return context.clientId().startsWith(CLIENT_ID_PREFIX);
    }
}
