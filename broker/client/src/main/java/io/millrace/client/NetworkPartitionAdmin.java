package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsRequest;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse;
import io.millrace.protocol.message.DescribeReplicasRequest;
import io.millrace.protocol.message.DescribeReplicasResponse;
import io.millrace.protocol.message.ElectLeadersRequest;
import io.millrace.protocol.message.ElectLeadersResponse;
import io.millrace.protocol.message.ListPartitionReassignmentsRequest;
import io.millrace.protocol.message.ListPartitionReassignmentsResponse;
import io.millrace.protocol.message.MovePartitionsRequest;
import io.millrace.protocol.message.MovePartitionsResponse;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves partitions by requests to any broker, which hands on to the controller what is the controller's.
 *
 * <p>Safe for use by any thread. Each call ends within the request timeout.
 */
final class NetworkPartitionAdmin implements PartitionAdmin {
    private final EventLoop loop;
    private final ClusterAccess access;
    private final ClientConfiguration configuration;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;

    NetworkPartitionAdmin(
            EventLoop loop, ClientContext context, Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.loop = loop;
        this.access = context.access();
        this.configuration = context.configuration();
        this.cluster = cluster;
    }

    private int timeoutMs() {
        return (int) configuration.requestTimeout().toMillis();
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ClientException>> move(
            Map<TopicPartition, List<Integer>> targets, long bytesPerSecond) {
        var byTopic = new TreeMap<String, List<AlterPartitionReassignmentsRequest.Partition>>();
        targets.forEach((partition, replicas) -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(new AlterPartitionReassignmentsRequest.Partition(partition.partition(), replicas)));
        return change(byTopic, bytesPerSecond);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ClientException>> cancelMoves(Collection<TopicPartition> partitions) {
        var byTopic = new TreeMap<String, List<AlterPartitionReassignmentsRequest.Partition>>();
        partitions.forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(new AlterPartitionReassignmentsRequest.Partition(partition.partition(), null)));
        return change(byTopic, 0);
    }

    private CompletableFuture<Map<TopicPartition, ClientException>> change(
            Map<String, List<AlterPartitionReassignmentsRequest.Partition>> byTopic, long bytesPerSecond) {
        var topics = byTopic.entrySet().stream()
                .map(topic -> new AlterPartitionReassignmentsRequest.Topic(topic.getKey(), topic.getValue()))
                .toList();
        var request = new MovePartitionsRequest(timeoutMs(), bytesPerSecond, topics);
        return access.ask(
                        connection -> connection.<MovePartitionsResponse>send(request), configuration.requestTimeout())
                .thenApply(response -> {
                    refuse("move partitions", response.errorCode());
                    return failures(response);
                });
    }

    private static Map<TopicPartition, ClientException> failures(MovePartitionsResponse response) {
        var failures = new LinkedHashMap<TopicPartition, ClientException>();
        for (AlterPartitionReassignmentsResponse.Topic topic : response.responses()) {
            topic.partitions().stream()
                    .filter(partition -> partition.errorCode().isError())
                    .forEach(partition -> failures.put(
                            new TopicPartition(topic.name(), partition.partitionIndex()),
                            failure(partition.errorCode(), partition.errorMessage())));
        }
        return failures;
    }

    private static ClientException failure(ErrorCode errorCode, @Nullable String message) {
        return new ClientException(errorCode, message == null ? errorCode.toString() : message);
    }

    private static void refuse(String what, ErrorCode errorCode) {
        if (errorCode.isError()) {
            throw new ClientException(errorCode, "The cluster did not " + what + ": " + errorCode);
        }
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Reassignment>> moves() {
        var request = new ListPartitionReassignmentsRequest(timeoutMs(), null);
        return access.ask(
                        connection -> connection.<ListPartitionReassignmentsResponse>send(request),
                        configuration.requestTimeout())
                .thenApply(response -> {
                    refuse("tell what is moving", response.errorCode());
                    var moves = new LinkedHashMap<TopicPartition, Reassignment>();
                    response.topics().forEach(topic -> topic.partitions()
                            .forEach(partition -> moves.put(
                                    new TopicPartition(topic.name(), partition.partitionIndex()),
                                    reassignment(partition))));
                    return moves;
                });
    }

    private static Reassignment reassignment(ListPartitionReassignmentsResponse.Partition partition) {
        var target = partition.replicas().stream()
                .filter(id -> !partition.removingReplicas().contains(id))
                .toList();
        return new Reassignment(target, partition.addingReplicas(), partition.removingReplicas());
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ClientException>> electPreferredLeaders(
            Collection<TopicPartition> partitions) {
        var byTopic = new TreeMap<String, List<Integer>>();
        partitions.forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        var topics = byTopic.entrySet().stream()
                .map(topic -> new ElectLeadersRequest.Topic(topic.getKey(), topic.getValue()))
                .toList();
        var request = new ElectLeadersRequest(ElectLeadersRequest.PREFERRED, topics, timeoutMs());
        return access.ask(connection -> connection.<ElectLeadersResponse>send(request), configuration.requestTimeout())
                .thenApply(response -> {
                    refuse("elect leaders", response.errorCode());
                    return failures(response);
                });
    }

    private static Map<TopicPartition, ClientException> failures(ElectLeadersResponse response) {
        var failures = new LinkedHashMap<TopicPartition, ClientException>();
        for (ElectLeadersResponse.Topic topic : response.replicaElectionResults()) {
            topic.partitionResult().stream()
                    .filter(partition ->
                            partition.errorCode().isError() && partition.errorCode() != ErrorCode.ELECTION_NOT_NEEDED)
                    .forEach(partition -> failures.put(
                            new TopicPartition(topic.topic(), partition.partitionId()),
                            failure(partition.errorCode(), partition.errorMessage())));
        }
        return failures;
    }

    @Override
    public CompletableFuture<List<ReplicaSize>> replicaSizes(Collection<String> topics) {
        var request = new DescribeReplicasRequest(List.copyOf(topics));
        return cluster.get().thenCompose(description -> {
            var answers = description.brokers().stream()
                    .map(broker -> replicaSizes(broker, request))
                    .toList();
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done -> answers.stream()
                            .flatMap(answer -> answer.join().stream())
                            .toList());
        });
    }

    /** Over a connection of its own; nothing from a broker that does not answer. */
    private CompletableFuture<List<ReplicaSize>> replicaSizes(
            ClusterDescription.Broker broker, DescribeReplicasRequest request) {
        return Connection.connect(
                        loop, broker.host(), broker.port(), configuration.clientId(), configuration.requestTimeout())
                .thenCompose(connection -> connection
                        .<DescribeReplicasResponse>send(request)
                        .whenComplete((response, failure) -> connection.close()))
                .thenApply(response -> response.replicas().stream()
                        .map(replica -> new ReplicaSize(
                                broker.id(),
                                new TopicPartition(replica.topic(), replica.partitionIndex()),
                                replica.sizeInBytes()))
                        .toList())
                .exceptionally(unreachable -> List.of());
    }
}
