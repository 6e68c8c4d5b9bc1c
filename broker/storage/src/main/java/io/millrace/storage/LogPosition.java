package io.millrace.storage;

/**
 * Where an offset lies on disk.
 *
 * @param segmentBaseOffset of the segment file
 * @param positionBytes from the beginning of that file
 */
public record LogPosition(long offset, long segmentBaseOffset, int positionBytes) {}
