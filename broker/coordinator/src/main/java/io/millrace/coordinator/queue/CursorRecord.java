package io.millrace.coordinator.queue;

import static io.millrace.protocol.wire.Type.BYTES;
import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;
import static io.millrace.protocol.wire.Type.INT8;
import static io.millrace.protocol.wire.Type.NULLABLE_STRING;
import static io.millrace.protocol.wire.Type.STRING;
import static io.millrace.protocol.wire.Type.listOf;

import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of a partition's cursor log. {@link CursorRecordFormat} makes bytes of it.
 *
 * <p>A subscription of null is the one that a queue has from the beginning.
 */
public sealed interface CursorRecord {

    /** From here on the subscription has a cursor; what is below its start offset counts as acknowledged. */
    record SubscriptionOpened(@Nullable String subscription, long startOffset) implements CursorRecord {
        static final Schema<SubscriptionOpened> SCHEMA = Schema.of(SubscriptionOpened.class)
                .field("subscription", NULLABLE_STRING)
                .field("startOffset", INT64)
                .build();
    }

    /** The subscription's cursor is gone. */
    record SubscriptionClosed(@Nullable String subscription) implements CursorRecord {
        static final Schema<SubscriptionClosed> SCHEMA = Schema.of(SubscriptionClosed.class)
                .field("subscription", NULLABLE_STRING)
                .build();
    }

    /** These offsets are never delivered again. */
    record Acknowledged(@Nullable String subscription, byte outcomeId, List<OffsetRange> ranges)
            implements CursorRecord {
        static final Schema<Acknowledged> SCHEMA = Schema.of(Acknowledged.class)
                .field("subscription", NULLABLE_STRING)
                .field("outcomeId", INT8)
                .field("ranges", listOf(OffsetRange.SCHEMA))
                .build();

        static Acknowledged of(@Nullable String subscription, AcknowledgeOutcome outcome, List<OffsetRange> ranges) {
            return new Acknowledged(subscription, outcome.id(), List.copyOf(ranges));
        }

        /** Adds the record that says it of these offsets, where there are any. */
        static void addTo(
                List<CursorRecord> records,
                @Nullable String subscription,
                AcknowledgeOutcome outcome,
                List<OffsetRange> ranges) {
            if (!ranges.isEmpty()) {
                records.add(of(subscription, outcome, ranges));
            }
        }

        public AcknowledgeOutcome outcome() {
            return AcknowledgeOutcome.ofId(outcomeId);
        }
    }

    /**
     * What may have been handed to consumers.
     *
     * @param deliveredUpTo everything below may have been delivered; committed before anything is
     * @param counts what has been delivered more than once, written behind
     */
    record Delivered(@Nullable String subscription, long deliveredUpTo, List<DeliveryCount> counts)
            implements CursorRecord {
        static final Schema<Delivered> SCHEMA = Schema.of(Delivered.class)
                .field("subscription", NULLABLE_STRING)
                .field("deliveredUpTo", INT64)
                .field("counts", listOf(DeliveryCount.SCHEMA))
                .build();
    }

    /**
     * Records are moved to a dead-letter queue, and delivered to nobody from now on; {@link Acknowledged} says when that is done. The latest of a
     * subscription counts.
     *
     * @param producerId under which they are written, as one batch with sequence 0, so that it is taken once
     */
    record DeadLettering(
            @Nullable String subscription, String queue, int partition, long producerId, List<DeadLetter> letters)
            implements CursorRecord {
        static final Schema<DeadLettering> SCHEMA = Schema.of(DeadLettering.class)
                .field("subscription", NULLABLE_STRING)
                .field("queue", STRING)
                .field("partition", INT32)
                .field("producerId", INT64)
                .field("letters", listOf(DeadLetter.SCHEMA))
                .build();

        /** What is to be committed when the dead-letter queue has them. */
        public Acknowledged moved() {
            List<OffsetRange> ranges = letters.stream()
                    .map(letter -> new OffsetRange(letter.offset(), letter.offset()))
                    .toList();
            return Acknowledged.of(subscription, AcknowledgeOutcome.DEAD, ranges);
        }
    }

    /**
     * A checkpoint follows, which counts only once its end has been read.
     *
     * @param coveredOffset the checkpoint contains all that the records of the cursor log below this offset say
     */
    record CheckpointBegun(long checkpointId, long coveredOffset) implements CursorRecord {
        static final Schema<CheckpointBegun> SCHEMA = Schema.of(CheckpointBegun.class)
                .field("checkpointId", INT64)
                .field("coveredOffset", INT64)
                .build();
    }

    /** A cursor of the checkpoint; all below its prefix end is acknowledged. */
    record CheckpointCursor(long checkpointId, @Nullable String subscription, long prefixEnd, long deliveredUpTo)
            implements CursorRecord {
        static final Schema<CheckpointCursor> SCHEMA = Schema.of(CheckpointCursor.class)
                .field("checkpointId", INT64)
                .field("subscription", NULLABLE_STRING)
                .field("prefixEnd", INT64)
                .field("deliveredUpTo", INT64)
                .build();
    }

    /** What is acknowledged of 65,536 offsets, in the form of {@link OffsetBlockFormat}. */
    record CheckpointBlock(long checkpointId, @Nullable String subscription, long baseOffset, Bytes acknowledged)
            implements CursorRecord {
        static final Schema<CheckpointBlock> SCHEMA = Schema.of(CheckpointBlock.class)
                .field("checkpointId", INT64)
                .field("subscription", NULLABLE_STRING)
                .field("baseOffset", INT64)
                .field("acknowledged", BYTES)
                .build();
    }

    /** What the checkpoint knows to have been delivered more than once. */
    record CheckpointCounts(long checkpointId, @Nullable String subscription, List<DeliveryCount> counts)
            implements CursorRecord {
        static final Schema<CheckpointCounts> SCHEMA = Schema.of(CheckpointCounts.class)
                .field("checkpointId", INT64)
                .field("subscription", NULLABLE_STRING)
                .field("counts", listOf(DeliveryCount.SCHEMA))
                .build();
    }

    /** The checkpoint is complete if as many of its records were read between its begin and this. */
    record CheckpointEnded(long checkpointId, int recordCount) implements CursorRecord {
        static final Schema<CheckpointEnded> SCHEMA = Schema.of(CheckpointEnded.class)
                .field("checkpointId", INT64)
                .field("recordCount", INT32)
                .build();
    }
}
