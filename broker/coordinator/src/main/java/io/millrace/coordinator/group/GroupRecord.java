package io.millrace.coordinator.group;

import static io.millrace.protocol.wire.Type.BYTES;
import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;
import static io.millrace.protocol.wire.Type.NULLABLE_STRING;
import static io.millrace.protocol.wire.Type.STRING;
import static io.millrace.protocol.wire.Type.listOf;

import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record of {@code __consumer_offsets}, in the layouts of Apache Kafka, so that its tools can read them. */
public sealed interface GroupRecord
        permits GroupRecord.OffsetCommitted, GroupRecord.OffsetPending, GroupRecord.GroupSaved, ConsumerGroupRecord {

    /** How far a group has read a partition; no value where that is forgotten. */
    record OffsetCommitted(OffsetKey key, @Nullable OffsetValue value) implements GroupRecord {}

    /** How far a group will have read a partition if the producer's transaction is committed. In the log it is an offset in a transactional batch. */
    record OffsetPending(long producerId, OffsetKey key, OffsetValue value) implements GroupRecord {}

    /** The generation of a group; no value where the group is gone. */
    record GroupSaved(GroupKey key, @Nullable GroupValue value) implements GroupRecord {}

    /** Versions 0 and 1 of the keys. */
    record OffsetKey(String group, String topic, int partition) {
        static final Schema<OffsetKey> SCHEMA = Schema.of(OffsetKey.class)
                .field("group", STRING)
                .field("topic", STRING)
                .field("partition", INT32)
                .build();
    }

    /** Versions 0 to 3 of the value. */
    record OffsetValue(long offset, int leaderEpoch, String metadata, long commitTimestamp, long expireTimestamp) {
        static final Schema<OffsetValue> SCHEMA = Schema.of(OffsetValue.class)
                .field("offset", INT64)
                .field("leaderEpoch", INT32.since(3).orElse(-1))
                .field("metadata", STRING)
                .field("commitTimestamp", INT64)
                .field("expireTimestamp", INT64.since(1).until(1).orElse(-1L))
                .build();
    }

    /** Version 2 of the keys. */
    record GroupKey(String group) {
        static final Schema<GroupKey> SCHEMA =
                Schema.of(GroupKey.class).field("group", STRING).build();
    }

    /** Versions 0 to 3 of the value. */
    record GroupValue(
            String protocolType,
            int generation,
            @Nullable String protocol,
            @Nullable String leader,
            long currentStateTimestamp,
            List<MemberValue> members) {
        static final Schema<GroupValue> SCHEMA = Schema.of(GroupValue.class)
                .field("protocolType", STRING)
                .field("generation", INT32)
                .field("protocol", NULLABLE_STRING)
                .field("leader", NULLABLE_STRING)
                .field("currentStateTimestamp", INT64.since(2).orElse(-1L))
                .field("members", listOf(MemberValue.SCHEMA))
                .build();
    }

    /** A member of a generation and what it was assigned. */
    record MemberValue(
            String memberId,
            @Nullable String groupInstanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeout,
            int sessionTimeout,
            Bytes subscription,
            Bytes assignment) {
        static final Schema<MemberValue> SCHEMA = Schema.of(MemberValue.class)
                .field("memberId", STRING)
                .field("groupInstanceId", NULLABLE_STRING.since(3))
                .field("clientId", STRING)
                .field("clientHost", STRING)
                .field("rebalanceTimeout", INT32.since(1))
                .field("sessionTimeout", INT32)
                .field("subscription", BYTES)
                .field("assignment", BYTES)
                .build();
    }
}
