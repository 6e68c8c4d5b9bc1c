package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The temporary destinations of a cluster in memory. Guarded by this; listeners hear on the event loops of their clients. */
final class InMemoryTemporaries {
    private static final String START = ":7:0123456789abcdef:";

    private final Map<String, Owner> destinations = new HashMap<>();
    private final Set<Owner> owners = new LinkedHashSet<>();
    private final Map<String, Integer> unconsumed = new HashMap<>();
    private long lastNumber;

    synchronized TemporaryDestinations newOwner(TemporaryDestinations.Listener listener, Consumer<Runnable> loop) {
        Owner owner = new Owner(listener, loop);
        owners.add(owner);
        return owner;
    }

    synchronized void send(ProducerRecord record) {
        Owner owner = destinations.get(record.topic());
        if (owner == null) {
            throw new ClientException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, record.topic() + " does not exist any more");
        }
        Long timestampMs = record.timestampMs();
        long number = ++lastNumber;
        unconsumed.merge(record.topic(), 1, Integer::sum);
        var message = new QueueMessage(
                new TopicPartition(record.topic(), 0),
                number,
                1,
                number,
                timestampMs == null ? 0 : timestampMs,
                record.key(),
                record.value(),
                record.headers());
        owner.loop.accept(() -> owner.listener.onMessage(message, 1));
    }

    /** The brokers that have them are lost. */
    synchronized void loseAll() {
        destinations.clear();
        owners.forEach(owner -> owner.loop.accept(() -> owner.listener.onLost(
                new ClientException(ErrorCode.NETWORK_EXCEPTION, "the connection to broker 7 has ended"))));
    }

    synchronized int count() {
        return destinations.size();
    }

    synchronized int ownerCount() {
        return owners.size();
    }

    /** Messages of a destination that its owner has not said to be done with. */
    synchronized int unconsumed(String name) {
        return unconsumed.getOrDefault(name, 0);
    }

    private final class Owner implements TemporaryDestinations {
        private final Listener listener;
        private final Consumer<Runnable> loop;

        Owner(Listener listener, Consumer<Runnable> loop) {
            this.listener = listener;
            this.loop = loop;
        }

        @Override
        public CompletableFuture<String> create(DestinationKind kind) {
            var made = new CompletableFuture<String>();
            synchronized (InMemoryTemporaries.this) {
                String name = (kind == DestinationKind.TOPIC ? "temporary-topic" : "temporary-queue")
                        + START
                        + Long.toString(++lastNumber, 36);
                destinations.put(name, this);
                loop.accept(() -> {
                    listener.onCreated(name);
                    made.complete(name);
                });
            }
            return made;
        }

        @Override
        public CompletableFuture<Void> delete(String name) {
            synchronized (InMemoryTemporaries.this) {
                destinations.remove(name);
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void consumed(String name, int bytes) {
            synchronized (InMemoryTemporaries.this) {
                unconsumed.merge(name, -bytes, Integer::sum);
            }
        }

        @Override
        public void close() {
            synchronized (InMemoryTemporaries.this) {
                owners.remove(this);
                destinations.values().removeIf(owner -> owner == this);
            }
        }
    }
}
