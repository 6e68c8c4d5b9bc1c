package io.millrace.metadata;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A broker that has registered, and where to reach it.
 *
 * @param brokerEpoch names this registration among all that the broker id ever had (KIP-380): it grows with each one; {@link #NO_EPOCH}
 *     in a wanted registration
 * @param incarnationId chosen by the broker process at start, the same in all registrations of that process
 * @param start what the store says of the start before it; {@link BrokerStart#CLEAN} in a wanted registration
 */
public record BrokerRegistration(
        int brokerId,
        long brokerEpoch,
        String host,
        int port,
        @Nullable String rack,
        UUID incarnationId,
        BrokerStart start) {

    /** The epoch of a registration that has not been made yet. */
    public static final long NO_EPOCH = -1;

    public BrokerRegistration {
        if (brokerId < 0) {
            throw new IllegalArgumentException("broker id is " + brokerId + "; it must be 0 or greater");
        }
    }

    /** A registration after a clean start. */
    public BrokerRegistration(
            int brokerId, long brokerEpoch, String host, int port, @Nullable String rack, UUID incarnationId) {
        this(brokerId, brokerEpoch, host, port, rack, incarnationId, BrokerStart.CLEAN);
    }

    /** What a broker asks for; the store assigns the broker epoch. */
    public static BrokerRegistration wanted(
            int brokerId, String host, int port, @Nullable String rack, UUID incarnationId) {
        return new BrokerRegistration(brokerId, NO_EPOCH, host, port, rack, incarnationId);
    }

    public BrokerRegistration withBrokerEpoch(long newBrokerEpoch) {
        return new BrokerRegistration(brokerId, newBrokerEpoch, host, port, rack, incarnationId, start);
    }

    public BrokerRegistration withStart(BrokerStart newStart) {
        return new BrokerRegistration(brokerId, brokerEpoch, host, port, rack, incarnationId, newStart);
    }
}
