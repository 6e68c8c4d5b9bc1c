package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ReplicaFetchRequest;
import io.millrace.protocol.message.ReplicaFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.LogKind;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.ReplicaFetch;
import io.millrace.replication.ReplicaFetchAnswer;
import io.millrace.replication.Replicas;
import io.millrace.server.network.LogRecords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Serves the followers on other brokers. Errors are those of {@link Replicas#replicaFetch}. */
final class ReplicaFetchHandler implements RequestHandler<ReplicaFetchRequest> {
    private final Replicas replicas;

    ReplicaFetchHandler(Replicas replicas) {
        this.replicas = replicas;
    }

    @Override
    public CompletableFuture<ReplicaFetchResponse> handle(RequestContext context, ReplicaFetchRequest request) {
        return replicas.replicaFetch(fetch(request)).thenApply(ReplicaFetchHandler::response);
    }

    private static ReplicaFetch fetch(ReplicaFetchRequest request) {
        var positions = new ArrayList<ReplicaFetch.Position>();
        for (ReplicaFetchRequest.Topic topic : request.topics()) {
            for (ReplicaFetchRequest.Partition partition : topic.partitions()) {
                var key = new PartitionKey(topic.topicId(), partition.partitionIndex());
                for (ReplicaFetchRequest.Log log : partition.logs()) {
                    positions.add(position(key, partition.currentLeaderEpoch(), log));
                }
            }
        }
        var forgotten = request.forgotten().stream()
                .flatMap(topic -> topic.partitions().stream().map(index -> new PartitionKey(topic.topicId(), index)))
                .toList();
        return new ReplicaFetch(
                request.brokerId(),
                request.brokerEpoch(),
                request.sessionId(),
                request.sessionEpoch(),
                request.maxWaitMs(),
                request.maxBytes(),
                positions,
                forgotten);
    }

    private static ReplicaFetch.Position position(PartitionKey key, int leaderEpoch, ReplicaFetchRequest.Log log) {
        LogKind kind = log.kind() == ReplicaFetchRequest.Log.CURSOR ? LogKind.CURSOR : LogKind.DATA;
        return new ReplicaFetch.Position(
                key, kind, leaderEpoch, log.fetchOffset(), log.lastFetchedEpoch(), log.logStartOffset());
    }

    private static ReplicaFetchResponse response(ReplicaFetchAnswer answer) {
        Map<UUID, Map<Integer, List<ReplicaFetchResponse.Log>>> byTopic = new LinkedHashMap<>();
        for (ReplicaFetchAnswer.LogAnswer log : answer.logs()) {
            byTopic.computeIfAbsent(log.partition().topicId(), id -> new LinkedHashMap<>())
                    .computeIfAbsent(log.partition().partition(), index -> new ArrayList<>(2))
                    .add(log(log));
        }
        var topics = new ArrayList<ReplicaFetchResponse.Topic>(byTopic.size());
        byTopic.forEach((id, partitions) -> topics.add(new ReplicaFetchResponse.Topic(id, partitions(partitions))));
        return new ReplicaFetchResponse(0, answer.errorCode(), answer.sessionId(), topics);
    }

    private static List<ReplicaFetchResponse.Partition> partitions(
            Map<Integer, List<ReplicaFetchResponse.Log>> logsByIndex) {
        var partitions = new ArrayList<ReplicaFetchResponse.Partition>(logsByIndex.size());
        logsByIndex.forEach((index, logs) ->
                partitions.add(new ReplicaFetchResponse.Partition(index, ErrorCode.NONE, -1, -1, logs)));
        return partitions;
    }

    private static ReplicaFetchResponse.Log log(ReplicaFetchAnswer.LogAnswer answer) {
        byte kind = answer.kind() == LogKind.CURSOR ? ReplicaFetchRequest.Log.CURSOR : ReplicaFetchRequest.Log.DATA;
        Records records = answer.slice().map(LogRecords::consume).orElse(Records.EMPTY);
        return new ReplicaFetchResponse.Log(
                kind,
                answer.errorCode(),
                answer.highWatermark(),
                answer.logStartOffset(),
                answer.divergence().epoch(),
                answer.divergence().endOffset(),
                records);
    }
}
