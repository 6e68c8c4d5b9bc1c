package io.millrace.storage.compaction;

/**
 * A transaction whose records do not count.
 *
 * @param firstOffset of its first batch that is in the log
 * @param markerOffset where the log says that it was aborted
 */
public record AbortedTransaction(long producerId, long firstOffset, long markerOffset) {}
