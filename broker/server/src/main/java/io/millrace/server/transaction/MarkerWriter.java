package io.millrace.server.transaction;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.EndTransactionMarker;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Partition;
import io.millrace.replication.Replicas;
import io.millrace.server.group.GroupCoordinators;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Writes markers to the partitions that this broker leads. Thread-safe.
 *
 * <p>Answers when a marker is committed: NOT_LEADER_OR_FOLLOWER, INVALID_PRODUCER_EPOCH where a later one was written, TRANSACTION_COORDINATOR_FENCED where a
 * later coordinator has written one, and what else an append may answer. Offsets of groups take effect, or are dropped, with the marker.
 */
final class MarkerWriter {
    private static final System.Logger LOGGER = System.getLogger(MarkerWriter.class.getName());
    private static final long APPEND_TIMEOUT_MS = 10_000;

    /**
     * How a transaction ended.
     *
     * @param coordinatorEpoch of the coordinator that says so
     * @param version of transactions that its producer follows
     */
    record Marker(ProducerIdAndEpoch producer, boolean committed, int coordinatorEpoch, short version) {}

    private final Replicas replicas;
    private final GroupCoordinators groups;
    private final InstantSource clock;
    private final ByteBufAllocator allocator;

    MarkerWriter(Replicas replicas, GroupCoordinators groups, InstantSource clock, ByteBufAllocator allocator) {
        this.replicas = replicas;
        this.groups = groups;
        this.clock = clock;
        this.allocator = allocator;
    }

    CompletableFuture<ErrorCode> write(Marker marker, TransactionPartition target) {
        Optional<Partition> partition = replicas.partition(target.topic(), target.partition());
        if (partition.isEmpty()) {
            return CompletableFuture.completedFuture(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        CompletableFuture<ErrorCode> written = target.topic().equals(GroupCoordinators.OFFSETS_TOPIC)
                ? groups.endTransaction(
                        target.partition(),
                        marker.producer().producerId(),
                        marker.committed(),
                        () -> append(marker, partition.get()))
                : append(marker, partition.get()).thenApply(AppendResult::errorCode);
        return written.exceptionally(failure -> {
            LOGGER.log(ERROR, () -> "Writing " + marker + " to " + target + " failed", failure);
            return ErrorCode.UNKNOWN_SERVER_ERROR;
        });
    }

    private CompletableFuture<AppendResult> append(Marker marker, Partition partition) {
        ProducerIdAndEpoch producer = marker.producer();
        var batch = new EndTransactionMarker(marker.committed(), marker.coordinatorEpoch())
                .toBatch(allocator, clock.millis(), producer.producerId(), producer.epoch());
        return partition.transactions().appendMarker(batch, marker.version() >= Transaction.V2, APPEND_TIMEOUT_MS);
    }
}
