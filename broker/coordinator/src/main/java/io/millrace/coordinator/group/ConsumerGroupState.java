package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.CurrentSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.EpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetEpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetSaved;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the records of a consumer group say, and nothing else.
 *
 * <p>Owned by the loop of its group. Invariant: who has a partition, or has yet to give it up, is its owner.
 */
final class ConsumerGroupState {
    private int epoch;
    private long metadataHash;
    private int assignmentEpoch;
    private final Map<String, MemberMetadata> members = new TreeMap<>();
    private final Map<String, String> memberIdOfInstance = new HashMap<>();
    private final Map<String, AssignedPartitions> targets = new HashMap<>();
    private final Map<String, MemberAssignment> currents = new HashMap<>();
    private final Map<UUID, Map<Integer, String>> owners = new HashMap<>();

    ConsumerGroupState copy() {
        var copy = new ConsumerGroupState();
        copy.epoch = epoch;
        copy.metadataHash = metadataHash;
        copy.assignmentEpoch = assignmentEpoch;
        copy.members.putAll(members);
        copy.memberIdOfInstance.putAll(memberIdOfInstance);
        copy.targets.putAll(targets);
        copy.currents.putAll(currents);
        owners.forEach((topicId, partitions) -> copy.owners.put(topicId, new HashMap<>(partitions)));
        return copy;
    }

    void apply(ConsumerGroupRecord saved) {
        if (saved instanceof EpochSaved change) {
            epoch = change.value() == null ? 0 : change.value().epoch();
            metadataHash = change.value() == null ? 0 : change.value().metadataHash();
        } else if (saved instanceof TargetEpochSaved change) {
            assignmentEpoch = change.value() == null ? 0 : change.value().assignmentEpoch();
        } else if (saved instanceof MemberSaved change) {
            applyMember(change.key().memberId(), change.value());
        } else if (saved instanceof TargetSaved change) {
            set(
                    targets,
                    change.key().memberId(),
                    change.value() == null
                            ? null
                            : AssignedPartitions.of(change.value().topicPartitions()));
        } else if (saved instanceof CurrentSaved change) {
            applyCurrent(change.key().memberId(), change.value() == null ? null : MemberAssignment.of(change.value()));
        }
    }

    private void applyMember(String memberId, @Nullable MemberMetadata member) {
        MemberMetadata before = members.get(memberId);
        if (before != null && before.instanceId() != null) {
            memberIdOfInstance.remove(before.instanceId(), memberId);
        }
        set(members, memberId, member);
        if (member != null && member.instanceId() != null) {
            memberIdOfInstance.put(member.instanceId(), memberId);
        }
    }

    private void applyCurrent(String memberId, @Nullable MemberAssignment assignment) {
        MemberAssignment before = currents.get(memberId);
        if (before != null) {
            disown(memberId, before.assigned());
            disown(memberId, before.pendingRevocation());
        }
        set(currents, memberId, assignment);
        if (assignment != null) {
            own(memberId, assignment.assigned());
            own(memberId, assignment.pendingRevocation());
        }
    }

    private void own(String memberId, AssignedPartitions partitions) {
        partitions.topics().forEach((topicId, numbers) -> {
            Map<Integer, String> ofTopic = owners.computeIfAbsent(topicId, id -> new HashMap<>());
            numbers.forEach(partition -> ofTopic.put(partition, memberId));
        });
    }

    private void disown(String memberId, AssignedPartitions partitions) {
        partitions.topics().forEach((topicId, numbers) -> {
            Map<Integer, String> ofTopic = owners.getOrDefault(topicId, new HashMap<>());
            numbers.forEach(partition -> ofTopic.remove(partition, memberId));
            if (ofTopic.isEmpty()) {
                owners.remove(topicId);
            }
        });
    }

    private static <V> void set(Map<String, V> map, String key, @Nullable V value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    int epoch() {
        return epoch;
    }

    long metadataHash() {
        return metadataHash;
    }

    int assignmentEpoch() {
        return assignmentEpoch;
    }

    /** By member id, in the order of the ids. */
    Map<String, MemberMetadata> members() {
        return Collections.unmodifiableMap(members);
    }

    @Nullable
    String memberIdOfInstance(String instanceId) {
        return memberIdOfInstance.get(instanceId);
    }

    Map<String, AssignedPartitions> targets() {
        return Collections.unmodifiableMap(targets);
    }

    AssignedPartitions target(String memberId) {
        return targets.getOrDefault(memberId, AssignedPartitions.NONE);
    }

    MemberAssignment current(String memberId) {
        return currents.getOrDefault(memberId, MemberAssignment.NEW);
    }

    /** Whether nobody but the member has the partition. */
    boolean isFree(UUID topicId, int partition, String memberId) {
        String owner = owners.getOrDefault(topicId, Map.of()).get(partition);
        return owner == null || owner.equals(memberId);
    }
}
