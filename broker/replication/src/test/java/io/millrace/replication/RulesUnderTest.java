package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange.Replica;
import io.millrace.replication.ReplicaFetch.Position;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What lies between one process of a broker and the others: nothing, or what makes the broker break a rule. */
final class RulesUnderTest {
    private record Term(PartitionKey partition, LogKind kind, int leaderEpoch) {}

    private final BrokenRule broken;
    private final Set<Term> truncatedIn = new HashSet<>();

    RulesUnderTest(BrokenRule broken) {
        this.broken = broken;
    }

    ReplicaTransport transport(ReplicaTransport honest, Supplier<Replicas> replicas) {
        if (broken != BrokenRule.TRUNCATION_BY_EPOCH) {
            return honest;
        }
        return (leaderId, fetch) -> honest.fetch(
                leaderId,
                new ReplicaFetch(
                        fetch.brokerId(),
                        fetch.brokerEpoch(),
                        fetch.sessionId(),
                        fetch.sessionEpoch(),
                        fetch.maxWaitMs(),
                        fetch.maxBytes(),
                        fetch.positions().stream()
                                .map(position -> cutToHighWatermark(position, replicas.get()))
                                .toList(),
                        fetch.forgotten()));
    }

    private Position cutToHighWatermark(Position position, Replicas replicas) {
        var term = new Term(position.partition(), position.kind(), position.currentLeaderEpoch());
        long end = position.fetchOffset();
        var partition = replicas.partition(position.partition());
        if (truncatedIn.add(term) && partition.isPresent()) {
            var log = partition.get().rawLog(position.kind());
            log.truncateTo(log.highWatermark());
            end = log.logEndOffset();
        }
        return new Position(
                position.partition(),
                position.kind(),
                position.currentLeaderEpoch(),
                end,
                ReplicaFetch.NO_EPOCH,
                position.logStartOffset());
    }

    InSyncReplicasChanger changer(InSyncReplicasChanger honest) {
        if (broken != BrokenRule.MAXIMAL_SET) {
            return honest;
        }
        return change -> {
            honest.change(change);
            return CompletableFuture.completedFuture(
                    new InSyncReplicasChangeResult(ErrorCode.NONE, Optional.of(proposed(change))));
        };
    }

    private static PartitionState proposed(InSyncReplicasChange change) {
        return new PartitionState(
                change.brokerId(),
                change.leaderEpoch(),
                change.partitionEpoch() + 1,
                change.inSyncReplicas().stream().map(Replica::brokerId).toList(),
                List.of());
    }
}
