package io.millrace.storage;

/**
 * What an append put into the log.
 *
 * @param baseOffset of the first batch
 * @param lastOffset of the last batch
 * @param maxTimestamp greatest time stamp of the records, milliseconds since 1970
 * @param sizeInBytes of all batches
 */
public record AppendInfo(long baseOffset, long lastOffset, long maxTimestamp, int sizeInBytes) {}
