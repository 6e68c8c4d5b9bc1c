package io.millrace.samples.metrics;

/**
 * The readings of one minute.
 *
 * @param minute as ISO 8601 writes its beginning, in UTC
 */
public record MinuteSummary(String minute, long readings, double min, double average, double max) {}
