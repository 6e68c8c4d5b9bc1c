package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Cancellable;
import io.millrace.server.network.ServerConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

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

    private final Limits limits;
    private final List<FetchTarget> targets;
    private final ClusterView cluster;
    private final Session session;
    private final CompletableFuture<FetchResponse> response = new CompletableFuture<>();
    private final AtomicBoolean isWakeDue = new AtomicBoolean(); // one wake-up for many commits
    private final List<Cancellable> wakeUps = new ArrayList<>();
    private final long deadlineNanos;

    /** How much is wanted, how much is allowed, and how long it may take. */
    record Limits(int minBytes, int maxBytes, int maxWaitMs) {}

    /**
     * Whether the client is told everything, or only what it does not know yet.
     *
     * @param fetch null where the client wants no session or got none
     */
    record Session(@Nullable FetchSession fetch, boolean isIncremental) {}

    PendingFetch(Limits limits, List<FetchTarget> targets, ClusterView cluster, Session session) {
        this.limits = limits;
        this.targets = targets;
        this.cluster = cluster;
        this.session = session;
        this.deadlineNanos = System.nanoTime() + Math.max(0, limits.maxWaitMs()) * NANOS_PER_MS;
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
            FetchResponse.Partition partition = target.read((int) Math.max(0, limits.maxBytes() - bytes), bytes == 0);
            read.add(partition);
            bytes += size(partition);
            mayWait &= partition.errorCode() == ErrorCode.NONE
                    && partition.divergingEpoch().equals(FetchResponse.EpochEndOffset.NONE);
        }
        long leftMs = (deadlineNanos - System.nanoTime() + NANOS_PER_MS - 1) / NANOS_PER_MS;
        if (mayWait && bytes < limits.minBytes() && leftMs > 0 && !targets.isEmpty()) {
            read.forEach(PendingFetch::release);
            await(connection, read, leftMs);
        } else {
            answer(read);
        }
    }

    static int size(FetchResponse.Partition partition) {
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
        var topics = new ArrayList<FetchResponse.Topic>();
        FetchSession fetch = session.fetch();
        FetchTarget last = null;
        List<FetchResponse.Partition> partitions = List.of();
        for (int i = 0; i < targets.size(); i++) {
            FetchTarget target = targets.get(i);
            if (session.isIncremental() && fetch != null && !fetch.isNews(target, read.get(i))) {
                continue;
            }
            if (last == null || !last.isOfTopic(target)) {
                partitions = new ArrayList<>();
                topics.add(new FetchResponse.Topic(target.topic(), target.topicId(), partitions));
            }
            partitions.add(withLeader(read.get(i), target, leaders));
            last = target;
        }
        if (fetch != null) {
            fetch.onSending(targets, read);
        }
        int sessionId = fetch == null ? 0 : fetch.id();
        response.complete(new FetchResponse(0, ErrorCode.NONE, sessionId, topics, leaders.endpoints()));
    }

    private static FetchResponse.Partition withLeader(
            FetchResponse.Partition partition, FetchTarget target, Leaders leaders) {
        return target.key() != null && Leaders.isWorthNaming(partition.errorCode())
                ? partition.withCurrentLeader(leaders.leaderOf(target.key()))
                : partition;
    }
}
