package io.millrace.metadata.zookeeper;

import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicSubscriptions;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of a topic's subscriptions: some 8 and the texts for each. */
final class SubscriptionCodec {
    private static final int DURABLE = 1;
    private static final int SHARED = 2;
    private static final int NO_LOCAL = 4;

    private SubscriptionCodec() {}

    static void write(BinaryWriter out, TopicSubscriptions subscriptions) {
        out.writeUnsigned(subscriptions.lastNumber());
        out.writeUnsigned(subscriptions.byNumber().size());
        new TreeMap<>(subscriptions.byNumber()).values().forEach(subscription -> write(out, subscription));
    }

    private static void write(BinaryWriter out, Subscription subscription) {
        int flags = (subscription.identity().isDurable() ? DURABLE : 0)
                | (subscription.isShared() ? SHARED : 0)
                | (subscription.noLocal() ? NO_LOCAL : 0);
        out.writeUnsigned(subscription.number())
                .writeString(subscription.identity().clientId())
                .writeString(subscription.identity().name())
                .writeUnsigned(flags)
                .writeString(subscription.selector())
                .writeUnsigned(subscription.firstPartitions());
    }

    static TopicSubscriptions read(BinaryReader in) {
        long lastNumber = in.readBits();
        Map<Long, Subscription> byNumber = new HashMap<>();
        for (int count = in.readCount(); count > 0; count--) {
            long number = in.readBits();
            String clientId = in.readString();
            String name = in.readString();
            int flags = in.readUnsignedInt();
            var identity = new Subscription.Identity(clientId, name, (flags & DURABLE) != 0);
            byNumber.put(
                    number,
                    new Subscription(
                            number,
                            identity,
                            (flags & SHARED) != 0,
                            in.readString(),
                            (flags & NO_LOCAL) != 0,
                            in.readUnsignedInt()));
        }
        return new TopicSubscriptions(lastNumber, byNumber);
    }
}
