package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeClusterRequest;
import io.millrace.protocol.message.DescribeClusterResponse;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.DescribeLogDirsResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks any broker about the cluster, and each about its disks. Safe for use by any thread. Each call ends within the request timeout. */
final class NetworkBrokerAdmin implements BrokerAdmin {
    private static final byte BROKERS = 1;

    private final AdminCalls calls;

    NetworkBrokerAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<ClusterState> cluster() {
        Question<DescribeClusterResponse> question = Question.of(
                "describe itself",
                new Target.Any(),
                new DescribeClusterRequest(false, BROKERS, true),
                DescribeClusterResponse::errorCode);
        return calls.ask(question).thenApply(response -> {
            if (response.errorCode().isError()) {
                throw new ClientException(
                        response.errorCode(),
                        "The cluster did not describe itself: " + response.errorCode() + ", "
                                + response.errorMessage());
            }
            var brokers = response.brokers().stream()
                    .map(broker -> new BrokerState(
                            broker.brokerId(), broker.host(), broker.port(), broker.rack(), broker.isFenced()))
                    .toList();
            return new ClusterState(response.clusterId(), response.controllerId(), brokers);
        });
    }

    @Override
    public CompletableFuture<List<LogDirectory>> logDirectories(int brokerId) {
        return cluster()
                .thenApply(state -> node(state, brokerId))
                .thenCompose(node -> calls.ask(Question.of(
                        "describe the disks of broker " + brokerId,
                        new Target.Broker(node),
                        new DescribeLogDirsRequest(null),
                        DescribeLogDirsResponse::errorCode)))
                .thenApply(response -> {
                    if (response.errorCode().isError()) {
                        throw new ClientException(
                                response.errorCode(),
                                "Broker " + brokerId + " did not describe its disks: " + response.errorCode());
                    }
                    return response.results().stream()
                            .map(result -> directory(brokerId, result))
                            .toList();
                });
    }

    private static BrokerNode node(ClusterState state, int brokerId) {
        return state.brokers().stream()
                .filter(broker -> broker.id() == brokerId && !broker.isFenced())
                .map(broker -> new BrokerNode(broker.id(), broker.host(), broker.port()))
                .findAny()
                .orElseThrow(() -> new ClientException(
                        ErrorCode.BROKER_NOT_AVAILABLE,
                        "There is no broker " + brokerId + " alive; alive are "
                                + state.brokers().stream()
                                        .filter(broker -> !broker.isFenced())
                                        .map(BrokerState::id)
                                        .toList()));
    }

    private static LogDirectory directory(int brokerId, DescribeLogDirsResponse.Result result) {
        var logs = result.topics().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new LogSize(
                                new TopicPartition(topic.name(), partition.partitionIndex()),
                                partition.partitionSize(),
                                partition.offsetLag())))
                .toList();
        return new LogDirectory(
                brokerId,
                result.logDir(),
                result.errorCode().isError() ? result.errorCode().toString() : null,
                result.totalBytes(),
                result.usableBytes(),
                logs);
    }
}
