package io.millrace.metadata;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The keeper of metadata, seen from one broker.
 *
 * <p>Thread-safe. Futures complete on the store's thread: continuations must not block.
 */
public interface MetadataStore extends AutoCloseable {
    /** The latest image known here; {@link ClusterImage#EMPTY} before the first read. It may lag behind the truth. */
    ClusterImage image();

    /** Adds a listener: it is called with the current image, as soon as there is one, then with newer ones. */
    void listen(ClusterListener listener);

    /**
     * Registers this broker and keeps it registered: a lost session is replaced by a new registration, whose new broker epoch is
     * seen in the image. Fails with {@link MetadataException} when another living process holds the broker id.
     *
     * @param lastShutdown decides whether the registration is that of an unclean start, see {@link BrokerStart}
     */
    CompletableFuture<BrokerRegistration> register(BrokerRegistration wanted, LastShutdown lastShutdown);

    /** Registers after a shutdown that cannot have lost anything. */
    default CompletableFuture<BrokerRegistration> register(BrokerRegistration wanted) {
        return register(wanted, LastShutdown.HARMLESS);
    }

    /**
     * Takes the mark of an unclean start from this broker's registration, and from those of the same process to come: a controller has accounted
     * for it. May be repeated; does nothing when the broker epoch is not that of the present registration.
     */
    CompletableFuture<Void> settleStart(long brokerEpoch);

    /**
     * Tries to become the controller once.
     *
     * @param expectedControllerEpoch the epoch that the caller has seen; another one in the store means somebody was faster
     * @param usurp takes the office from the controller in force, which is thereby fenced
     * @return empty when somebody else is controller
     */
    CompletableFuture<Optional<ControllerSession>> electController(
            int brokerId, int expectedControllerEpoch, boolean usurp);

    /** Takes the next {@value ProducerIdBlock#BLOCK_SIZE} producer ids of the cluster. */
    CompletableFuture<ProducerIdBlock> allocateProducerIds(int brokerId);

    /** Ends the registration and, if held, the controller's office. Bounded; idempotent. */
    @Override
    void close();
}
