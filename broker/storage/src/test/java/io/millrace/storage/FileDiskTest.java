package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log on the real disk: what a disk in memory cannot show. */
class FileDiskTest {

    @TempDir
    Path root;

    private PartitionLog open() {
        return PartitionLog.open(new FileDisk(), root.resolve("log"), LogConfiguration.DEFAULT, InstantSource.system());
    }

    @Test
    void aRegionSendsTheBytesAndGivesTheLeaseBack() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a", "b");
            append(log, 0, "c");
            FileRegion region = log.read(0, 1000, Long.MAX_VALUE, true).toFileRegion();
            log.truncateTo(2);

            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            long transferred = region.transferTo(Channels.newChannel(sent), 0);
            region.release();

            assertThat(transferred).isEqualTo(region.count());
            List<String> received = new ArrayList<>();
            LogSamples.addValues(Unpooled.wrappedBuffer(sent.toByteArray()), 0, received);
            assertThat(received).containsExactly("0:a", "1:b", "2:c");
            append(log, 1, "C");
            assertThat(values(log)).containsExactly("0:a", "1:b", "2:C");
        }
    }

    @Test
    void anInterruptedReaderDisturbsNobodyElse() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a");
            try (LogSlice slice = log.read(0, 1000, Long.MAX_VALUE, true)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> slice.toByteBuf(ByteBufAllocator.DEFAULT))
                        .isInstanceOf(StorageException.class);
                assertThat(Thread.interrupted()).isTrue();
            }

            append(log, 0, "b");
            log.flush();

            assertThat(values(log)).containsExactly("0:a", "1:b");
        }
        try (PartitionLog log = open()) {
            assertThat(values(log)).containsExactly("0:a", "1:b");
        }
    }

    @Test
    void aBatchInSeveralBuffersIsGathered() throws Exception {
        try (PartitionLog log = open()) {
            ByteBuf batch = LogSamples.batch("some value");
            ByteBuf direct = Unpooled.directBuffer().writeBytes(batch, 0, 40);
            ByteBuf parts = Unpooled.wrappedBuffer(direct, batch.slice(40, batch.readableBytes() - 40));

            LogSamples.appended(log, 0, parts);

            assertThat(values(log)).containsExactly("0:some value");
            parts.release();
        }
    }

    @Test
    void aFileIsReplacedAsAWhole() {
        FileDisk disk = new FileDisk();
        Path file = root.resolve("small");

        disk.replace(file, "first".getBytes(StandardCharsets.UTF_8), true);
        disk.replace(file, "second one".getBytes(StandardCharsets.UTF_8), false);

        assertThat(new String(disk.read(file), StandardCharsets.UTF_8)).isEqualTo("second one");
        assertThat(disk.list(root)).containsExactly("small");
    }

    @Test
    void writesAndReadsStopWhereTheFileEnds() {
        try (DiskFile file = new FileDisk().open(root.resolve("file"))) {
            file.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3})}, 0);
            ByteBuffer target = ByteBuffer.allocate(10);

            int read = file.read(target, 1);

            assertThat(read).isEqualTo(2);
            assertThat(file.size()).isEqualTo(3);
        }
    }

    @Test
    void failuresNameThePath() {
        FileDisk disk = new FileDisk();

        assertThatThrownBy(() -> disk.open(root.resolve("missing").resolve("file")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("missing");
        assertThat(disk.list(root.resolve("missing"))).isEmpty();
    }
}
