package io.millrace.coordinator.queue;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.VersionedLayout;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Schema;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of the cursor log as bytes: the key is the number of the record's kind, the value its version and fields.
 *
 * <p>All versions are flexible, so that fields may be added with a tag; a new meaning takes a new version or kind, which an
 * older broker refuses to read rather than skip.
 */
public final class CursorRecordFormat {
    private static final short FLEXIBLE_SINCE = 0;
    private static final short VERSION = 0;

    private record Kind<T extends Record & CursorRecord>(int id, Class<T> type, VersionedLayout<T> layout) {
        static <T extends Record & CursorRecord> Kind<T> of(int id, Class<T> type, Schema<T> schema) {
            return new Kind<>(id, type, new VersionedLayout<>(schema, FLEXIBLE_SINCE, VERSION));
        }

        Bytes write(CursorRecord value) {
            return layout.write(VERSION, type.cast(value));
        }
    }

    private static final List<Kind<?>> KINDS = List.of(
            Kind.of(0, CursorRecord.SubscriptionOpened.class, CursorRecord.SubscriptionOpened.SCHEMA),
            Kind.of(1, CursorRecord.SubscriptionClosed.class, CursorRecord.SubscriptionClosed.SCHEMA),
            Kind.of(2, CursorRecord.Acknowledged.class, CursorRecord.Acknowledged.SCHEMA),
            Kind.of(3, CursorRecord.Delivered.class, CursorRecord.Delivered.SCHEMA),
            Kind.of(4, CursorRecord.CheckpointBegun.class, CursorRecord.CheckpointBegun.SCHEMA),
            Kind.of(5, CursorRecord.CheckpointCursor.class, CursorRecord.CheckpointCursor.SCHEMA),
            Kind.of(6, CursorRecord.CheckpointBlock.class, CursorRecord.CheckpointBlock.SCHEMA),
            Kind.of(7, CursorRecord.CheckpointCounts.class, CursorRecord.CheckpointCounts.SCHEMA),
            Kind.of(8, CursorRecord.CheckpointEnded.class, CursorRecord.CheckpointEnded.SCHEMA),
            Kind.of(9, CursorRecord.DeadLettering.class, CursorRecord.DeadLettering.SCHEMA));

    private CursorRecordFormat() {}

    public static EncodedRecord write(CursorRecord value) {
        for (Kind<?> kind : KINDS) {
            if (kind.type().isInstance(value)) {
                byte[] key = ByteBuffer.allocate(Short.BYTES)
                        .putShort((short) kind.id())
                        .array();
                return new EncodedRecord(Bytes.consume(key), kind.write(value));
            }
        }
        throw new IllegalStateException("No kind is declared for " + value.getClass());
    }

    /** @throws MalformedMessageException where the kind is unknown or the bytes do not follow its layout */
    public static CursorRecord read(Bytes key, @Nullable Bytes value) {
        short id = VersionedLayout.versionOf(key);
        if (id < 0 || id >= KINDS.size() || value == null) {
            throw new MalformedMessageException("A record of the cursor log is of kind " + id + " with "
                    + (value == null ? "no value" : value.size() + " bytes") + "; this broker reads kinds 0 to "
                    + (KINDS.size() - 1) + ". A newer one may have written it");
        }
        return KINDS.get(id).layout().read(value);
    }
}
