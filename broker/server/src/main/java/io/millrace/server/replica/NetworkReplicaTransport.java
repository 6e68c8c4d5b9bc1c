package io.millrace.server.replica;

import io.millrace.protocol.message.ReplicaFetchRequest;
import io.millrace.protocol.message.ReplicaFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Divergence;
import io.millrace.replication.LogKind;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.ReplicaFetch;
import io.millrace.replication.ReplicaFetchResult;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.replication.ReplicaTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Fetches from leaders over connections. Thread-safe. */
public final class NetworkReplicaTransport implements ReplicaTransport {
    private final BrokerConnections connections;
    private final Duration requestTimeout;
    private final int fetchBytesMax;

    /**
     * @param requestTimeout of a fetch, beyond what it asks the leader to wait
     * @param fetchBytesMax of each log
     */
    public NetworkReplicaTransport(BrokerConnections connections, Duration requestTimeout, int fetchBytesMax) {
        this.connections = connections;
        this.requestTimeout = requestTimeout;
        this.fetchBytesMax = fetchBytesMax;
    }

    @Override
    public CompletableFuture<ReplicaFetchResult> fetch(int leaderId, ReplicaFetch fetch) {
        Duration timeout = requestTimeout.plusMillis(fetch.maxWaitMs());
        return connections
                .to(leaderId)
                .thenCompose(connection -> connection.<ReplicaFetchResponse>send(request(fetch), timeout))
                .thenApply(NetworkReplicaTransport::result);
    }

    private ReplicaFetchRequest request(ReplicaFetch fetch) {
        return new ReplicaFetchRequest(
                fetch.brokerId(),
                fetch.brokerEpoch(),
                fetch.sessionId(),
                fetch.sessionEpoch(),
                fetch.maxWaitMs(),
                fetch.maxBytes(),
                topics(fetch.positions()),
                forgotten(fetch.forgotten()));
    }

    private List<ReplicaFetchRequest.Topic> topics(List<ReplicaFetch.Position> positions) {
        Map<UUID, Map<Integer, List<ReplicaFetch.Position>>> byTopic = new LinkedHashMap<>();
        for (ReplicaFetch.Position position : positions) {
            byTopic.computeIfAbsent(position.partition().topicId(), id -> new LinkedHashMap<>())
                    .computeIfAbsent(position.partition().partition(), index -> new ArrayList<>(2))
                    .add(position);
        }
        var topics = new ArrayList<ReplicaFetchRequest.Topic>(byTopic.size());
        byTopic.forEach((id, byIndex) -> {
            var partitions = new ArrayList<ReplicaFetchRequest.Partition>(byIndex.size());
            byIndex.forEach((index, logs) -> partitions.add(new ReplicaFetchRequest.Partition(
                    index,
                    logs.get(0).currentLeaderEpoch(),
                    logs.stream().map(this::log).toList())));
            topics.add(new ReplicaFetchRequest.Topic(id, partitions));
        });
        return topics;
    }

    private ReplicaFetchRequest.Log log(ReplicaFetch.Position position) {
        return new ReplicaFetchRequest.Log(
                position.kind() == LogKind.CURSOR ? ReplicaFetchRequest.Log.CURSOR : ReplicaFetchRequest.Log.DATA,
                position.fetchOffset(),
                position.lastFetchedEpoch(),
                position.logStartOffset(),
                fetchBytesMax);
    }

    private static List<ReplicaFetchRequest.Forgotten> forgotten(List<PartitionKey> partitions) {
        Map<UUID, List<Integer>> byTopic = new LinkedHashMap<>();
        partitions.forEach(key ->
                byTopic.computeIfAbsent(key.topicId(), id -> new ArrayList<>()).add(key.partition()));
        var forgotten = new ArrayList<ReplicaFetchRequest.Forgotten>(byTopic.size());
        byTopic.forEach((id, indexes) -> forgotten.add(new ReplicaFetchRequest.Forgotten(id, indexes)));
        return forgotten;
    }

    /** The records of the response become the result's. */
    private static ReplicaFetchResult result(ReplicaFetchResponse response) {
        var logs = new ArrayList<FetchedLog>();
        for (ReplicaFetchResponse.Topic topic : response.topics()) {
            for (ReplicaFetchResponse.Partition partition : topic.partitions()) {
                var key = new PartitionKey(topic.topicId(), partition.partitionIndex());
                partition.logs().forEach(log -> logs.add(fetched(key, log)));
            }
        }
        return new ReplicaFetchResult(response.errorCode(), response.sessionId(), logs);
    }

    private static FetchedLog fetched(PartitionKey key, ReplicaFetchResponse.Log log) {
        Records records = log.records();
        return new FetchedLog(
                key,
                log.kind() == ReplicaFetchRequest.Log.CURSOR ? LogKind.CURSOR : LogKind.DATA,
                log.errorCode(),
                log.highWatermark(),
                log.logStartOffset(),
                new Divergence(log.divergingEpoch(), log.divergingEndOffset()),
                (records == null ? Records.EMPTY : records).buffer());
    }
}
