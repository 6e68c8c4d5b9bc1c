package io.millrace.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Administration of subscriptions of topics. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface SubscriptionAdmin {

    /**
     * Has a subscription be there, and completes when it has begun: what is sent from then on belongs to it. One that is there goes on; with another
     * selector it takes over the new one and keeps what it has, and one of another topic ends, both only while it has no consumer.
     *
     * <p>Fails with {@code NON_EMPTY_GROUP} where it has consumers and would have to change, {@code DUPLICATE_RESOURCE} where the one that is there is
     * shared and this one is not, or the other way round, {@code UNKNOWN_TOPIC_OR_PARTITION} where there is no such topic.
     */
    CompletableFuture<SubscriptionDescription> create(SubscriptionWish wanted);

    /**
     * Ends a subscription; what it has not acknowledged is nobody's any more. Fails with {@code NON_EMPTY_GROUP} while it has consumers, and {@code
     * RESOURCE_NOT_FOUND} where it has ended.
     */
    CompletableFuture<Void> delete(SubscriptionDescription subscription);

    /**
     * Subscriptions and how they stand.
     *
     * @param topic null: those of all topics
     * @param name null: those of all names
     */
    CompletableFuture<List<SubscriptionDescription>> list(@Nullable String topic, @Nullable String name);

    /** The one of this client id, name and durability, and how it stands. */
    CompletableFuture<Optional<SubscriptionDescription>> find(String clientId, String name, boolean isDurable);
}
