package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeReplicasRequest;
import io.millrace.protocol.message.DescribeReplicasResponse;
import io.millrace.protocol.message.DescribeReplicasResponse.Replica;
import io.millrace.replication.LogKind;
import io.millrace.replication.Partition;
import io.millrace.replication.Replicas;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Tells our own clients how large the replicas on this broker are. */
final class DescribeReplicasHandler implements RequestHandler<DescribeReplicasRequest> {
    private final Replicas replicas;

    DescribeReplicasHandler(Replicas replicas) {
        this.replicas = replicas;
    }

    @Override
    public CompletableFuture<DescribeReplicasResponse> handle(RequestContext context, DescribeReplicasRequest request) {
        List<String> wanted = request.topics();
        var found = replicas.partitions().stream()
                .filter(partition -> wanted == null || wanted.contains(partition.topicName()))
                .map(DescribeReplicasHandler::replica)
                .toList();
        return CompletableFuture.completedFuture(new DescribeReplicasResponse(0, ErrorCode.NONE, found));
    }

    private static Replica replica(Partition partition) {
        return new Replica(
                partition.topicName(),
                partition.key().partition(),
                partition.logEndOffset(LogKind.DATA),
                partition.sizeInBytes());
    }
}
