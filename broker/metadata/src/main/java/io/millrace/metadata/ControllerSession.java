package io.millrace.metadata;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The right to change the metadata, held by one controller until another is elected. Safe by epochs: a session that has been
 * superseded without knowing cannot write.
 *
 * <p>Thread-safe; commits are applied in the order of the calls.
 */
public interface ControllerSession {
    /** The epoch of this controller; greater than every earlier one's. */
    int controllerEpoch();

    /**
     * Reads everything anew. Must have completed before the first commit. The store's listeners have been told by then of all that this answers, so
     * that none of them takes an older image for a newer one.
     */
    CompletableFuture<ClusterImage> load();

    /**
     * Writes the changes durably, in order. Fails with {@link FencedException} when another controller wrote or was elected: the
     * session is then useless, and which of the changes were written is known only by loading again. Fails with
     * {@link MetadataException} and without any effect when a change is refused, for example because it is too large.
     * With {@link SupersededRegistrationException}, without any effect either, when one of the brokers has registered anew.
     *
     * @param trusted the registrations, as the caller knows them, of the brokers that the changes elect or add: what they hold must still be
     *     what it was
     */
    CompletableFuture<Void> commit(List<MetadataChange> changes, Collection<BrokerRegistration> trusted);

    /** Writes changes that rely on nobody. */
    default CompletableFuture<Void> commit(List<MetadataChange> changes) {
        return commit(changes, List.of());
    }

    /**
     * Completes when the session with the keeper of metadata that holds the right has ended, or must be taken to have ended: somebody else may
     * be elected. Nothing more is written then, except what is under way; whether that was written, its commit still tells where it can be found out.
     */
    CompletableFuture<Void> lost();

    /** Gives the right back, so that another controller is elected at once. */
    CompletableFuture<Void> resign();
}
