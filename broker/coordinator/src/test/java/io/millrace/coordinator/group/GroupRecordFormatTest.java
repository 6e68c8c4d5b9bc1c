package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.group.GroupRecord.GroupKey;
import io.millrace.coordinator.group.GroupRecord.GroupSaved;
import io.millrace.coordinator.group.GroupRecord.GroupValue;
import io.millrace.coordinator.group.GroupRecord.MemberValue;
import io.millrace.coordinator.group.GroupRecord.OffsetCommitted;
import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.coordinator.group.GroupRecord.OffsetValue;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.wire.Bytes;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes are those that Apache Kafka's tools read: big-endian, strings with two bytes of length. */
class GroupRecordFormatTest {

    @Test
    void anOffsetHasKafkasBytes() {
        var committed = new OffsetCommitted(new OffsetKey("g1", "t", 3), new OffsetValue(42, 7, "m", 256, -1));

        EncodedRecord encoded = GroupRecordFormat.write(committed);

        assertThat(hex(encoded.key())).isEqualTo("0001" + "00026731" + "000174" + "00000003");
        assertThat(hex(Objects.requireNonNull(encoded.value())))
                .isEqualTo("0003" + "000000000000002a" + "00000007" + "00016d" + "0000000000000100");
        assertThat(GroupRecordFormat.read(encoded.key(), encoded.value())).contains(committed);
    }

    @Test
    void aGroupHasKafkasBytes() {
        var member = new MemberValue("m", null, "c", "h", 1, 2, bytes("aa"), bytes("bb"));
        var saved =
                new GroupSaved(new GroupKey("g1"), new GroupValue("consumer", 5, "range", "m", 256, List.of(member)));

        EncodedRecord encoded = GroupRecordFormat.write(saved);

        assertThat(hex(encoded.key())).isEqualTo("0002" + "00026731");
        assertThat(hex(Objects.requireNonNull(encoded.value())))
                .isEqualTo("0003" + "0008636f6e73756d6572" + "00000005" + "000572616e6765" + "00016d"
                        + "0000000000000100" + "00000001" + "00016d" + "ffff" + "000163" + "000168" + "00000001"
                        + "00000002" + "00000001aa" + "00000001bb");
        assertThat(GroupRecordFormat.read(encoded.key(), encoded.value())).contains(saved);
    }

    @Test
    void valuesOfEarlierVersionsAreRead() {
        Bytes value = bytes("0001" + "000000000000002a" + "0000" + "0000000000000100" + "0000000000000200");

        assertThat(GroupRecordFormat.read(bytes("0000" + "00026731" + "000174" + "00000003"), value))
                .contains(new OffsetCommitted(new OffsetKey("g1", "t", 3), new OffsetValue(42, -1, "", 256, 512)));
    }

    @Test
    void aConsumerGroupHasKafkasBytes() {
        var key = new ConsumerGroupRecord.MemberKey("g1", "m");
        var topic = new TopicPartitions(new UUID(1, 2), List.of(3));
        var current = new ConsumerGroupRecord.CurrentSaved(
                key, new ConsumerGroupRecord.CurrentAssignment(5, 4, (byte) 1, List.of(topic), List.of()));
        var epoch = new ConsumerGroupRecord.EpochSaved(new GroupKey("g1"), new ConsumerGroupRecord.Epoch(5, 0));

        EncodedRecord encoded = GroupRecordFormat.write(current);

        assertThat(hex(encoded.key())).isEqualTo("0008" + "00026731" + "00016d");
        assertThat(hex(Objects.requireNonNull(encoded.value())))
                .isEqualTo("0000" + "00000005" + "00000004" + "01" + "02" + "00000000000000010000000000000002" + "02"
                        + "00000003" + "00" + "01" + "00");
        assertThat(GroupRecordFormat.read(encoded.key(), encoded.value())).contains(current);
        assertThat(hex(GroupRecordFormat.write(epoch).key())).isEqualTo("0003" + "00026731");
        assertThat(hex(Objects.requireNonNull(GroupRecordFormat.write(epoch).value())))
                .isEqualTo("0000" + "00000005" + "00");
    }

    @Test
    void aDeletedKeyHasNoValue() {
        var forgotten = new OffsetCommitted(new OffsetKey("g1", "t", 3), null);

        EncodedRecord encoded = GroupRecordFormat.write(forgotten);

        assertThat(encoded.value()).isNull();
        assertThat(GroupRecordFormat.read(encoded.key(), null)).contains(forgotten);
    }

    @Test
    void kindsOfLaterVersionsAreLeftOut() {
        assertThat(GroupRecordFormat.read(bytes("0004" + "00026731"), null)).isEmpty();
    }

    private static Bytes bytes(String hex) {
        return Bytes.consume(HexFormat.of().parseHex(hex));
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
