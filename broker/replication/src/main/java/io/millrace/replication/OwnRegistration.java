package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether what the metadata say of this broker is meant for this process, or for an earlier life of the broker.
 *
 * <p>Owned by the loop of the replicas; {@link #isIn} and {@link #brokerEpoch} may be asked from any thread.
 */
final class OwnRegistration {
    private final int brokerId;
    /** Of this process; none where nobody said. */
    private volatile @Nullable UUID incarnationId;
    /** Whether an image has shown this process registered. */
    private boolean isKnown = true;

    private boolean isForEarlierLife;
    private volatile long brokerEpoch = PartitionEnvironment.BrokerEpochs.UNREGISTERED;

    OwnRegistration(int brokerId) {
        this.brokerId = brokerId;
    }

    /** This process registers, or will, under an incarnation. */
    void expect(UUID newIncarnationId) {
        incarnationId = newIncarnationId;
        isKnown = false;
    }

    /** Takes over a newer image. */
    void onImage(ClusterImage newer, boolean isFirst) {
        isForEarlierLife = isFirst || !isKnown;
        isKnown = isKnown || isIn(newer);
        BrokerRegistration own = newer.brokers().get(brokerId);
        if (own != null) {
            brokerEpoch = isIn(newer) ? own.brokerEpoch() : PartitionEnvironment.BrokerEpochs.UNREGISTERED;
        }
    }

    /**
     * The broker epoch under which this process was seen registered last, if it was and no other life of the broker since. It counts also while there is no
     * registration: this life goes on when its session ends, and followers must go on, too, while ZooKeeper is not there to register with.
     */
    long brokerEpoch() {
        return brokerEpoch;
    }

    /** Whether leaderships that the present image names may be meant for an earlier life of this broker. */
    boolean isForEarlierLife() {
        return isForEarlierLife;
    }

    /** Whether an image does not show an earlier life of this broker. */
    boolean isIn(ClusterImage shown) {
        UUID expected = incarnationId;
        BrokerRegistration own = shown.brokers().get(brokerId);
        return expected == null || (own != null && own.incarnationId().equals(expected));
    }
}
