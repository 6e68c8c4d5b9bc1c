package io.millrace.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One application's access to a Millrace cluster: connections, metadata and event loops, shared by all producers and
 * consumers made from it.
 *
 * <p>Safe for use by any thread. Making a client does no input or output: the cluster need not be there yet, and
 * brokers may come and go as long as the client lives.
 */
public interface ClusterClient extends AutoCloseable {

    static ClusterClient open(ClientConfiguration configuration) {
        return new NetworkClusterClient(configuration);
    }

    Producer newProducer(ProducerConfiguration configuration);

    /** A consumer that is told which partitions to read and from where. */
    TopicConsumer newConsumer(ConsumerConfiguration configuration);

    /** A consumer whose partitions its group decides. Only a client of a real cluster has some. */
    default GroupConsumer newGroupConsumer(GroupConsumer.Subscription subscription) {
        throw new UnsupportedOperationException("this client knows nothing of groups");
    }

    /** A consumer that shares the messages of a queue with the queue's other consumers. */
    QueueConsumer newQueueConsumer(String queue, QueueConsumerConfiguration configuration);

    /**
     * Looks at messages of a queue's partition that are not acknowledged, whoever has acquired them, without acquiring any. A
     * leader that was lost or moves is found anew within the request timeout.
     *
     * @param fromOffset nothing below is looked at
     * @param maxBytes about how many bytes of record batches are read, at least one batch; 0: none, as only the end is asked for
     * @return fails with a {@link ClientException}
     */
    default CompletableFuture<QueuePage> browse(TopicPartition partition, long fromOffset, int maxBytes) {
        throw new UnsupportedOperationException("this client cannot browse queues");
    }

    /**
     * As {@link #browse(TopicPartition, long, int)}, but of what matches a selector; a page may have none. A client that cannot select shows
     * everything.
     *
     * @param selector null: there is none
     */
    default CompletableFuture<QueuePage> browse(
            TopicPartition partition, long fromOffset, int maxBytes, @Nullable String selector) {
        return browse(partition, fromOffset, maxBytes);
    }

    /**
     * A consumer of a subscription of a topic, which shares its messages with the subscription's other consumers as those of a queue do. Where the
     * subscription is not shared and another consumer has it, {@link QueueConsumer#attached} fails. Only a client of a real cluster has some.
     */
    default QueueConsumer newSubscriptionConsumer(
            SubscriptionDescription subscription, QueueConsumerConfiguration configuration) {
        throw new UnsupportedOperationException("this client knows nothing of subscriptions");
    }

    /** An owner of temporary destinations, which has none yet. Only a client of a real cluster has some. */
    default TemporaryDestinations newTemporaryDestinations(TemporaryDestinations.Listener listener) {
        throw new UnsupportedOperationException("this client knows nothing of temporary destinations");
    }

    /**
     * Sends a record to the temporary destination that it names, whoever owns that; its partition means nothing.
     *
     * @return completes when the record is on its way to the owner. Fails with a {@link ClientException}: {@code UNKNOWN_TOPIC_OR_PARTITION} where the
     *     destination is gone, {@code THROTTLING_QUOTA_EXCEEDED} where there was no room for the record within the request timeout
     */
    default CompletableFuture<Void> sendTemporary(ProducerRecord record) {
        throw new UnsupportedOperationException("this client knows nothing of temporary destinations");
    }

    Admin admin();

    ClientConfiguration configuration();

    /** Closes everything made from this client and waits, at most 30 s, until its threads have ended. */
    @Override
    void close();
}
