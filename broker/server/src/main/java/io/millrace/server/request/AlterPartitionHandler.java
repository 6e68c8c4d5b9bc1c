package io.millrace.server.request;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionRequest;
import io.millrace.protocol.message.AlterPartitionResponse;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.controller.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Passes the leaders' wishes for other in-sync replicas on to the controller here. Errors are the controller's, one for each partition. */
final class AlterPartitionHandler implements RequestHandler<AlterPartitionRequest> {
    private final Controller controller;

    AlterPartitionHandler(Controller controller) {
        this.controller = controller;
    }

    @Override
    public CompletableFuture<AlterPartitionResponse> handle(RequestContext context, AlterPartitionRequest request) {
        var topics = new ArrayList<CompletableFuture<AlterPartitionResponse.Topic>>();
        for (AlterPartitionRequest.Topic topic : request.topics()) {
            var partitions = new ArrayList<CompletableFuture<AlterPartitionResponse.Partition>>();
            for (AlterPartitionRequest.Partition partition : topic.partitions()) {
                partitions.add(controller
                        .changeInSyncReplicas(change(request, topic.topicId(), partition))
                        .thenApply(result -> answer(partition.partitionIndex(), result)));
            }
            topics.add(Futures.all(partitions)
                    .thenApply(answers -> new AlterPartitionResponse.Topic(topic.topicId(), answers)));
        }
        return Futures.all(topics).thenApply(answers -> new AlterPartitionResponse(ErrorCode.NONE, answers));
    }

    private static InSyncReplicasChange change(
            AlterPartitionRequest request, UUID topicId, AlterPartitionRequest.Partition partition) {
        List<InSyncReplicasChange.Replica> replicas = partition.newInSyncReplicas().stream()
                .map(broker -> new InSyncReplicasChange.Replica(broker.brokerId(), broker.brokerEpoch()))
                .toList();
        return new InSyncReplicasChange(
                new PartitionKey(topicId, partition.partitionIndex()),
                request.brokerId(),
                request.brokerEpoch(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                replicas);
    }

    private static AlterPartitionResponse.Partition answer(int index, InSyncReplicasChangeResult result) {
        return result.state()
                .map(state -> answer(index, result.errorCode(), state))
                .orElseGet(() -> AlterPartitionResponse.Partition.error(index, result.errorCode()));
    }

    private static AlterPartitionResponse.Partition answer(int index, ErrorCode error, PartitionState state) {
        return new AlterPartitionResponse.Partition(
                index, error, state.leaderId(), state.leaderEpoch(), state.partitionEpoch(), state.inSyncReplicas());
    }
}
