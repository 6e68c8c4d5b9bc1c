package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsRequest;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse;
import io.millrace.protocol.message.ElectLeadersRequest;
import io.millrace.protocol.message.ElectLeadersResponse;
import io.millrace.protocol.message.MovePartitionsRequest;
import io.millrace.protocol.message.MovePartitionsResponse;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.ElectionKind;
import io.millrace.replication.controller.PartitionName;
import io.millrace.replication.controller.PartitionResult;
import io.millrace.replication.controller.ReassignmentOptions;
import io.millrace.replication.controller.ReassignmentWish;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks the controller on this broker to move partitions and to elect leaders.
 *
 * <p>Thread-safe. Errors of a partition are the controller's; of all, NOT_CONTROLLER, and INVALID_REQUEST for an election of no known kind or a
 * negative throttle.
 */
public final class PartitionChanges {
    private final Controller controller;

    public PartitionChanges(Controller controller) {
        this.controller = controller;
    }

    public CompletableFuture<AlterPartitionReassignmentsResponse> reassign(AlterPartitionReassignmentsRequest request) {
        boolean mayChange = request.allowReplicationFactorChange();
        return change(request.topics(), new ReassignmentOptions(mayChange, 0))
                .thenApply(topics ->
                        new AlterPartitionReassignmentsResponse(0, mayChange, errorOfAll(topics), null, topics));
    }

    public CompletableFuture<MovePartitionsResponse> move(MovePartitionsRequest request) {
        if (request.throttleBytesPerSecond() < 0) {
            return CompletableFuture.completedFuture(
                    new MovePartitionsResponse(0, ErrorCode.INVALID_REQUEST, List.of()));
        }
        return change(request.topics(), new ReassignmentOptions(true, request.throttleBytesPerSecond()))
                .thenApply(topics -> new MovePartitionsResponse(0, errorOfAll(topics), topics));
    }

    private CompletableFuture<List<AlterPartitionReassignmentsResponse.Topic>> change(
            List<AlterPartitionReassignmentsRequest.Topic> topics, ReassignmentOptions options) {
        var wishes = new ArrayList<ReassignmentWish>();
        topics.forEach(topic -> topic.partitions()
                .forEach(partition -> wishes.add(new ReassignmentWish(
                        topic.name(), partition.partitionIndex(), Optional.ofNullable(partition.replicas())))));
        return controller.reassign(wishes, options).thenApply(results -> answer(topics, results));
    }

    private static List<AlterPartitionReassignmentsResponse.Topic> answer(
            List<AlterPartitionReassignmentsRequest.Topic> topics, List<PartitionResult> results) {
        var next = results.iterator();
        return topics.stream()
                .map(topic -> new AlterPartitionReassignmentsResponse.Topic(
                        topic.name(),
                        topic.partitions().stream()
                                .map(partition -> answer(partition.partitionIndex(), next.next()))
                                .toList()))
                .toList();
    }

    private static AlterPartitionReassignmentsResponse.Partition answer(int index, PartitionResult result) {
        return new AlterPartitionReassignmentsResponse.Partition(index, result.errorCode(), orNull(result.message()));
    }

    private static @Nullable String orNull(String message) {
        return message.isEmpty() ? null : message;
    }

    private static ErrorCode errorOfAll(List<AlterPartitionReassignmentsResponse.Topic> topics) {
        boolean isElsewhere = topics.stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition -> partition.errorCode() == ErrorCode.NOT_CONTROLLER);
        return isElsewhere ? ErrorCode.NOT_CONTROLLER : ErrorCode.NONE;
    }

    public CompletableFuture<ElectLeadersResponse> elect(ElectLeadersRequest request) {
        Optional<ElectionKind> kind = kind(request.electionType());
        if (kind.isEmpty()) {
            return CompletableFuture.completedFuture(
                    (ElectLeadersResponse) request.errorResponse(ErrorCode.INVALID_REQUEST));
        }
        return controller
                .electLeaders(
                        kind.get(),
                        Optional.ofNullable(request.topicPartitions()).map(PartitionChanges::names))
                .thenApply(results -> results.map(PartitionChanges::answer)
                        .orElseGet(() -> (ElectLeadersResponse) request.errorResponse(ErrorCode.NOT_CONTROLLER)));
    }

    private static Optional<ElectionKind> kind(byte electionType) {
        return switch (electionType) {
            case ElectLeadersRequest.PREFERRED -> Optional.of(ElectionKind.PREFERRED);
            case ElectLeadersRequest.UNCLEAN -> Optional.of(ElectionKind.UNCLEAN);
            default -> Optional.empty();
        };
    }

    private static List<PartitionName> names(List<ElectLeadersRequest.Topic> topics) {
        var names = new ArrayList<PartitionName>();
        topics.forEach(topic ->
                topic.partitions().forEach(partition -> names.add(new PartitionName(topic.topic(), partition))));
        return names;
    }

    private static ElectLeadersResponse answer(Map<PartitionName, PartitionResult> results) {
        var byTopic = new LinkedHashMap<String, List<ElectLeadersResponse.Partition>>();
        results.forEach((name, result) -> byTopic.computeIfAbsent(name.topicName(), topic -> new ArrayList<>())
                .add(new ElectLeadersResponse.Partition(
                        name.partition(), result.errorCode(), orNull(result.message()))));
        boolean isElsewhere =
                results.values().stream().anyMatch(result -> result.errorCode() == ErrorCode.NOT_CONTROLLER);
        var topics = new ArrayList<ElectLeadersResponse.Topic>();
        byTopic.forEach((topic, partitions) -> topics.add(new ElectLeadersResponse.Topic(topic, partitions)));
        return new ElectLeadersResponse(0, isElsewhere ? ErrorCode.NOT_CONTROLLER : ErrorCode.NONE, topics);
    }
}
