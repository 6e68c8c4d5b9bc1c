package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupDescribeRequest;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.DeleteGroupsRequest;
import io.millrace.protocol.message.DeleteGroupsResponse;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Asks the coordinators of groups. Safe for use by any thread. Each call ends within the request timeout. */
final class NetworkGroupAdmin implements GroupAdmin {
    private static final String CLASSIC = "classic";
    private static final String CONSUMER = "consumer";
    private static final int NO_EPOCH = -1;

    private final AdminCalls calls;
    private final GroupOffsets offsets;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;

    NetworkGroupAdmin(AdminCalls calls, Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.calls = calls;
        this.offsets = new GroupOffsets(calls);
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<List<Listing>> list() {
        return cluster.get().thenCompose(description -> {
            var answers = description.brokers().stream().map(this::list).toList();
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done -> answers.stream()
                            .flatMap(answer -> answer.join().stream())
                            .toList());
        });
    }

    private CompletableFuture<List<Listing>> list(ClusterDescription.Broker broker) {
        Question<ListGroupsResponse> question = Question.of(
                "list the groups of broker " + broker.id(),
                new Target.Broker(new BrokerNode(broker.id(), broker.host(), broker.port())),
                new ListGroupsRequest(List.of(), List.of()),
                ListGroupsResponse::errorCode);
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), response.errorCode(), null);
            return response.groups().stream()
                    .map(group -> new Listing(
                            group.groupId(), group.groupType(), group.groupState(), group.protocolType(), broker.id()))
                    .toList();
        });
    }

    private static void refuse(String what, ErrorCode error, @Nullable String message) {
        if (error.isError()) {
            throw new ClientException(
                    error, "The cluster did not " + what + ": " + error + (message == null ? "" : ", " + message));
        }
    }

    @Override
    public CompletableFuture<Description> describe(String groupId) {
        Question<ConsumerGroupDescribeResponse> question = Question.of(
                "describe group \"" + groupId + "\"",
                Target.group(groupId),
                new ConsumerGroupDescribeRequest(List.of(groupId), false),
                response -> response.groups().get(0).errorCode());
        return calls.ask(question).thenCompose(response -> {
            ConsumerGroupDescribeResponse.Group group = response.groups().get(0);
            if (group.errorCode() == ErrorCode.GROUP_ID_NOT_FOUND) {
                return describeClassic(groupId);
            }
            refuse(question.what(), group.errorCode(), group.errorMessage());
            return coordinatorOf(groupId).thenApply(node -> described(group, node.id()));
        });
    }

    private static Description described(ConsumerGroupDescribeResponse.Group group, int coordinatorId) {
        return new Description(
                group.groupId(),
                CONSUMER,
                group.groupState(),
                coordinatorId,
                group.assignorName(),
                group.groupEpoch(),
                group.assignmentEpoch(),
                group.members().stream().map(NetworkGroupAdmin::member).toList());
    }

    private static Member member(ConsumerGroupDescribeResponse.Member member) {
        return new Member(
                member.memberId(),
                member.instanceId(),
                member.clientId(),
                member.clientHost(),
                member.memberEpoch(),
                Set.copyOf(member.subscribedTopicNames()),
                partitions(member.assignment()),
                partitions(member.targetAssignment()));
    }

    private static Set<TopicPartition> partitions(ConsumerGroupDescribeResponse.Assignment assignment) {
        return assignment.topicPartitions().stream()
                .flatMap(topic ->
                        topic.partitions().stream().map(partition -> new TopicPartition(topic.topicName(), partition)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private CompletableFuture<Description> describeClassic(String groupId) {
        Question<DescribeGroupsResponse> question = Question.of(
                "describe group \"" + groupId + "\"",
                Target.group(groupId),
                new DescribeGroupsRequest(List.of(groupId), false),
                response -> response.groups().get(0).errorCode());
        return calls.ask(question).thenCombine(coordinatorOf(groupId), (response, coordinator) -> {
            DescribeGroupsResponse.Group group = response.groups().get(0);
            boolean isDead = group.groupState().equals("Dead");
            ErrorCode error = isDead && !group.errorCode().isError() ? ErrorCode.GROUP_ID_NOT_FOUND : group.errorCode();
            refuse(question.what(), error, null);
            return described(group, coordinator.id());
        });
    }

    private CompletableFuture<BrokerNode> coordinatorOf(String groupId) {
        return calls.coordinator(Target.group(groupId));
    }

    private static Description described(DescribeGroupsResponse.Group group, int coordinatorId) {
        boolean reads = group.protocolType().equals(CONSUMER);
        return new Description(
                group.groupId(),
                CLASSIC,
                group.groupState(),
                coordinatorId,
                group.protocolData(),
                NO_EPOCH,
                NO_EPOCH,
                group.members().stream().map(member -> member(member, reads)).toList());
    }

    private static Member member(DescribeGroupsResponse.Member member, boolean reads) {
        Set<TopicPartition> assignment = reads ? ClassicProtocol.partitions(member.memberAssignment()) : Set.of();
        return new Member(
                member.memberId(),
                member.groupInstanceId(),
                member.clientId(),
                member.clientHost(),
                NO_EPOCH,
                reads ? ClassicProtocol.topics(member.memberMetadata()) : Set.of(),
                assignment,
                assignment);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, CommittedOffset>> committedOffsets(String groupId) {
        return offsets.fetchAll(groupId);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ClientException>> setOffsets(
            String groupId, Map<TopicPartition, Long> wanted) {
        return offsets.commit(groupId, GroupOffsets.Sender.NOBODY, wanted).thenApply(refused -> {
            if (refused.containsValue(ErrorCode.UNKNOWN_MEMBER_ID)) {
                throw new ClientException(
                        ErrorCode.UNKNOWN_MEMBER_ID,
                        "Group \"" + groupId + "\" has members, which alone may commit; stop them first");
            }
            return failures(refused, "the offset was not set: ");
        });
    }

    private static Map<TopicPartition, ClientException> failures(
            Map<TopicPartition, ErrorCode> refused, String message) {
        var failures = new LinkedHashMap<TopicPartition, ClientException>();
        refused.forEach((partition, error) ->
                failures.put(partition, new ClientException(error, partition + ": " + message + error)));
        return failures;
    }

    @Override
    public CompletableFuture<Map<TopicPartition, ClientException>> deleteOffsets(
            String groupId, Collection<TopicPartition> partitions) {
        Map<String, List<OffsetDeleteRequest.Partition>> byTopic = partitions.stream()
                .collect(Collectors.groupingBy(
                        TopicPartition::topic,
                        TreeMap::new,
                        Collectors.mapping(
                                partition -> new OffsetDeleteRequest.Partition(partition.partition()),
                                Collectors.toList())));
        var topics = byTopic.entrySet().stream()
                .map(topic -> new OffsetDeleteRequest.Topic(topic.getKey(), topic.getValue()))
                .toList();
        Question<OffsetDeleteResponse> question = Question.of(
                "delete offsets of group \"" + groupId + "\"",
                Target.group(groupId),
                new OffsetDeleteRequest(groupId, topics),
                OffsetDeleteResponse::errorCode);
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), response.errorCode(), null);
            var refused = new LinkedHashMap<TopicPartition, ErrorCode>();
            response.topics().forEach(topic -> topic.partitions().stream()
                    .filter(partition -> partition.errorCode().isError())
                    .forEach(partition -> refused.put(
                            new TopicPartition(topic.name(), partition.partitionIndex()), partition.errorCode())));
            return failures(refused, "the offset was not deleted: ");
        });
    }

    @Override
    public CompletableFuture<Void> delete(String groupId) {
        Question<DeleteGroupsResponse> question = Question.of(
                "delete group \"" + groupId + "\"",
                Target.group(groupId),
                new DeleteGroupsRequest(List.of(groupId)),
                response -> response.results().get(0).errorCode());
        return calls.ask(question).thenApply(response -> {
            DeleteGroupsResponse.Result result = response.results().get(0);
            refuse(question.what(), result.errorCode(), result.errorMessage());
            return null;
        });
    }
}
