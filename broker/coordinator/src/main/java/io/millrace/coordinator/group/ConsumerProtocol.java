package io.millrace.coordinator.group;

import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.NULLABLE_BYTES;
import static io.millrace.protocol.wire.Type.NULLABLE_STRING;
import static io.millrace.protocol.wire.Type.STRING;
import static io.millrace.protocol.wire.Type.listOf;

import io.millrace.coordinator.VersionedLayout;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What consumers of the classic protocol and the leaders of their groups say to each other within the group's own messages. */
final class ConsumerProtocol {
    /** Partitions of one topic. */
    record Partitions(String topic, List<Integer> partitions) {
        static final Schema<Partitions> SCHEMA = Schema.of(Partitions.class)
                .field("topic", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    /**
     * What a consumer wants. Versions 0 to 3.
     *
     * @param ownedPartitions what it has at present, where its assignor lets it keep any
     */
    record Subscription(
            List<String> topics,
            @Nullable Bytes userData,
            List<Partitions> ownedPartitions,
            int generationId,
            @Nullable String rackId) {
        static final Schema<Subscription> SCHEMA = Schema.of(Subscription.class)
                .field("topics", listOf(STRING))
                .field("userData", NULLABLE_BYTES)
                .field("ownedPartitions", listOf(Partitions.SCHEMA).since(1))
                .field("generationId", INT32.since(2).orElse(-1))
                .field("rackId", NULLABLE_STRING.since(3))
                .build();
    }

    /** What a consumer gets. Versions 0 to 3, which are the same. */
    record Assignment(List<Partitions> assignedPartitions, @Nullable Bytes userData) {
        static final Schema<Assignment> SCHEMA = Schema.of(Assignment.class)
                .field("assignedPartitions", listOf(Partitions.SCHEMA))
                .field("userData", NULLABLE_BYTES)
                .build();
    }

    private static final short NEWEST_VERSION = 3;
    private static final short WRITTEN_VERSION = 0; // every consumer reads it
    private static final short NEVER_FLEXIBLE = Short.MAX_VALUE;

    private static final VersionedLayout<Subscription> SUBSCRIPTION =
            new VersionedLayout<>(Subscription.SCHEMA, NEVER_FLEXIBLE, NEWEST_VERSION);
    private static final VersionedLayout<Assignment> ASSIGNMENT =
            new VersionedLayout<>(Assignment.SCHEMA, NEVER_FLEXIBLE, NEWEST_VERSION);

    private ConsumerProtocol() {}

    /** What the bytes of a join say; empty where they are something else. */
    static Optional<Subscription> subscription(Bytes metadata) {
        return read(SUBSCRIPTION, metadata);
    }

    /** What the bytes of a leader's assignment give, without what is gone; empty where they are something else. No bytes give nothing. */
    static Optional<AssignedPartitions> assignment(Bytes assignment, TopicCatalog catalog) {
        return assignment.isEmpty()
                ? Optional.of(AssignedPartitions.NONE)
                : read(ASSIGNMENT, assignment).map(read -> known(read.assignedPartitions(), catalog));
    }

    private static <T extends Record> Optional<T> read(VersionedLayout<T> layout, Bytes bytes) {
        try {
            return Optional.of(layout.read(bytes));
        } catch (MalformedMessageException ignored) { // other programs than consumers use groups, too
            return Optional.empty();
        }
    }

    static AssignedPartitions known(List<Partitions> named, TopicCatalog catalog) {
        var known = new ArrayList<TopicPartitions>();
        named.forEach(each -> catalog.topic(each.topic())
                .ifPresent(topic -> known.add(new TopicPartitions(
                        topic.topicId(),
                        each.partitions().stream()
                                .filter(partition -> partition >= 0 && partition < topic.partitionCount())
                                .toList()))));
        return AssignedPartitions.of(known);
    }

    /** What a member is told that it has. Topics that are gone are left out. */
    static Bytes assignment(AssignedPartitions partitions, TopicCatalog catalog) {
        var named = new ArrayList<Partitions>();
        partitions.topics().forEach((topicId, numbers) -> catalog.topic(topicId)
                .ifPresent(topic -> named.add(new Partitions(topic.name(), List.copyOf(numbers)))));
        return ASSIGNMENT.write(WRITTEN_VERSION, new Assignment(named, null));
    }
}
