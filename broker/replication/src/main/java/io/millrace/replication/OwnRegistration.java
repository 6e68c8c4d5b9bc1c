package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether what the metadata say of this broker is meant for this process, or for an earlier life of the broker.
 *
 * <p>Owned by the loop of the replicas; {@link #isIn} may be asked from any thread.
 */
final class OwnRegistration {
    private final int brokerId;
    /** Of this process; none where nobody said. */
    private volatile @Nullable UUID incarnationId;
    /** Whether an image has shown this process registered. */
    private boolean isKnown = true;

    private boolean isForEarlierLife;

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
