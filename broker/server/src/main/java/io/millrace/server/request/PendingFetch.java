package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Cancellable;
import io.millrace.server.network.ServerConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A fetch under way.
 *
 * <p>Owned by the connection's event loop; commits of its partitions and the end of its wait come to it there.
 *
 * <pre>
 *   reading --enough bytes, an error, or no time left--> answered
 *   reading --too little--> waiting --a commit, or the end of the wait--> reading
 * </pre>
 */
final class PendingFetch {
    private static final long NANOS_PER_MS = 1_000_000;
    /** A wait is cut into pieces of this length, so that the fetch of a client that is gone is not kept for long. */
    private static final long WAIT_PIECE_MAX_MS = 10_000;

    private final FetchRequest request;
    private final List<FetchTarget> targets;
    private final int bytesMax;
    private final ClusterView cluster;
    private final CompletableFuture<FetchResponse> response = new CompletableFuture<>();
    private final AtomicBoolean isWakeDue = new AtomicBoolean(); // one wake-up for many commits
    private final List<Cancellable> wakeUps = new ArrayList<>();
    private final long deadlineNanos;

    PendingFetch(FetchRequest request, List<FetchTarget> targets, int bytesMax, ClusterView cluster) {
        this.request = request;
        this.targets = targets;
        this.bytesMax = bytesMax;
        this.cluster = cluster;
        this.deadlineNanos = System.nanoTime() + Math.max(0, request.maxWaitMs()) * NANOS_PER_MS;
    }

    CompletableFuture<FetchResponse> start(ServerConnection connection) {
        read(connection);
        return response;
    }

    private void read(ServerConnection connection) {
        isWakeDue.set(false);
        wakeUps.forEach(Cancellable::cancel);
        wakeUps.clear();
        var read = new ArrayList<FetchResponse.Partition>(targets.size());
        long bytes = 0;
        boolean mayWait = connection.isOpen();
        for (FetchTarget target : targets) {
            FetchResponse.Partition partition = target.read((int) Math.max(0, bytesMax - bytes), bytes == 0);
            read.add(partition);
            bytes += size(partition);
            mayWait &= partition.errorCode() == ErrorCode.NONE
                    && partition.divergingEpoch().equals(FetchResponse.EpochEndOffset.NONE);
        }
        long leftMs = (deadlineNanos - System.nanoTime() + NANOS_PER_MS - 1) / NANOS_PER_MS;
        if (mayWait && bytes < request.minBytes() && leftMs > 0 && !targets.isEmpty()) {
            read.forEach(PendingFetch::release);
            await(connection, read, leftMs);
        } else {
            answer(read);
        }
    }

    private static int size(FetchResponse.Partition partition) {
        Records records = partition.records();
        return records == null ? 0 : records.sizeInBytes();
    }

    private static void release(FetchResponse.Partition partition) {
        Records records = partition.records();
        if (records != null) {
            records.release();
        }
    }

    private void await(ServerConnection connection, List<FetchResponse.Partition> read, long leftMs) {
        Runnable wake = () -> wake(connection);
        for (int i = 0; i < targets.size(); i++) {
            // What is committed now was too little, so only what is committed later counts.
            long next =
                    Math.max(targets.get(i).asked().fetchOffset(), read.get(i).highWatermark());
            wakeUps.add(targets.get(i).onCommitted(next, wake));
        }
        wakeUps.add(connection.schedule(wake, Math.min(leftMs, WAIT_PIECE_MAX_MS)));
    }

    private void wake(ServerConnection connection) {
        if (isWakeDue.compareAndSet(false, true)) {
            connection.execute(() -> readAgain(connection));
        }
    }

    private void readAgain(ServerConnection connection) {
        if (!response.isDone()) {
            read(connection);
        }
    }

    private void answer(List<FetchResponse.Partition> read) {
        var leaders = new Leaders(cluster.image());
        var topics = new ArrayList<FetchResponse.Topic>(request.topics().size());
        int next = 0;
        for (FetchRequest.Topic topic : request.topics()) {
            var partitions =
                    new ArrayList<FetchResponse.Partition>(topic.partitions().size());
            for (int i = 0; i < topic.partitions().size(); i++) {
                partitions.add(withLeader(read.get(next), targets.get(next), leaders));
                next++;
            }
            topics.add(new FetchResponse.Topic(topic.topic(), topic.topicId(), partitions));
        }
        response.complete(new FetchResponse(0, ErrorCode.NONE, 0, topics, leaders.endpoints()));
    }

    private static FetchResponse.Partition withLeader(
            FetchResponse.Partition partition, FetchTarget target, Leaders leaders) {
        return target.key() != null && Leaders.isWorthNaming(partition.errorCode())
                ? partition.withCurrentLeader(leaders.leaderOf(target.key()))
                : partition;
    }
}
