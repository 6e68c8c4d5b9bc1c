package io.millrace.coordinator.group;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What classic groups and those of KIP-848 have in common, as far as others ask. */
interface Group {
    /** The protocol type of groups whose members divide partitions among themselves. */
    String CONSUMERS = "consumer";

    String groupId();

    /** Kafka's name of the kind of group. */
    String typeName();

    /** Kafka's name of the state. */
    String stateName();

    /** Empty where nobody has said what the group is for. */
    String protocolTypeName();

    /** Whether nobody belongs to the group or is about to. */
    boolean isUnused();

    /** The topics that members read; empty where that cannot be told, because the group is no consumers' or they are about to join again. */
    Optional<Set<String>> subscribedTopics();

    /**
     * Since when an offset counts as unused.
     *
     * @param committedMs when it was committed
     */
    long unusedSinceMs(long committedMs);

    /** The records that make the group be forgotten, without its offsets. */
    List<GroupRecord> tombstones();
}
