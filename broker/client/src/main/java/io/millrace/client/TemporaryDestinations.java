package io.millrace.client;

import java.util.concurrent.CompletableFuture;

/**
 * The temporary destinations of one owner. They are in the memory of one broker and live as long as the owner's connection to it: when that ends, for
 * whichever reason, all of them are gone. The owner gets what is sent to them, at once and for good; anybody may send.
 *
 * <p>Safe for use by any thread. The connection is made for the first destination, to any broker that is alive.
 */
public interface TemporaryDestinations extends AutoCloseable {

    /** What happens to the destinations. Called on an event loop, which must not be blocked, in the order of the events. */
    interface Listener {
        /** A destination is there; nothing was sent to it yet. */
        void onCreated(String name);

        /**
         * Something was sent to a destination, the partition of the message. It counts against the destination's bounds until {@link #consumed} is
         * called.
         *
         * @param bytes how much it counts
         */
        void onMessage(QueueMessage message, int bytes);

        /** All destinations that were there are gone. Those made from now on are at another broker, or another start of it. */
        void onLost(ClientException why);
    }

    /**
     * Makes a destination.
     *
     * @return its name; fails with {@code POLICY_VIOLATION} where there are too many
     */
    CompletableFuture<String> create(DestinationKind kind);

    /** Ends a destination. Sends to it fail from then on. Completes, too, where it is gone already. */
    CompletableFuture<Void> delete(String name);

    /** A message is done with: there is room for another one. */
    void consumed(String name, int bytes);

    /** Ends all of them. Idempotent. */
    @Override
    void close();
}
