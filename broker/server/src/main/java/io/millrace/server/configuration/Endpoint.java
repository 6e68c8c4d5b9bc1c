package io.millrace.server.configuration;

import java.util.Optional;

/**
 * Where a broker listens or is reached.
 *
 * @param host empty for every interface
 * @param port 0 for any free port
 */
public record Endpoint(String host, int port) {
    private static final int PORT_MAX = 65_535;
    private static final String SCHEME = "PLAINTEXT://";

    /** Reads {@code host:port}, {@code [ipv6]:port} or {@code :port}, each with or without {@code PLAINTEXT://} before it. */
    public static Optional<Endpoint> parse(String text) {
        String rest = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
        int colon = rest.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = rest.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.contains("/") || host.contains(" ") || (host.contains(":") && !bracketed)) {
            return Optional.empty();
        }
        return parsePort(rest.substring(colon + 1))
                .map(port -> new Endpoint(bracketed ? host.substring(1, host.length() - 1) : host, port));
    }

    private static Optional<Integer> parsePort(String text) {
        try {
            int port = Integer.parseInt(text);
            return 0 <= port && port <= PORT_MAX ? Optional.of(port) : Optional.empty();
        } catch (NumberFormatException ignored) { // the caller says what is legal
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
