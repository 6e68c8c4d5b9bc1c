package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsRequest;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ElectLeadersRequest;
import io.millrace.protocol.message.ListPartitionReassignmentsRequest;
import io.millrace.protocol.message.ListPartitionReassignmentsResponse;
import io.millrace.protocol.message.ListPartitionReassignmentsResponse.Partition;
import io.millrace.protocol.message.ListPartitionReassignmentsResponse.Topic;
import io.millrace.protocol.message.MovePartitionsRequest;
import io.millrace.protocol.message.MovePartitionsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The handlers of requests that move partitions and elect leaders. The controller decides; a change is answered when this broker knows of it.
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
 * NO_REASSIGNMENT_IN_PROGRESS; of an election ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE and ELIGIBLE_LEADERS_NOT_AVAILABLE; of all, REQUEST_TIMED_OUT,
 * NOT_CONTROLLER and INVALID_REQUEST.
 */
record ReassignmentHandlers(ClusterView cluster, PartitionAdministration administration) {
    private static final long KNOWN_TIMEOUT_MS = 1_000;

    void addTo(RequestHandlers table) {
        table.add(
                        ApiKey.ELECT_LEADERS,
                        ElectLeadersRequest.class,
                        (context, request) -> administration.elect(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.ALTER_PARTITION_REASSIGNMENTS,
                        AlterPartitionReassignmentsRequest.class,
                        (context, request) -> reassign(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.MOVE_PARTITIONS,
                        MovePartitionsRequest.class,
                        (context, request) -> move(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.LIST_PARTITION_REASSIGNMENTS,
                        ListPartitionReassignmentsRequest.class,
                        (context, request) -> CompletableFuture.completedFuture(list(cluster.image(), request)));
    }

    private CompletableFuture<AlterPartitionReassignmentsResponse> reassign(
            AlterPartitionReassignmentsRequest request, boolean mayForward) {
        return administration
                .reassign(request, mayForward)
                .thenCompose(response -> whenKnown(request.topics(), response.responses(), response));
    }

    private CompletableFuture<MovePartitionsResponse> move(MovePartitionsRequest request, boolean mayForward) {
        return administration
                .move(request, mayForward)
                .thenCompose(response -> whenKnown(request.topics(), response.responses(), response));
    }

    private <R> CompletableFuture<R> whenKnown(
            List<AlterPartitionReassignmentsRequest.Topic> asked,
            List<AlterPartitionReassignmentsResponse.Topic> answered,
            R response) {
        boolean isChanged = answered.stream()
                .flatMap(topic -> topic.partitions().stream())
                .noneMatch(partition -> partition.errorCode().isError());
        if (!isChanged) {
            return CompletableFuture.completedFuture(response);
        }
        return cluster.await(image -> asked.stream().allMatch(topic -> knows(image, topic)), KNOWN_TIMEOUT_MS)
                .thenApply(known -> response);
    }

    private static boolean knows(ClusterImage image, AlterPartitionReassignmentsRequest.Topic asked) {
        return image.topic(asked.name())
                .filter(topic -> asked.partitions().stream().allMatch(partition -> knows(topic, partition)))
                .isPresent();
    }

    private static boolean knows(TopicImage topic, AlterPartitionReassignmentsRequest.Partition asked) {
        int index = asked.partitionIndex();
        List<Integer> replicas = asked.replicas();
        var moving = topic.reassignment(index).map(Reassignment::target);
        return replicas == null
                ? moving.isEmpty()
                : moving.orElseGet(() -> topic.assignment().get(index)).equals(replicas);
    }

    private static ListPartitionReassignmentsResponse list(
            ClusterImage image, ListPartitionReassignmentsRequest request) {
        var asked = request.topics();
        Stream<Topic> topics = asked == null
                ? image.topics().stream()
                        .map(topic ->
                                topic(topic, List.copyOf(topic.reassignments().keySet())))
                : asked.stream().flatMap(wanted -> image.topic(wanted.name()).stream()
                        .map(topic -> topic(topic, wanted.partitionIndexes())));
        var moving = topics.filter(topic -> !topic.partitions().isEmpty()).toList();
        return new ListPartitionReassignmentsResponse(0, ErrorCode.NONE, null, moving);
    }

    private static Topic topic(TopicImage topic, List<Integer> wanted) {
        var partitions = new ArrayList<Partition>();
        new TreeMap<>(topic.reassignments()).forEach((index, move) -> {
            if (wanted.contains(index)) {
                partitions.add(new Partition(index, topic.assignment().get(index), move.adding(), move.removing()));
            }
        });
        return new Topic(topic.name(), partitions);
    }
}
