package io.millrace.server.request;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.replication.Isolation;
import io.millrace.replication.LogKind;
import io.millrace.replication.OffsetLookup;
import io.millrace.replication.Partition;
import io.millrace.replication.Replicas;
import io.millrace.storage.StorageException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Finds offsets: the start and the end of a log, and records by time stamp.
 *
 * <p>What must be read from disk is looked up on an executor that may block. Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION,
 * NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, OFFSET_NOT_AVAILABLE, UNSUPPORTED_VERSION for a special time stamp that is
 * not known here, KAFKA_STORAGE_ERROR.
 */
final class ListOffsetsHandler implements RequestHandler<ListOffsetsRequest> {
    private static final System.Logger LOGGER = System.getLogger(ListOffsetsHandler.class.getName());
    /** The start of what lies on local disks (KIP-405): all of it does. */
    private static final long EARLIEST_LOCAL = -4;
    /** The end of what was moved to remote storage (KIP-1005): nothing was. */
    private static final long LATEST_TIERED = -5;
    /** The start of what waits to be moved there (KIP-1023): nothing does. */
    private static final long EARLIEST_PENDING_UPLOAD = -6;

    private final ClusterView cluster;
    private final Replicas replicas;
    private final Executor diskReaders;

    ListOffsetsHandler(ClusterView cluster, Replicas replicas, Executor diskReaders) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.diskReaders = diskReaders;
    }

    @Override
    public CompletableFuture<ListOffsetsResponse> handle(RequestContext context, ListOffsetsRequest request) {
        boolean readsDisk = request.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition -> readsDisk(partition.timestamp()));
        if (!readsDisk) {
            return CompletableFuture.completedFuture(answer(request));
        }
        try {
            return CompletableFuture.supplyAsync(() -> answer(request), diskReaders);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture((ListOffsetsResponse)
                    request.errorResponse(ErrorCode.OFFSET_NOT_AVAILABLE)); // the client asks again
        }
    }

    private static boolean readsDisk(long timestamp) {
        return timestamp >= 0 || timestamp == ListOffsetsRequest.MAX_TIMESTAMP;
    }

    private ListOffsetsResponse answer(ListOffsetsRequest request) {
        var topics = new ArrayList<ListOffsetsResponse.Topic>(request.topics().size());
        for (ListOffsetsRequest.Topic topic : request.topics()) {
            var partitions = topic.partitions().stream()
                    .map(asked -> lookUp(topic.name(), asked, Isolation.of(request.isolationLevel())))
                    .toList();
            topics.add(new ListOffsetsResponse.Topic(topic.name(), partitions));
        }
        return new ListOffsetsResponse(0, topics);
    }

    private ListOffsetsResponse.Partition lookUp(
            String topicName, ListOffsetsRequest.Partition asked, Isolation isolation) {
        Optional<Partition> partition = replicas.partition(topicName, asked.partitionIndex());
        if (partition.isEmpty()) {
            boolean exists = cluster.image()
                    .topic(topicName)
                    .flatMap(topic -> topic.partition(asked.partitionIndex()))
                    .isPresent();
            return ListOffsetsResponse.Partition.error(
                    asked.partitionIndex(),
                    exists ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        try {
            return answer(asked, lookUp(partition.get(), asked, isolation));
        } catch (StorageException e) {
            LOGGER.log(
                    ERROR, () -> "Looking up an offset of " + topicName + "-" + asked.partitionIndex() + " failed", e);
            return ListOffsetsResponse.Partition.error(asked.partitionIndex(), ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    private static OffsetLookup lookUp(Partition partition, ListOffsetsRequest.Partition asked, Isolation isolation) {
        boolean committedOnly = isolation == Isolation.READ_COMMITTED;
        int epoch = asked.currentLeaderEpoch();
        if (asked.timestamp() == ListOffsetsRequest.LATEST) {
            return committedOnly
                    ? partition.lastStableOffset(LogKind.DATA, epoch)
                    : partition.latestOffset(LogKind.DATA, epoch);
        }
        OffsetLookup found = lookUp(partition, epoch, asked.timestamp());
        boolean isVisible = !committedOnly
                || found.offset()
                        < partition.lastStableOffset(LogKind.DATA, epoch).offset()
                || isStart(asked.timestamp());
        return isVisible ? found : new OffsetLookup(found.errorCode(), -1, -1, -1);
    }

    private static boolean isStart(long timestamp) {
        return timestamp == ListOffsetsRequest.EARLIEST || timestamp == EARLIEST_LOCAL;
    }

    private static OffsetLookup lookUp(Partition partition, int epoch, long timestamp) {
        if (isStart(timestamp)) {
            return partition.earliestOffset(LogKind.DATA, epoch);
        }
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return partition.offsetOfMaxTimestamp(LogKind.DATA, epoch);
        }
        if (timestamp >= 0) {
            return partition.offsetForTimestamp(LogKind.DATA, epoch, timestamp);
        }
        boolean isTiered = timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD;
        ErrorCode error = isTiered ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_VERSION;
        return new OffsetLookup(error, -1, -1, -1);
    }

    private static ListOffsetsResponse.Partition answer(ListOffsetsRequest.Partition asked, OffsetLookup found) {
        return new ListOffsetsResponse.Partition(
                asked.partitionIndex(), found.errorCode(), found.timestamp(), found.offset(), found.leaderEpoch());
    }
}
