package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogTruncationTest {

    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    /** A segment takes four batches of one record, or a larger one. */
    private static final LogConfiguration SMALL =
            LogConfiguration.DEFAULT.withSegmentBytes(300).withIndex(100, 1024 * 1024);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);

    private PartitionLog open() {
        return PartitionLog.open(disk, DIRECTORY, SMALL, clock);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void aSegmentLosesItsOnlyBatchWhileSomebodyReadsIt(int recordsBefore) throws Exception {
        PartitionLog log = open();
        for (int i = 0; i < recordsBefore; i++) {
            append(log, 0, "v" + i);
        }
        String large = "x".repeat(250);
        append(log, 0, large, "y"); // has a segment of its own
        append(log, 0, "z");
        LogSlice held = log.read(recordsBefore, 1, Long.MAX_VALUE, true);

        log.truncateTo(recordsBefore + 1);
        append(log, 1, "new");
        append(log, 1, "newer");
        log.updateHighWatermark(recordsBefore + 1);
        log.advanceLogStartOffset(recordsBefore + 1);

        ByteBuf bytes = Unpooled.buffer();
        held.readInto(bytes);
        held.close();
        assertThat(bytes.toString(UTF_8)).contains(large);
        assertThat(values(log)).containsExactly((recordsBefore + 1) + ":newer");
        log.close();
        try (PartitionLog reopened = open()) {
            assertThat(values(reopened)).containsExactly((recordsBefore + 1) + ":newer");
        }
        assertThat(disk.openFiles()).isZero();
    }
}
