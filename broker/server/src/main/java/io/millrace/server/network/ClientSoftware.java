package io.millrace.server.network;

/** What a client says it is (KIP-511). */
public record ClientSoftware(String name, String version) {
    public static final ClientSoftware UNKNOWN = new ClientSoftware("", "");

    private static final String OURS = "millrace";

    /** Whether the client understands our own APIs. */
    public boolean isOurs() {
        return name.startsWith(OURS);
    }
}
