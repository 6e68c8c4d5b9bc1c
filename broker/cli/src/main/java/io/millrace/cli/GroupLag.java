package io.millrace.cli;

import io.millrace.client.GroupAdmin;
import io.millrace.client.GroupAdmin.CommittedOffset;
import io.millrace.client.GroupAdmin.Member;
import io.millrace.client.TopicPartition;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How far a group has read, and who reads. Immutable. */
record GroupLag(List<Line> lines) {
    static final Comparator<TopicPartition> BY_NAME =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    /**
     * One partition.
     *
     * @param committed null where nothing was committed
     * @param end null where the partition is not there or has no leader
     * @param member null where nobody reads it
     */
    record Line(TopicPartition partition, @Nullable Long committed, @Nullable Long end, @Nullable Member member) {

        /** How many offsets are still to be read; null where that is not known. A group ahead of the end has none. */
        @Nullable
        Long lag() {
            return committed == null || end == null ? null : (Long) Math.max(0, end - committed);
        }
    }

    static GroupLag of(
            GroupAdmin.Description group,
            Map<TopicPartition, CommittedOffset> committed,
            Map<TopicPartition, Long> ends) {
        var readers = new HashMap<TopicPartition, Member>();
        group.members().forEach(member -> member.assignment().forEach(partition -> readers.put(partition, member)));
        var all = new TreeSet<>(BY_NAME);
        all.addAll(committed.keySet());
        all.addAll(readers.keySet());
        return new GroupLag(all.stream()
                .map(partition -> {
                    CommittedOffset offset = committed.get(partition);
                    return new Line(
                            partition,
                            offset == null ? null : (Long) offset.offset(),
                            ends.get(partition),
                            readers.get(partition));
                })
                .toList());
    }

    /** Of the partitions whose lag is known. */
    long total() {
        return lines.stream()
                .map(Line::lag)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }
}
