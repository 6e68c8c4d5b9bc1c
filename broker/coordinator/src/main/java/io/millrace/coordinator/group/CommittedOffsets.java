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
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    private final PendingOffsets pending = new PendingOffsets();
    private final Map<String, Map<String, Map<Integer, OffsetValue>>> groups = new HashMap<>();

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

    /** Offsets that count when the transaction of their producer is committed. */
    Outcome<GroupRecord, TxnOffsetCommitResponse> commit(TxnOffsetCommitRequest request, long nowMs) {
        var records = new ArrayList<GroupRecord>();
        var topics = new ArrayList<TxnOffsetCommitResponse.Topic>();
        for (TxnOffsetCommitRequest.Topic topic : request.topics()) {
            var partitions = new ArrayList<TxnOffsetCommitResponse.Partition>();
            for (TxnOffsetCommitRequest.Partition partition : topic.partitions()) {
                String metadata = Objects.requireNonNullElse(partition.committedMetadata(), "");
                boolean tooLarge = metadata.getBytes(UTF_8).length > metadataBytesMax;
                if (!tooLarge) {
                    var key = new OffsetKey(request.groupId(), topic.name(), partition.partitionIndex());
                    var value = new OffsetValue(
                            partition.committedOffset(), partition.committedLeaderEpoch(), metadata, nowMs, -1);
                    records.add(new GroupRecord.OffsetPending(request.producerId(), key, value));
                    pending.onDecided(key);
                }
                partitions.add(new TxnOffsetCommitResponse.Partition(
                        partition.partitionIndex(), tooLarge ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE));
            }
            topics.add(new TxnOffsetCommitResponse.Topic(topic.name(), topic.topicId(), partitions));
        }
        return new Outcome<>(records, new TxnOffsetCommitResponse(0, topics));
    }

    boolean hasRoomFor(TxnOffsetCommitRequest request) {
        return pending.hasRoom(request.topics().stream()
                .mapToInt(topic -> topic.partitions().size())
                .sum());
    }

    OffsetFetchResponse.Group fetch(OffsetFetchRequest.Group request, boolean requireStable) {
        Map<String, Map<Integer, OffsetValue>> known = groups.getOrDefault(request.groupId(), Map.of());
        List<OffsetFetchRequest.GroupTopic> wanted = request.topics();
        List<OffsetFetchRequest.GroupTopic> topics = wanted == null
                ? known.entrySet().stream()
                        .map(topic -> new OffsetFetchRequest.GroupTopic(
                                topic.getKey(),
                                NO_TOPIC_ID,
                                List.copyOf(topic.getValue().keySet())))
                        .toList()
                : wanted;
        return new OffsetFetchResponse.Group(
                request.groupId(),
                topics.stream()
                        .map(topic -> new OffsetFetchResponse.GroupTopic(
                                topic.name(),
                                topic.topicId(),
                                topic.partitionIndexes().stream()
                                        .map(partition -> fetch(
                                                new OffsetKey(request.groupId(), topic.name(), partition),
                                                requireStable))
                                        .toList()))
                        .toList(),
                ErrorCode.NONE);
    }

    private OffsetFetchResponse.GroupPartition fetch(OffsetKey key, boolean requireStable) {
        if (requireStable && pending.isUnstable(key)) {
            return OffsetFetchResponse.GroupPartition.error(key.partition(), ErrorCode.UNSTABLE_OFFSET_COMMIT);
        }
        OffsetValue value = groups.getOrDefault(key.group(), Map.of())
                .getOrDefault(key.topic(), Map.of())
                .get(key.partition());
        return value == null
                ? OffsetFetchResponse.GroupPartition.error(key.partition(), ErrorCode.NONE)
                : new OffsetFetchResponse.GroupPartition(
                        key.partition(), value.offset(), value.leaderEpoch(), value.metadata(), ErrorCode.NONE);
    }

    void replay(OffsetCommitted committed) {
        pending.onOverruled(committed.key());
        apply(committed.key(), committed.value());
    }

    private void apply(OffsetKey key, @Nullable OffsetValue value) {
        if (value != null) {
            groups.computeIfAbsent(key.group(), group -> new TreeMap<>())
                    .computeIfAbsent(key.topic(), topic -> new TreeMap<>())
                    .put(key.partition(), value);
            return;
        }
        groups.computeIfPresent(key.group(), (group, topics) -> without(topics, key));
    }

    private static @Nullable Map<String, Map<Integer, OffsetValue>> without(
            Map<String, Map<Integer, OffsetValue>> topics, OffsetKey key) {
        topics.computeIfPresent(key.topic(), (topic, partitions) -> {
            partitions.remove(key.partition());
            return partitions.isEmpty() ? null : partitions;
        });
        return topics.isEmpty() ? null : topics;
    }

    // Transactions.

    /** A record of a transaction, read from the log. */
    void replay(GroupRecord.OffsetPending logged) {
        pending.onDecided(logged.key());
        pending.onCommitted(logged.producerId(), logged.key(), logged.value());
    }

    void onCommitted(GroupRecord.OffsetPending logged) {
        pending.onCommitted(logged.producerId(), logged.key(), logged.value());
    }

    void onRefused(GroupRecord.OffsetPending refused) {
        pending.onRefused(refused.key());
    }

    void onTransactionEnded(long producerId, boolean committed) {
        Map<OffsetKey, OffsetValue> offsets = pending.onEnded(producerId);
        if (committed) {
            offsets.forEach(this::apply);
        }
    }

    // Who has committed what.

    /** The offsets of all groups that have any. */
    Map<String, Map<String, Map<Integer, OffsetValue>>> all() {
        return Collections.unmodifiableMap(groups);
    }

    boolean knows(String groupId) {
        return groups.containsKey(groupId);
    }

    boolean knows(OffsetKey key) {
        Map<Integer, OffsetValue> partitions =
                groups.getOrDefault(key.group(), Map.of()).get(key.topic());
        return partitions != null && partitions.containsKey(key.partition());
    }

    /** Whether a transaction that has not ended wants to set the offset. */
    boolean isPending(OffsetKey key) {
        return pending.isUnstable(key);
    }

    /** Whether a transaction that has not ended wants to set an offset of the group. */
    boolean isPending(String groupId) {
        return pending.isUnstable(groupId);
    }

    /** The records that make all offsets of a group be forgotten, {@code max} at most. */
    List<GroupRecord> tombstones(String groupId, int max) {
        return groups.getOrDefault(groupId, Map.of()).entrySet().stream()
                .flatMap(topic -> topic.getValue().keySet().stream()
                        .map(partition -> new OffsetKey(groupId, topic.getKey(), partition)))
                .limit(max)
                .<GroupRecord>map(key -> new OffsetCommitted(key, null))
                .toList();
    }

    /** The records that make offsets of topics be forgotten, in all groups, {@code max} at most. */
    List<GroupRecord> tombstones(Set<String> topics, int max) {
        return groups.entrySet().stream()
                .flatMap(group -> topics.stream()
                        .flatMap(topic -> group.getValue().getOrDefault(topic, Map.of()).keySet().stream()
                                .map(partition -> new OffsetKey(group.getKey(), topic, partition))))
                .limit(max)
                .<GroupRecord>map(key -> new OffsetCommitted(key, null))
                .toList();
    }
}
