package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CursorRecordFormatTest {

    @Test
    void everyRecordIsTheSameWhenReadBack() {
        List<CursorRecord> records = List.of(
                new CursorRecord.SubscriptionOpened("audit", 17),
                new CursorRecord.SubscriptionClosed("audit"),
                CursorRecord.Acknowledged.of(null, AcknowledgeOutcome.REJECTED, List.of(new OffsetRange(3, 9))),
                new CursorRecord.Delivered(null, 12, List.of(new DeliveryCount(1, 2, 3))),
                new CursorRecord.CheckpointBegun(5, 1_000),
                new CursorRecord.CheckpointCursor(5, null, 100, 200),
                new CursorRecord.CheckpointBlock(5, "audit", 65_536, Bytes.copyOf(new byte[] {0, 1, 2})),
                new CursorRecord.CheckpointCounts(5, null, List.of(new DeliveryCount(1, 2, 3))),
                new CursorRecord.CheckpointEnded(5, 3),
                new CursorRecord.DeadLettering(
                        "audit",
                        "DLQ.prices",
                        2,
                        4711,
                        List.of(
                                new DeadLetter(17, 10, DeathCause.MAX_DELIVERIES, "no \u00dcber"),
                                new DeadLetter(18, 0, DeathCause.EXPIRED, null))));

        for (CursorRecord logged : records) {
            EncodedRecord encoded = CursorRecordFormat.write(logged);

            assertThat(CursorRecordFormat.read(encoded.key(), encoded.value())).isEqualTo(logged);
        }
    }

    @Test
    void anUnknownKindIsRefusedNotSkipped() {
        Bytes unknownKind = Bytes.copyOf(new byte[] {0, 99});

        assertThatThrownBy(() -> CursorRecordFormat.read(unknownKind, Bytes.EMPTY))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("kind 99");
    }

    @Test
    void aNewerVersionIsRefusedNotSkipped() {
        EncodedRecord encoded = CursorRecordFormat.write(new CursorRecord.SubscriptionClosed("audit"));
        byte[] newer = java.util.Objects.requireNonNull(encoded.value()).toByteArray();
        newer[1] = 9;

        assertThatThrownBy(() -> CursorRecordFormat.read(encoded.key(), Bytes.copyOf(newer)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("version 9");
    }
}
