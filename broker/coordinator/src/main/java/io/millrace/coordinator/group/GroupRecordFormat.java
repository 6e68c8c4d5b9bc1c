package io.millrace.coordinator.group;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.VersionedLayout;
import io.millrace.coordinator.group.GroupRecord.GroupKey;
import io.millrace.coordinator.group.GroupRecord.GroupSaved;
import io.millrace.coordinator.group.GroupRecord.GroupValue;
import io.millrace.coordinator.group.GroupRecord.OffsetCommitted;
import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.coordinator.group.GroupRecord.OffsetPending;
import io.millrace.coordinator.group.GroupRecord.OffsetValue;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records of {@code __consumer_offsets} as bytes. The version of the key says what the record is. */
public final class GroupRecordFormat {
    private static final short OFFSET_KEY_VERSION_MAX = 1;
    private static final short GROUP_KEY_VERSION = 2;
    private static final short VALUE_VERSION = 3;
    private static final short NEVER_FLEXIBLE = Short.MAX_VALUE;

    private static final VersionedLayout<OffsetKey> OFFSET_KEY =
            new VersionedLayout<>(OffsetKey.SCHEMA, NEVER_FLEXIBLE, OFFSET_KEY_VERSION_MAX);
    private static final VersionedLayout<OffsetValue> OFFSET_VALUE =
            new VersionedLayout<>(OffsetValue.SCHEMA, NEVER_FLEXIBLE, VALUE_VERSION);
    private static final VersionedLayout<GroupKey> GROUP_KEY =
            new VersionedLayout<>(GroupKey.SCHEMA, NEVER_FLEXIBLE, GROUP_KEY_VERSION);
    private static final VersionedLayout<GroupValue> GROUP_VALUE =
            new VersionedLayout<>(GroupValue.SCHEMA, NEVER_FLEXIBLE, VALUE_VERSION);

    private GroupRecordFormat() {}

    public static EncodedRecord write(GroupRecord value) {
        if (value instanceof OffsetCommitted offset) {
            return new EncodedRecord(
                    OFFSET_KEY.write(OFFSET_KEY_VERSION_MAX, offset.key()),
                    offset.value() == null ? null : OFFSET_VALUE.write(VALUE_VERSION, offset.value()));
        }
        if (value instanceof OffsetPending pending) {
            return write(new OffsetCommitted(pending.key(), pending.value()));
        }
        if (value instanceof ConsumerGroupRecord consumers) {
            return ConsumerGroupRecordFormat.write(consumers);
        }
        var group = (GroupSaved) value;
        return new EncodedRecord(
                GROUP_KEY.write(GROUP_KEY_VERSION, group.key()),
                group.value() == null ? null : GROUP_VALUE.write(VALUE_VERSION, group.value()));
    }

    /**
     * The record; empty where its key is of a kind that Kafka writes and groups here do not need.
     *
     * @throws MalformedMessageException where the bytes do not follow their layout
     */
    public static Optional<GroupRecord> read(Bytes key, @Nullable Bytes value) {
        short kind = VersionedLayout.versionOf(key);
        if (kind < 0 || kind > GROUP_KEY_VERSION) {
            return ConsumerGroupRecordFormat.read(kind, key, value).map(GroupRecord.class::cast);
        }
        if (kind <= OFFSET_KEY_VERSION_MAX) {
            return Optional.of(
                    new OffsetCommitted(OFFSET_KEY.read(key), value == null ? null : OFFSET_VALUE.read(value)));
        }
        return Optional.of(new GroupSaved(GROUP_KEY.read(key), value == null ? null : GROUP_VALUE.read(value)));
    }
}
