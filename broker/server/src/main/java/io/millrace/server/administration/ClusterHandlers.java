package io.millrace.server.administration;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeClusterRequest;
import io.millrace.protocol.message.DescribeClusterResponse;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.OffsetForLeaderEpochRequest;
import io.millrace.replication.Replicas;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestHandlers;
import io.millrace.storage.LogDirectories;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The handlers that tell what the cluster and this broker look like.
 *
 * @param diskReaders may block
 */
record ClusterHandlers(ClusterView cluster, Replicas replicas, LogDirectories directories, Executor diskReaders) {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    void addTo(RequestHandlers table) {
        var logs = new LogDirectoryDescriptions(cluster, directories, diskReaders);
        var epochs = new LeaderEpochEnds(cluster, replicas);
        table.add(
                        ApiKey.DESCRIBE_CLUSTER,
                        DescribeClusterRequest.class,
                        (context, request) -> CompletableFuture.completedFuture(describe(cluster.image(), request)))
                .add(
                        ApiKey.DESCRIBE_LOG_DIRS,
                        DescribeLogDirsRequest.class,
                        (context, request) -> logs.describe(request))
                .add(
                        ApiKey.OFFSET_FOR_LEADER_EPOCH,
                        OffsetForLeaderEpochRequest.class,
                        (context, request) -> CompletableFuture.completedFuture(epochs.find(request)));
    }

    /** Controllers are brokers here, and have no endpoints of their own: asking for them is a mistake of the bootstrap address. */
    private DescribeClusterResponse describe(ClusterImage image, DescribeClusterRequest request) {
        if (request.endpointType() == CONTROLLERS) {
            return refused(request, ErrorCode.MISMATCHED_ENDPOINT_TYPE, "This is a broker; ask it for brokers (1)");
        }
        if (request.endpointType() != BROKERS) {
            return refused(
                    request,
                    ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
                    "The endpoint type " + request.endpointType() + " is not known; brokers (1) can be asked for");
        }
        List<DescribeClusterResponse.Broker> brokers = image.brokers().values().stream()
                .filter(broker -> request.includeFencedBrokers() || cluster.isAlive(image, broker.brokerId()))
                .map(broker -> broker(image, broker))
                .toList();
        return new DescribeClusterResponse(
                0,
                ErrorCode.NONE,
                null,
                BROKERS,
                image.clusterId(),
                image.controllerId(),
                brokers,
                DescribeClusterResponse.OPERATIONS_UNKNOWN);
    }

    private DescribeClusterResponse.Broker broker(ClusterImage image, BrokerRegistration broker) {
        return new DescribeClusterResponse.Broker(
                broker.brokerId(),
                broker.host(),
                broker.port(),
                broker.rack(),
                !cluster.isAlive(image, broker.brokerId()));
    }

    private static DescribeClusterResponse refused(DescribeClusterRequest request, ErrorCode error, String why) {
        return new DescribeClusterResponse(
                0,
                error,
                why,
                request.endpointType(),
                "",
                ClusterImage.NO_CONTROLLER,
                List.of(),
                DescribeClusterResponse.OPERATIONS_UNKNOWN);
    }
}
