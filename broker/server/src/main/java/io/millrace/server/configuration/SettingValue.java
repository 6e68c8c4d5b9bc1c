package io.millrace.server.configuration;

/**
 * One of the values that a setting has been given in different places; the first in a list of them counts.
 *
 * @param name of the setting in that place
 */
public record SettingValue(String name, String value, SettingSource source) {}
