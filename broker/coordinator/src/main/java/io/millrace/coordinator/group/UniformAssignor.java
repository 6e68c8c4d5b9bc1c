package io.millrace.coordinator.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives members as equal numbers of partitions as their subscriptions allow, and leaves with each what it had as far as that goes.
 *
 * <p>Where all read the same topics the numbers differ by one at most. Where they do not, partitions move from those who have many to those who have few
 * until no single move helps.
 */
final class UniformAssignor implements TargetAssignor {
    static final String NAME = "uniform";

    private static final int ROUNDS_MAX = 100; // of moves; each round looks at every topic

    @Override
    public Map<String, AssignedPartitions> assign(Situation situation) {
        var division = new Division(situation);
        division.keep();
        division.handOut();
        division.balance();
        return division.result();
    }

    /** What one member has so far. */
    private static final class Share {
        private final String memberId;
        private final Map<UUID, NavigableSet<Integer>> topics = new TreeMap<>();
        private int size;

        Share(String memberId) {
            this.memberId = memberId;
        }

        void add(UUID topicId, int partition) {
            topics.computeIfAbsent(topicId, id -> new TreeSet<>()).add(partition);
            size++;
        }

        @Nullable
        Integer removeLast(UUID topicId) {
            NavigableSet<Integer> partitions = topics.get(topicId);
            if (partitions == null || partitions.isEmpty()) {
                return null;
            }
            Integer last = partitions.last();
            partitions.remove(last);
            size--;
            return last;
        }

        boolean has(UUID topicId) {
            NavigableSet<Integer> partitions = topics.get(topicId);
            return partitions != null && !partitions.isEmpty();
        }
    }

    private static final class Division {
        private static final Comparator<Share> SMALLEST_FIRST =
                Comparator.<Share>comparingInt(share -> share.size).thenComparing(share -> share.memberId);

        private final Situation situation;
        private final Map<String, Share> shares = new TreeMap<>();
        private final Map<UUID, List<Share>> subscribers = new TreeMap<>();
        private final Map<UUID, Set<Integer>> unassigned = new TreeMap<>();
        private final boolean sameTopics;

        Division(Situation situation) {
            this.situation = situation;
            new TreeMap<>(situation.subscriptions()).forEach((memberId, topics) -> {
                var share = new Share(memberId);
                shares.put(memberId, share);
                topics.forEach(topicId -> subscribers
                        .computeIfAbsent(topicId, id -> new ArrayList<>())
                        .add(share));
            });
            subscribers.keySet().forEach(topicId -> {
                Set<Integer> all = new TreeSet<>();
                for (int i = 0; i < situation.partitionCounts().getOrDefault(topicId, 0); i++) {
                    all.add(i);
                }
                unassigned.put(topicId, all);
            });
            sameTopics = situation.subscriptions().values().stream().distinct().count() <= 1;
        }

        /** Leaves with members what they had, but no more than their share where all read the same. */
        void keep() {
            int partitions = unassigned.values().stream().mapToInt(Set::size).sum();
            int least = shares.isEmpty() ? 0 : partitions / shares.size();
            int larger = shares.isEmpty() ? 0 : partitions % shares.size(); // members who may have one more
            for (Share share : shares.values()) {
                int limit = least + (larger > 0 ? 1 : 0);
                keep(share, sameTopics ? limit : Integer.MAX_VALUE);
                larger -= share.size > least ? 1 : 0;
            }
        }

        private void keep(Share share, int limit) {
            AssignedPartitions before = situation.previous().getOrDefault(share.memberId, AssignedPartitions.NONE);
            Set<UUID> topics = situation.subscriptions().getOrDefault(share.memberId, Set.of());
            before.topics()
                    .forEach((topicId, partitions) -> partitions.forEach(partition -> {
                        boolean mayStay = share.size < limit && topics.contains(topicId);
                        if (mayStay
                                && unassigned
                                        .getOrDefault(topicId, new TreeSet<>())
                                        .remove(partition)) {
                            share.add(topicId, partition);
                        }
                    }));
        }

        /** Gives what is left to those who have least. */
        void handOut() {
            var all = new TreeSet<>(SMALLEST_FIRST);
            all.addAll(shares.values());
            unassigned.forEach((topicId, partitions) -> partitions.forEach(partition -> {
                Share smallest = sameTopics ? all.first() : smallest(topicId);
                all.remove(smallest);
                smallest.add(topicId, partition);
                all.add(smallest);
            }));
        }

        private Share smallest(UUID topicId) {
            return subscribers.getOrDefault(topicId, List.of()).stream()
                    .min(SMALLEST_FIRST)
                    .orElseThrow();
        }

        void balance() {
            boolean moved = !sameTopics;
            for (int round = 0; moved && round < ROUNDS_MAX; round++) {
                moved = false;
                for (UUID topicId : subscribers.keySet()) {
                    moved |= moveOne(topicId);
                }
            }
        }

        private boolean moveOne(UUID topicId) {
            boolean moved = false;
            while (true) {
                Share smallest = smallest(topicId);
                Share largest = subscribers.getOrDefault(topicId, List.of()).stream()
                        .filter(share -> share.has(topicId))
                        .max(SMALLEST_FIRST)
                        .orElse(smallest);
                Integer partition = largest.size > smallest.size + 1 ? largest.removeLast(topicId) : null;
                if (partition == null) {
                    return moved;
                }
                smallest.add(topicId, partition);
                moved = true;
            }
        }

        Map<String, AssignedPartitions> result() {
            Map<String, AssignedPartitions> targets = new HashMap<>();
            shares.forEach((memberId, share) -> targets.put(
                    memberId,
                    new AssignedPartitions(share.topics.entrySet().stream()
                            .filter(topic -> !topic.getValue().isEmpty())
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new)))));
            return targets;
        }
    }
}
