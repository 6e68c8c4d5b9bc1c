package io.millrace.server.temporary;

/**
 * What temporary destinations may take of a broker's memory. What counts for a destination, and for an owner, is what was sent and its owner has not
 * said to be done with, wherever it is.
 *
 * @param destinationsMax of all owners
 * @param ownerDestinationsMax of one connection
 * @param recordsMax of one destination
 * @param bytesMax of one destination, hence of one record
 * @param ownerBytesMax of all destinations of one connection
 * @param heldBytesMax of what is in this broker's memory since no owner has fetched it yet
 * @param ownerSilenceMaxMs an owner that has not been heard of for so long is taken for dead
 */
record TemporaryLimits(
        int destinationsMax,
        int ownerDestinationsMax,
        int recordsMax,
        long bytesMax,
        long ownerBytesMax,
        long heldBytesMax,
        long ownerSilenceMaxMs) {
    private static final long MIB = 1024 * 1024;

    static TemporaryLimits defaults() {
        return new TemporaryLimits(100_000, 20_000, 10_000, 16 * MIB, 128 * MIB, 64 * MIB, 90_000);
    }
}
