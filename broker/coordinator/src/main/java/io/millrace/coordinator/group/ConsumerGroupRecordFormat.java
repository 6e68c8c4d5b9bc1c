package io.millrace.coordinator.group;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.VersionedLayout;
import io.millrace.coordinator.group.ConsumerGroupRecord.CurrentAssignment;
import io.millrace.coordinator.group.ConsumerGroupRecord.CurrentSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.Epoch;
import io.millrace.coordinator.group.ConsumerGroupRecord.EpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberKey;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.Target;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetEpoch;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetEpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetSaved;
import io.millrace.coordinator.group.GroupRecord.GroupKey;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records of consumer groups (KIP-848) as bytes. The version of the key says what the record is. */
final class ConsumerGroupRecordFormat {
    private static final short EPOCH = 3;
    private static final short MEMBER = 5;
    private static final short TARGET_EPOCH = 6;
    private static final short TARGET = 7;
    private static final short CURRENT = 8;
    private static final short VALUE_VERSION = 0;
    private static final short NEVER_FLEXIBLE = Short.MAX_VALUE;

    private static final VersionedLayout<GroupKey> GROUP_KEY =
            new VersionedLayout<>(GroupKey.SCHEMA, NEVER_FLEXIBLE, CURRENT);
    private static final VersionedLayout<MemberKey> MEMBER_KEY =
            new VersionedLayout<>(MemberKey.SCHEMA, NEVER_FLEXIBLE, CURRENT);
    private static final VersionedLayout<Epoch> EPOCH_VALUE = value(Epoch.SCHEMA);
    private static final VersionedLayout<MemberMetadata> MEMBER_VALUE = value(MemberMetadata.SCHEMA);
    private static final VersionedLayout<TargetEpoch> TARGET_EPOCH_VALUE = value(TargetEpoch.SCHEMA);
    private static final VersionedLayout<Target> TARGET_VALUE = value(Target.SCHEMA);
    private static final VersionedLayout<CurrentAssignment> CURRENT_VALUE = value(CurrentAssignment.SCHEMA);

    private ConsumerGroupRecordFormat() {}

    private static <T extends Record> VersionedLayout<T> value(Schema<T> schema) {
        return new VersionedLayout<>(schema, VALUE_VERSION, VALUE_VERSION);
    }

    static EncodedRecord write(ConsumerGroupRecord saved) {
        if (saved instanceof EpochSaved epoch) {
            return new EncodedRecord(GROUP_KEY.write(EPOCH, epoch.key()), write(EPOCH_VALUE, epoch.value()));
        } else if (saved instanceof MemberSaved member) {
            return new EncodedRecord(MEMBER_KEY.write(MEMBER, member.key()), write(MEMBER_VALUE, member.value()));
        } else if (saved instanceof TargetEpochSaved epoch) {
            return new EncodedRecord(
                    GROUP_KEY.write(TARGET_EPOCH, epoch.key()), write(TARGET_EPOCH_VALUE, epoch.value()));
        } else if (saved instanceof TargetSaved target) {
            return new EncodedRecord(MEMBER_KEY.write(TARGET, target.key()), write(TARGET_VALUE, target.value()));
        }
        var current = (CurrentSaved) saved;
        return new EncodedRecord(MEMBER_KEY.write(CURRENT, current.key()), write(CURRENT_VALUE, current.value()));
    }

    private static <T extends Record> @Nullable Bytes write(VersionedLayout<T> layout, @Nullable T value) {
        return value == null ? null : layout.write(VALUE_VERSION, value);
    }

    /** The record; empty where the key is of another kind. */
    static Optional<ConsumerGroupRecord> read(short kind, Bytes key, @Nullable Bytes value) {
        return Optional.ofNullable(
                switch (kind) {
                    case EPOCH -> new EpochSaved(GROUP_KEY.read(key), read(EPOCH_VALUE, value));
                    case MEMBER -> new MemberSaved(MEMBER_KEY.read(key), read(MEMBER_VALUE, value));
                    case TARGET_EPOCH -> new TargetEpochSaved(GROUP_KEY.read(key), read(TARGET_EPOCH_VALUE, value));
                    case TARGET -> new TargetSaved(MEMBER_KEY.read(key), read(TARGET_VALUE, value));
                    case CURRENT -> new CurrentSaved(MEMBER_KEY.read(key), read(CURRENT_VALUE, value));
                    default -> null;
                });
    }

    private static <T extends Record> @Nullable T read(VersionedLayout<T> layout, @Nullable Bytes value) {
        return value == null ? null : layout.read(value);
    }
}
