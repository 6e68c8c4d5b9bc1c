package io.millrace.replication.controller;

import io.millrace.protocol.ErrorCode;
import java.util.Map;

/**
 * What became of a wish to change settings.
 *
 * @param message for people: what was wrong, with which value, and what would be right; empty on success
 * @param settings all of them as they are, or would be, after the change; empty on failure
 */
public record SettingsOutcome(ErrorCode errorCode, String message, Map<String, String> settings) {
    public SettingsOutcome {
        settings = Map.copyOf(settings);
    }

    public static SettingsOutcome refused(ErrorCode errorCode, String message) {
        return new SettingsOutcome(errorCode, message, Map.of());
    }

    public static SettingsOutcome of(Map<String, String> settings) {
        return new SettingsOutcome(ErrorCode.NONE, "", settings);
    }
}
