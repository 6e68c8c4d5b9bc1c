package io.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.wire.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClassicProtocolTest {

    private static ByteBuffer text(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return out.putShort((short) bytes.length).put(bytes);
    }

    private static byte[] assignment() {
        ByteBuffer out = ByteBuffer.allocate(64).putShort((short) 3).putInt(2);
        text(out, "orders").putInt(2).putInt(0).putInt(7);
        text(out, "bills").putInt(1).putInt(1);
        out.putInt(-1); // what assignors keep for themselves
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void anAssignmentNamesPartitions() {
        assertThat(ClassicProtocol.partitions(Bytes.copyOf(assignment())))
                .containsExactly(
                        new TopicPartition("orders", 0),
                        new TopicPartition("orders", 7),
                        new TopicPartition("bills", 1));
    }

    @Test
    void aSubscriptionNamesTopics() {
        ByteBuffer out = ByteBuffer.allocate(64).putShort((short) 1).putInt(2);
        text(text(out, "orders"), "bills");

        assertThat(ClassicProtocol.topics(Bytes.copyOf(Arrays.copyOf(out.array(), out.position()))))
                .containsExactly("orders", "bills");
    }

    @Test
    void bytesThatAreCutOffOrSomethingElseAreReadAsNothing() {
        byte[] whole = assignment();

        for (int length = 0; length < whole.length - Integer.BYTES; length++) {
            assertThat(ClassicProtocol.partitions(Bytes.copyOf(Arrays.copyOf(whole, length))))
                    .as("%d of %d bytes", length, whole.length)
                    .isEmpty();
        }
        assertThat(ClassicProtocol.topics(Bytes.copyOf(new byte[] {0, 1, 0, 0, 0, 1, -1, -1})))
                .isEmpty();
    }
}
