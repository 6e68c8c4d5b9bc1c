package io.millrace.metadata;

/**
 * What a registration says of the start before it.
 *
 * @param number grows with each registration of the broker id, whichever process makes it
 * @param isUnclean whether the process may have found its logs without their newest records, and no controller has accounted for that yet
 */
public record BrokerStart(int number, boolean isUnclean) {
    /** Nothing is known, nothing need be done. */
    public static final BrokerStart CLEAN = new BrokerStart(0, false);

    /** This start after a controller has accounted for it. */
    public BrokerStart settled() {
        return new BrokerStart(number, false);
    }
}
