package io.millrace.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import io.netty.buffer.ByteBufUtil;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TransactionRecordFormatTest {
    private static final TransactionPartition FIRST = new TransactionPartition("t", 1);
    private static final TransactionPartition SECOND = new TransactionPartition("t", 2);

    private static Transaction transaction(TransactionState state, Set<TransactionPartition> partitions, int last) {
        return new Transaction(
                7, -1, -1, (short) 3, (short) last, 60_000, state, new TreeSet<>(partitions), 5, 6, (short) 0);
    }

    @Test
    void aRecordHasTheBytesOfKafka() {
        var written = TransactionRecordFormat.write(
                new TransactionRecord("id", transaction(TransactionState.ONGOING, Set.of(FIRST, SECOND), -1)));

        assertThat(hex(written.key())).isEqualTo("0000" + "0002" + "6964");
        assertThat(hex(Objects.requireNonNull(written.value())))
                .isEqualTo(
                        "0001" // version
                                + "0000000000000007" + "0003" + "0000ea60" // producer id, epoch, timeout
                                + "01" // ongoing
                                + "02" + "0274" + "03" + "00000001" + "00000002" + "00" // one topic, two partitions
                                + "0000000000000006" + "0000000000000005" // last update, start
                                + "00"); // no tagged field
    }

    @Test
    void everythingIsReadBack() {
        var written = new Transaction(
                7,
                6,
                8,
                (short) 3,
                (short) 2,
                60_000,
                TransactionState.PREPARE_COMMIT,
                new TreeSet<>(Set.of(FIRST)),
                5,
                6,
                Transaction.V2);

        var encoded = TransactionRecordFormat.write(new TransactionRecord("id", written));

        assertThat(TransactionRecordFormat.read(encoded.key(), encoded.value()))
                .contains(new TransactionRecord("id", written));
    }

    @Test
    void theOldestValueIsRead() {
        byte[] value = ByteBufUtil.decodeHexDump("0000" + "0000000000000007" + "0003" + "0000ea60" + "04" + "00000001"
                + "0001" + "74" + "00000001" + "00000001" + "0000000000000006" + "0000000000000005");

        var read = TransactionRecordFormat.read(key("00000002" + "6964"), Bytes.consume(value));

        assertThat(read)
                .contains(
                        new TransactionRecord("id", transaction(TransactionState.COMPLETE_COMMIT, Set.of(FIRST), -1)));
    }

    @Test
    void anIdThatIsForgottenHasNoValue() {
        var encoded = TransactionRecordFormat.write(new TransactionRecord("id", null));

        assertThat(encoded.value()).isNull();
        assertThat(TransactionRecordFormat.read(encoded.key(), null)).contains(new TransactionRecord("id", null));
    }

    @Test
    void aKeyOfAnotherKindIsPassedOver() {
        assertThat(TransactionRecordFormat.read(key("00010002" + "6964"), null)).isEmpty();
    }

    @Test
    void aStateThatNobodyKnowsIsNotGuessed() {
        byte[] value = ByteBufUtil.decodeHexDump("0000" + "0000000000000007" + "0003" + "0000ea60" + "63" + "ffffffff"
                + "0000000000000006" + "0000000000000005");

        assertThatThrownBy(() -> TransactionRecordFormat.read(key("00000002" + "6964"), Bytes.consume(value)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("state 99");
    }

    private static Bytes key(String hex) {
        return Bytes.consume(ByteBufUtil.decodeHexDump(hex));
    }

    private static String hex(Bytes bytes) {
        return ByteBufUtil.hexDump(bytes.toByteArray());
    }
}
