package io.millrace.storage;

/**
 * A record found by its time stamp.
 *
 * @param timestamp of the record, milliseconds since 1970
 * @param leaderEpoch of its batch
 */
public record TimestampOffset(long timestamp, long offset, int leaderEpoch) {}
