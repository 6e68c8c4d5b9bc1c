package io.millrace.server.configuration;

/** A value that must not be seen in logs and messages. */
public record Secret(String text) {
    @Override
    public String toString() {
        return "[hidden]";
    }
}
