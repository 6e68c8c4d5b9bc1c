package io.millrace.storage;

import java.time.Duration;

/**
 * How the cleaner of a broker works.
 *
 * @param dedupeBufferBytes {@code log.cleaner.dedupe.buffer.size}: bound on the memory for offsets of keys
 * @param ioBytesPerSecondMax {@code log.cleaner.io.max.bytes.per.second}: bound on what it reads and writes
 * @param backoffMs {@code log.cleaner.backoff.ms}: pause when no log needs a cleaning, and after a failure
 */
public record CleanerConfiguration(long dedupeBufferBytes, double ioBytesPerSecondMax, long backoffMs) {

    public static final CleanerConfiguration DEFAULT = new CleanerConfiguration(
            128 * 1024 * 1024, Double.MAX_VALUE, Duration.ofSeconds(15).toMillis());
}
