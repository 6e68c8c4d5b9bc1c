package io.millrace.coordinator.group;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupRecord.OffsetCommitted;
import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.coordinator.group.GroupRecord.OffsetValue;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far groups have read, by group, topic and partition: what the replayed records say.
 *
 * <p>Owned by the loop of its groups.
 */
final class CommittedOffsets {
    private static final UUID NO_TOPIC_ID = new UUID(0, 0);

    private final int metadataBytesMax;
    private final Map<String, Map<String, TreeMap<Integer, OffsetValue>>> groups = new HashMap<>();

    CommittedOffsets(int metadataBytesMax) {
        this.metadataBytesMax = metadataBytesMax;
    }

    /** Whether the group is known or there is room for one more. */
    boolean canAdd(String groupId, int groupsMax) {
        return groups.containsKey(groupId) || groups.size() < groupsMax;
    }

    Outcome<GroupRecord, OffsetCommitResponse> commit(OffsetCommitRequest request, long nowMs) {
        var records = new ArrayList<GroupRecord>();
        var topics = new ArrayList<OffsetCommitResponse.Topic>();
        for (OffsetCommitRequest.Topic topic : request.topics()) {
            var partitions = new ArrayList<OffsetCommitResponse.Partition>();
            for (OffsetCommitRequest.Partition partition : topic.partitions()) {
                String metadata = Objects.requireNonNullElse(partition.committedMetadata(), "");
                boolean tooLarge = metadata.getBytes(UTF_8).length > metadataBytesMax;
                if (!tooLarge) {
                    records.add(new OffsetCommitted(
                            new OffsetKey(request.groupId(), topic.name(), partition.partitionIndex()),
                            new OffsetValue(
                                    partition.committedOffset(),
                                    partition.committedLeaderEpoch(),
                                    metadata,
                                    nowMs,
                                    -1)));
                }
                partitions.add(new OffsetCommitResponse.Partition(
                        partition.partitionIndex(), tooLarge ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE));
            }
            topics.add(new OffsetCommitResponse.Topic(topic.name(), topic.topicId(), partitions));
        }
        return new Outcome<>(records, new OffsetCommitResponse(0, topics));
    }

    OffsetFetchResponse.Group fetch(OffsetFetchRequest.Group request) {
        Map<String, TreeMap<Integer, OffsetValue>> known = groups.getOrDefault(request.groupId(), Map.of());
        List<OffsetFetchRequest.GroupTopic> wanted = request.topics();
        List<OffsetFetchResponse.GroupTopic> topics = wanted == null
                ? known.entrySet().stream()
                        .map(topic -> answer(
                                topic.getKey(),
                                NO_TOPIC_ID,
                                List.copyOf(topic.getValue().keySet()),
                                topic.getValue()))
                        .toList()
                : wanted.stream()
                        .map(topic -> answer(
                                topic.name(),
                                topic.topicId(),
                                topic.partitionIndexes(),
                                known.getOrDefault(topic.name(), new TreeMap<>())))
                        .toList();
        return new OffsetFetchResponse.Group(request.groupId(), topics, ErrorCode.NONE);
    }

    private static OffsetFetchResponse.GroupTopic answer(
            String topic, UUID topicId, List<Integer> partitions, Map<Integer, OffsetValue> known) {
        return new OffsetFetchResponse.GroupTopic(
                topic,
                topicId,
                partitions.stream()
                        .map(partition -> answer(partition, known.get(partition)))
                        .toList());
    }

    private static OffsetFetchResponse.GroupPartition answer(int partition, @Nullable OffsetValue value) {
        return value == null
                ? OffsetFetchResponse.GroupPartition.error(partition, ErrorCode.NONE)
                : new OffsetFetchResponse.GroupPartition(
                        partition, value.offset(), value.leaderEpoch(), value.metadata(), ErrorCode.NONE);
    }

    void replay(OffsetCommitted committed) {
        OffsetKey key = committed.key();
        OffsetValue value = committed.value();
        if (value != null) {
            groups.computeIfAbsent(key.group(), group -> new TreeMap<>())
                    .computeIfAbsent(key.topic(), topic -> new TreeMap<>())
                    .put(key.partition(), value);
            return;
        }
        Map<String, TreeMap<Integer, OffsetValue>> topics = groups.getOrDefault(key.group(), Map.of());
        TreeMap<Integer, OffsetValue> partitions = topics.get(key.topic());
        if (partitions != null) {
            partitions.remove(key.partition());
        }
    }

    void forget(String groupId) {
        groups.remove(groupId);
    }
}
