package io.millrace.coordinator.group;

import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.coordinator.group.GroupRecord.OffsetValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Forgets offsets that nobody has used for long, and then the groups that have none (KIP-211).
 *
 * <p>An offset is in use while a member reads its topic. In a group without members it counts from the moment when the last one left, or from its
 * commit where that is later; without any group, from its commit. Offsets that old brokers have written with an end of their own keep it.
 *
 * <p>Owned by the loop of its groups.
 */
final class OffsetExpiry {
    /** Records of one round; what is left over waits for the next, which then comes soon. */
    static final int RECORDS_MAX = 1_000;

    private static final long SOON_MS = 1_000;

    private final GroupConfiguration configuration;
    private final CommittedOffsets offsets;
    private final Function<String, @Nullable Group> groups;
    private long nextMs = Long.MAX_VALUE;

    OffsetExpiry(GroupConfiguration configuration, CommittedOffsets offsets, Function<String, @Nullable Group> groups) {
        this.configuration = configuration;
        this.offsets = offsets;
        this.groups = groups;
    }

    void start(long nowMs) {
        nextMs = nowMs + configuration.offsetsRetentionCheckIntervalMs();
    }

    /** When {@link #expire} has something to do. */
    long nextMs() {
        return nextMs;
    }

    /**
     * The tombstones of what is to be forgotten now.
     *
     * @param unusedGroups those without members, some of which have no offsets
     */
    List<GroupRecord> expire(Iterable<? extends Group> unusedGroups, long nowMs) {
        if (nowMs < nextMs) {
            return List.of();
        }
        var records = new ArrayList<GroupRecord>();
        offsets.all().forEach((groupId, topics) -> {
            if (records.size() < RECORDS_MAX) {
                expireOffsets(groupId, topics, records, nowMs);
            }
        });
        for (Group group : unusedGroups) {
            if (records.size() < RECORDS_MAX && isWithoutOffsets(group)) {
                records.addAll(group.tombstones());
            }
        }
        nextMs = nowMs + (records.size() < RECORDS_MAX ? configuration.offsetsRetentionCheckIntervalMs() : SOON_MS);
        return records;
    }

    private boolean isWithoutOffsets(Group group) {
        return group.isUnused() && !offsets.knows(group.groupId()) && !offsets.isPending(group.groupId());
    }

    private void expireOffsets(
            String groupId, Map<String, Map<Integer, OffsetValue>> topics, List<GroupRecord> records, long nowMs) {
        Group group = groups.apply(groupId);
        boolean unused = group == null || group.isUnused();
        Optional<Set<String>> subscribed = unused ? Optional.of(Set.of()) : group.subscribedTopics();
        if (subscribed.isEmpty()) {
            return;
        }
        int before = records.size();
        int count = 0;
        for (var topic : topics.entrySet()) {
            boolean inUse = subscribed.get().contains(topic.getKey());
            for (var partition : topic.getValue().entrySet()) {
                count++;
                var key = new OffsetKey(groupId, topic.getKey(), partition.getKey());
                if (!inUse && !offsets.isPending(key) && isOver(unused ? group : null, partition.getValue(), nowMs)) {
                    records.add(new GroupRecord.OffsetCommitted(key, null));
                }
            }
        }
        if (group != null && unused && records.size() - before == count && !offsets.isPending(groupId)) {
            records.addAll(group.tombstones());
        }
    }

    private boolean isOver(@Nullable Group unusedGroup, OffsetValue value, long nowMs) {
        if (value.expireTimestamp() >= 0) {
            return value.expireTimestamp() <= nowMs;
        }
        long sinceMs =
                unusedGroup == null ? value.commitTimestamp() : unusedGroup.unusedSinceMs(value.commitTimestamp());
        return nowMs - sinceMs >= configuration.offsetsRetentionMs();
    }
}
