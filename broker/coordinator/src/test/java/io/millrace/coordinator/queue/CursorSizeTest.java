package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.EncodedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a long queue costs of which every second message is acknowledged. The times are printed, not judged. */
class CursorSizeTest {
    private static final System.Logger LOGGER = System.getLogger(CursorSizeTest.class.getName());

    private static final long MESSAGES = 10_000_000;
    private static final long BLOCKS = MESSAGES / OffsetBlock.SIZE + 1;
    private static final int RECORD_OVERHEAD_MAX = 64;

    @Test
    void tenMillionMessagesOfWhichEverySecondIsAcknowledgedTakeABitEach() {
        var cursors = PartitionCursors.ofQueue(0, QueueLimits.of(1_000));
        long begin = System.nanoTime();
        for (long offset = 1; offset < MESSAGES; offset += 2) {
            cursors.replay(CursorRecord.Acknowledged.of(
                    null, AcknowledgeOutcome.ACCEPTED, List.of(new OffsetRange(offset, offset))));
        }
        long acknowledged = System.nanoTime();

        List<EncodedRecord> checkpoint =
                cursors.checkpoint(1, 0).stream().map(CursorRecordFormat::write).toList();
        long written = System.nanoTime();
        var restored = PartitionCursors.ofQueue(0, QueueLimits.of(1_000));
        checkpoint.forEach(part -> restored.replay(CursorRecordFormat.read(part.key(), part.value())));
        long read = System.nanoTime();

        long checkpointBytes = checkpoint.stream()
                .mapToLong(part ->
                        part.key().size() + Objects.requireNonNull(part.value()).size())
                .sum();
        long heapBytes = cursorOf(restored).acknowledged().sizeInBytes();
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> MESSAGES + " messages, every second acknowledged: checkpoint " + checkpointBytes + " bytes in "
                        + checkpoint.size() + " records, heap " + heapBytes + " bytes; acknowledging took "
                        + (acknowledged - begin) / 1_000_000 + " ms, writing " + (written - acknowledged) / 1_000_000
                        + " ms, replaying " + (read - written) / 1_000_000 + " ms");
        assertThat(heapBytes).isLessThanOrEqualTo(BLOCKS * BitmapBlock.BYTES);
        assertThat(checkpointBytes).isLessThanOrEqualTo((BLOCKS + 3) * (BitmapBlock.BYTES + RECORD_OVERHEAD_MAX));
        assertThat(evenOffsetsOf(cursorOf(restored))).isEqualTo(MESSAGES / 2);
    }

    private static QueueCursor cursorOf(PartitionCursors cursors) {
        return cursors.cursor(null).orElseThrow();
    }

    /** Acquires everything and counts it, in steps that give up what they hold. */
    private static long evenOffsetsOf(QueueCursor cursor) {
        var consumer = new ConsumerId(1, new UUID(0, 1));
        long count = 0;
        cursor.onReserved(new CursorRecord.Delivered(null, MESSAGES, List.of()));
        cursor.all().lookAtPlain(0, MESSAGES - 1);
        while (cursor.firstAvailable(consumer).isPresent()) {
            var done = new ArrayList<OffsetRange>();
            for (DeliveryCount range : cursor.acquire(consumer, 1_000, MESSAGES)) {
                assertThat(range.first() % 2).isZero();
                count += range.count();
                done.add(new OffsetRange(range.first(), range.last()));
            }
            cursor.replay(CursorRecord.Acknowledged.of(null, AcknowledgeOutcome.ACCEPTED, done));
        }
        return count;
    }
}
