package io.millrace.coordinator.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Cuts each topic into ranges of neighbours, so that members get the same partitions of topics with the same number of them. */
final class RangeAssignor implements TargetAssignor {
    static final String NAME = "range";

    @Override
    public Map<String, AssignedPartitions> assign(Situation situation) {
        Map<UUID, List<String>> subscribers = new TreeMap<>();
        Map<String, Map<UUID, NavigableSet<Integer>>> assigned = new HashMap<>();
        new TreeMap<>(situation.subscriptions()).forEach((memberId, topics) -> {
            assigned.put(memberId, new TreeMap<>());
            topics.forEach(topicId -> subscribers
                    .computeIfAbsent(topicId, id -> new ArrayList<>())
                    .add(memberId));
        });
        subscribers.forEach((topicId, memberIds) -> {
            int count = situation.partitionCounts().getOrDefault(topicId, 0);
            int next = 0;
            for (int i = 0; i < memberIds.size(); i++) {
                int share = count / memberIds.size() + (i < count % memberIds.size() ? 1 : 0);
                for (int end = next + share; next < end; next++) {
                    assigned.computeIfAbsent(memberIds.get(i), id -> new TreeMap<>())
                            .computeIfAbsent(topicId, id -> new TreeSet<>())
                            .add(next);
                }
            }
        });
        Map<String, AssignedPartitions> targets = new HashMap<>();
        assigned.forEach((memberId, topics) -> targets.put(memberId, new AssignedPartitions(topics)));
        return targets;
    }
}
