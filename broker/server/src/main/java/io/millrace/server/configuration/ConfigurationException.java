package io.millrace.server.configuration;

/** A configuration that a broker cannot be started with; the message names the key, its value and what would be right. */
public final class ConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }
}
