package io.millrace.client;

import io.millrace.client.PartitionQueue.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of one topic, as one producer sees them, and which of them a record goes to.
 *
 * <p>Safe for use by any thread. While the topic is not known, records wait here in the order of the calls.
 */
final class ProducerTopic {
    private final String name;
    private final ClusterMetadata metadata;
    private final ProducerConfiguration configuration;
    private final ProduceSender sender;
    private final Deque<Entry> unrouted = new ArrayDeque<>(); // guarded by this
    private boolean flushesOnArrival; // guarded by this: a flush came while records wait here
    private volatile @Nullable List<PartitionQueue> queues; // null: not known yet; written under this
    private volatile int keylessPartition;

    ProducerTopic(String name, ClusterMetadata metadata, ProducerConfiguration configuration, ProduceSender sender) {
        this.name = name;
        this.metadata = metadata;
        this.configuration = configuration;
        this.sender = sender;
    }

    /**
     * Adds a record to a batch, or to those that wait for the topic to become known.
     *
     * @return false where the record names a partition that does not exist
     */
    boolean send(Entry entry, long nowNanos) {
        List<PartitionQueue> known = queues;
        if (known == null) {
            synchronized (this) {
                known = queues;
                if (known == null) {
                    unrouted.addLast(entry);
                    return true;
                }
            }
        }
        return route(known, entry, nowNanos);
    }

    private boolean route(List<PartitionQueue> known, Entry entry, long nowNanos) {
        Integer partition = entry.record().partition();
        byte[] key = entry.record().key();
        if (partition != null && (partition < 0 || partition >= known.size())) {
            metadata.want(name); // it may have grown
            return false;
        }
        if (partition != null) {
            append(known.get(partition), entry, nowNanos);
        } else if (key != null) {
            append(known.get(Partitioning.partitionOf(key, known.size())), entry, nowNanos);
        } else {
            routeInTurn(known, entry, nowNanos);
        }
        return true;
    }

    private void append(PartitionQueue queue, Entry entry, long nowNanos) {
        if (queue.append(entry, nowNanos)) {
            sender.wake(queue);
        }
    }

    /** Without a key one partition is filled until its batch leaves, then the next that has a leader. */
    private void routeInTurn(List<PartitionQueue> known, Entry entry, long nowNanos) {
        int partition = Math.min(keylessPartition, known.size() - 1);
        if (known.get(partition).tryAppend(entry)) {
            return;
        }
        int next = nextWithLeader(known, partition);
        keylessPartition = next;
        append(known.get(next), entry, nowNanos);
    }

    private int nextWithLeader(List<PartitionQueue> known, int after) {
        for (int step = 1; step <= known.size(); step++) {
            int candidate = (after + step) % known.size();
            if (metadata.leaderOf(known.get(candidate).partition()) != null) {
                return candidate;
            }
        }
        return (after + 1) % known.size();
    }

    boolean isKnown() {
        return queues != null;
    }

    /** 0 while the topic is not known. */
    int partitionCount() {
        List<PartitionQueue> known = queues;
        return known == null ? 0 : known.size();
    }

    /** Takes over how many partitions there are, and routes what waited. A topic never shrinks here. */
    List<Entry> learn(int partitionCount, long nowNanos) {
        var refused = new ArrayList<Entry>();
        synchronized (this) {
            List<PartitionQueue> before = queues;
            if (before != null && before.size() >= partitionCount) {
                return refused;
            }
            var grown = new ArrayList<>(before == null ? List.<PartitionQueue>of() : before);
            while (grown.size() < partitionCount) {
                grown.add(new PartitionQueue(new TopicPartition(name, grown.size()), configuration));
            }
            for (Entry entry : unrouted) {
                if (!route(grown, entry, nowNanos)) {
                    refused.add(entry);
                }
            }
            unrouted.clear();
            queues = List.copyOf(grown);
            if (flushesOnArrival) {
                flushesOnArrival = false;
                flush(grown);
            }
        }
        return refused;
    }

    /** Takes out the records that still wait for the topic to become known. */
    synchronized List<Entry> removeUnrouted() {
        var removed = new ArrayList<>(unrouted);
        unrouted.clear();
        return removed;
    }

    /** Lets all that was added leave without lingering. */
    List<CompletableFuture<?>> flush() {
        var open = new ArrayList<CompletableFuture<?>>();
        List<PartitionQueue> known;
        synchronized (this) {
            unrouted.forEach(entry -> open.add(entry.metadata()));
            known = queues;
            flushesOnArrival = known == null;
        }
        if (known != null) {
            flush(known).forEach(batch -> open.add(batch.done()));
        }
        return open;
    }

    private List<ProducerBatch> flush(List<PartitionQueue> known) {
        var open = new ArrayList<ProducerBatch>();
        for (PartitionQueue queue : known) {
            List<ProducerBatch> batches = queue.flush();
            open.addAll(batches);
            if (!batches.isEmpty()) {
                sender.wake(queue);
            }
        }
        return open;
    }

    String name() {
        return name;
    }
}
