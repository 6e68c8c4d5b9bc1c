package io.millrace.server.queue;

import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.replication.PartitionKey;
import java.util.Optional;

/** What the metadata say of a topic's subscriptions. Thread-safe. */
interface SubscriptionSource {
    /** Of queues, which have but their own. */
    SubscriptionSource NONE = new SubscriptionSource() {
        @Override
        public Optional<TopicSubscriptions> of(PartitionKey partition) {
            return Optional.empty();
        }

        @Override
        public void onAbandoned(PartitionKey partition, Subscription subscription) {}
    };

    /** As the latest image has it; empty where the topic is no more. */
    Optional<TopicSubscriptions> of(PartitionKey partition);

    /** One that lasts as long as it has consumers has none any more. */
    void onAbandoned(PartitionKey partition, Subscription subscription);
}
