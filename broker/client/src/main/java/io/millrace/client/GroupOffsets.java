package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.client.GroupAdmin.CommittedOffset;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what groups have committed, at their coordinators. Safe for use by any thread.
 *
 * <p>Topics are named by their names: the highest versions of both requests name them by ids, which a deleted topic has lost.
 */
final class GroupOffsets {
    private static final int FETCH_BY_NAME_MAX = 9;
    private static final int COMMIT_BY_NAME_MAX = 9;
    private static final String NOT_ALONE = ""; // as all versions from 8 on, which name groups in a list
    private static final int NO_EPOCH = -1;
    private static final UUID NO_ID = new UUID(0, 0);
    private static final long BROKERS_RETENTION = -1;

    /** Who asks: a member of the group, or somebody from outside, with {@link #NOBODY}. */
    record Sender(String memberId, int memberEpoch) {
        static final Sender NOBODY = new Sender("", NO_EPOCH);
    }

    private final AdminCalls calls;

    GroupOffsets(AdminCalls calls) {
        this.calls = calls;
    }

    /** All that a group has committed. */
    CompletableFuture<Map<TopicPartition, CommittedOffset>> fetchAll(String groupId) {
        var group = new OffsetFetchRequest.Group(groupId, null, NO_EPOCH, null);
        return fetch(groupId, new OffsetFetchRequest(NOT_ALONE, List.of(), List.of(group), false));
    }

    /** What was committed in these partitions, once no open transaction is about to change it. Those without an offset are absent. */
    CompletableFuture<Map<TopicPartition, CommittedOffset>> fetchStable(
            String groupId, Collection<TopicPartition> partitions) {
        var group = new OffsetFetchRequest.Group(groupId, null, NO_EPOCH, byTopic(partitions));
        return fetch(groupId, new OffsetFetchRequest(NOT_ALONE, List.of(), List.of(group), true));
    }

    private CompletableFuture<Map<TopicPartition, CommittedOffset>> fetch(String groupId, OffsetFetchRequest request) {
        Question<OffsetFetchResponse> question = new Question<>(
                "tell the offsets of group \"" + groupId + "\"",
                Target.group(groupId),
                request,
                FETCH_BY_NAME_MAX,
                GroupOffsets::errorOf);
        return calls.ask(question).thenApply(response -> {
            ErrorCode error = errorOf(response);
            if (error.isError() && error != ErrorCode.GROUP_ID_NOT_FOUND) {
                throw new ClientException(error, "The cluster did not " + question.what() + ": " + error);
            }
            return committed(response);
        });
    }

    private static List<OffsetFetchRequest.GroupTopic> byTopic(Collection<TopicPartition> partitions) {
        Map<String, List<Integer>> byTopic = partitions.stream()
                .collect(Collectors.groupingBy(
                        TopicPartition::topic,
                        TreeMap::new,
                        Collectors.mapping(TopicPartition::partition, Collectors.toList())));
        return byTopic.entrySet().stream()
                .map(topic -> new OffsetFetchRequest.GroupTopic(topic.getKey(), NO_ID, topic.getValue()))
                .toList();
    }

    private static ErrorCode errorOf(OffsetFetchResponse response) {
        OffsetFetchResponse.Group group = response.groups().get(0);
        return group.errorCode().isError()
                ? group.errorCode()
                : group.topics().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .map(OffsetFetchResponse.GroupPartition::errorCode)
                        .filter(ErrorCode::isError)
                        .findAny()
                        .orElse(ErrorCode.NONE);
    }

    private static Map<TopicPartition, CommittedOffset> committed(OffsetFetchResponse response) {
        var committed = new LinkedHashMap<TopicPartition, CommittedOffset>();
        response.groups().stream().flatMap(group -> group.topics().stream()).forEach(topic -> topic.partitions()
                .forEach(partition -> put(
                        committed,
                        new TopicPartition(topic.name(), partition.partitionIndex()),
                        partition.committedOffset(),
                        partition.committedLeaderEpoch(),
                        partition.metadata())));
        return committed;
    }

    private static void put(
            Map<TopicPartition, CommittedOffset> committed,
            TopicPartition partition,
            long offset,
            int leaderEpoch,
            @Nullable String metadata) {
        if (offset >= 0) {
            committed.put(
                    partition, new CommittedOffset(offset, leaderEpoch, Objects.requireNonNullElse(metadata, "")));
        }
    }

    /** Completes with the errors of those that were refused. An error of the group is the error of all of them. */
    CompletableFuture<Map<TopicPartition, ErrorCode>> commit(
            String groupId, Sender sender, Map<TopicPartition, Long> offsets) {
        var byTopic = new TreeMap<String, List<OffsetCommitRequest.Partition>>();
        offsets.forEach((partition, offset) -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(new OffsetCommitRequest.Partition(partition.partition(), offset, NO_EPOCH, "")));
        var topics = byTopic.entrySet().stream()
                .map(topic -> new OffsetCommitRequest.Topic(topic.getKey(), NO_ID, topic.getValue()))
                .toList();
        var request = new OffsetCommitRequest(
                groupId, sender.memberEpoch(), sender.memberId(), null, BROKERS_RETENTION, topics);
        Question<OffsetCommitResponse> question = new Question<>(
                "commit offsets of group \"" + groupId + "\"",
                Target.group(groupId),
                request,
                COMMIT_BY_NAME_MAX,
                response -> refused(response).values().stream()
                        .filter(GroupOffsets::isOfTheGroup)
                        .findAny()
                        .orElse(ErrorCode.NONE));
        return calls.ask(question).thenApply(GroupOffsets::refused);
    }

    private static Map<TopicPartition, ErrorCode> refused(OffsetCommitResponse response) {
        var refused = new LinkedHashMap<TopicPartition, ErrorCode>();
        response.topics().forEach(topic -> topic.partitions().stream()
                .filter(partition -> partition.errorCode().isError())
                .forEach(partition -> refused.put(
                        new TopicPartition(topic.name(), partition.partitionIndex()), partition.errorCode())));
        return refused;
    }

    private static boolean isOfTheGroup(ErrorCode error) {
        return error != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && error != ErrorCode.OFFSET_METADATA_TOO_LARGE;
    }
}
