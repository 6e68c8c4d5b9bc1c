package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.record.InvalidRecordException;
import io.millrace.storage.LogDirectory.Identity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {

    private static final Identity BROKER = new Identity("cluster", 1);
    private static final LogId DATA = new LogId(new UUID(0, 1), 0, LogId.Kind.DATA);
    private static final LogId CURSOR = new LogId(new UUID(0, 1), 0, LogId.Kind.CURSOR);
    private static final LogId OFFSETS = new LogId(new UUID(0, 2), 0, LogId.Kind.DATA);
    private static final Path ROOT = Path.of("/data");
    private static final int ENOUGH = 1 << 20;

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(1_000);

    private LogDirectory open(long minFreeBytes) {
        return LogDirectory.open(disk, ROOT, BROKER, minFreeBytes, clock);
    }

    @Test
    void aWriteThatDoesNotFitIsRefusedAndLeavesNothingBehind() {
        LogDirectory directory = open(0);
        PartitionLog log = directory.create(DATA, "orders", LogConfiguration.DEFAULT);
        append(log, 0, "a");
        disk.limitTo(disk.usedBytes() + 20);

        assertThatThrownBy(() -> append(log, 0, "b"))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("/data")
                .hasMessageContaining("bytes free");

        assertThat(values(log)).containsExactly("0:a");
        assertThat(disk.usableBytes(ROOT)).isEqualTo(20);
        assertThat(directory.failure()).isEmpty();
        disk.limitTo(disk.usedBytes() + ENOUGH);
        append(log, 0, "c");
        assertThat(values(log)).containsExactly("0:a", "1:c");
    }

    @Test
    void aLogWhoseSegmentIsFullGoesOnOnceThereIsRoom() {
        LogConfiguration small = LogConfiguration.DEFAULT.withSegmentBytes(150);
        LogDirectory directory = open(0);
        PartitionLog log = directory.create(DATA, "orders", small);
        append(log, 0, "a");
        append(log, 0, "b");
        for (int room = 0; room < 120; room += 7) {
            disk.limitTo(disk.usedBytes() + room);
            try {
                append(log, 0, "c");
                break;
            } catch (DiskFullException stillFull) {
                assertThat(values(log)).containsExactly("0:a", "1:b");
            }
        }
        disk.limitTo(disk.usedBytes() + ENOUGH);
        append(log, 0, "d");

        List<String> before = values(log);
        disk.killProcess();

        assertThat(values(open(0).create(DATA, "orders", small)))
                .isEqualTo(before)
                .endsWith(before.size() - 1 + ":d");
    }

    @Test
    void aLogThatFoundNoRoomToStartOverForgetsNothingThatIsNotOnTheMedium() {
        PartitionLog log = open(0).create(DATA, "orders", LogConfiguration.DEFAULT);
        append(log, 0, "forced");
        log.checkpoint();
        log.flush();
        append(log, 0, "only written");
        disk.limitTo(disk.usedBytes());

        assertThatThrownBy(() -> log.truncateFullyAndStartAt(2)).isInstanceOf(DiskFullException.class);

        disk.limitTo(ENOUGH);
        disk.killProcess();
        PartitionLog next = open(0).create(DATA, "orders", LogConfiguration.DEFAULT);
        next.flush();
        next.forceCheckpoint();
        disk.losePower(new Random(1), 1);
        PartitionLog found = open(0).create(DATA, "orders", LogConfiguration.DEFAULT);
        assertThat(found.logStartOffset()).isEqualTo(2);
        assertThat(found.logEndOffset()).isEqualTo(2);
    }

    @Test
    void aFollowerTakesBatchesOfSeveralEpochsOnceThereIsRoomForThem() throws InvalidRecordException {
        PartitionLog log = open(0).create(DATA, "orders", LogConfiguration.DEFAULT);
        disk.limitTo(disk.usedBytes() + 100);
        ByteBuf batches = Unpooled.wrappedBuffer(LogSamples.replicated(0, 1, "a"), LogSamples.replicated(1, 2, "b"));

        assertThatThrownBy(() -> log.appendAsFollower(batches, 2)).isInstanceOf(DiskFullException.class);
        disk.limitTo(ENOUGH);
        log.appendAsFollower(batches, 2);

        assertThat(values(log)).containsExactly("0:a", "1:b");
        assertThat(log.epochStartOffset(2)).hasValue(1);
    }

    @Test
    void recordsAreRefusedBeforeTheDiskIsFullSoThatCursorsAndInternalTopicsKeepRoom() {
        disk.limitTo(ENOUGH);
        LogDirectory directory = open(ENOUGH / 2);
        PartitionLog data = directory.create(DATA, "orders", LogConfiguration.DEFAULT);
        PartitionLog cursor = directory.create(CURSOR, "orders", LogConfiguration.DEFAULT);
        PartitionLog offsets = directory.create(OFFSETS, "__consumer_offsets", LogConfiguration.DEFAULT);
        append(data, 0, "a");

        disk.limitTo(ENOUGH / 2);
        clock.advance(1_000);

        assertThatThrownBy(() -> append(data, 0, "b"))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("log.dir.min.free.bytes=" + ENOUGH / 2);
        append(cursor, 0, "c");
        append(offsets, 0, "o");
        disk.limitTo(ENOUGH);
        append(data, 0, "d");
        assertThat(values(data)).containsExactly("0:a", "1:d");
    }

    @Test
    void aRestartOnAFullDiskServesReads() {
        LogDirectory directory = open(0);
        PartitionLog log = directory.create(DATA, "orders", LogConfiguration.DEFAULT.withIndex(0, 1024));
        append(log, 0, "a");
        append(log, 0, "b");
        append(log, 0, "c");
        disk.killProcess();
        disk.limitTo(disk.usedBytes());

        LogDirectory restarted = open(0);
        restarted.openAll(id -> LogConfiguration.DEFAULT.withIndex(0, 1024));

        assertThat(values(restarted.log(DATA).orElseThrow())).containsExactly("0:a", "1:b", "2:c");
    }

    @Test
    void aRealFileSystemThatFillsUpIsSurvived(@TempDir Path mountPoint) throws IOException, InterruptedException {
        boolean isMounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mountPoint.toString());
        if (!isMounted) {
            System.getLogger(DiskFullTest.class.getName())
                    .log(System.Logger.Level.WARNING, "Skipped: a tmpfs can be mounted by root only");
        }
        assumeThat(isMounted).as("a tmpfs could be mounted").isTrue();
        try {
            fillAndFree(mountPoint.resolve("logs"), mountPoint.resolve("ballast"));
        } finally {
            assertThat(run("umount", mountPoint.toString())).isTrue();
        }
    }

    private void fillAndFree(Path root, Path ballast) throws IOException {
        Files.write(ballast, new byte[256 * 1024]);
        String value = "x".repeat(30_000);
        List<String> whole;
        try (LogDirectory directory = LogDirectory.open(new FileDisk(), root, BROKER, clock)) {
            PartitionLog log = directory.create(DATA, "orders", LogConfiguration.DEFAULT.withSegmentBytes(100_000));
            int appended = 0;
            DiskFullException refusal = null;
            while (refusal == null && appended < 100) {
                try {
                    append(log, 0, value);
                    appended++;
                } catch (DiskFullException e) {
                    refusal = e;
                }
            }

            assertThat(refusal).isNotNull().hasMessageContaining(root.toString());
            assertThat(values(log)).hasSize(appended);
            Files.delete(ballast);
            append(log, 0, value);
            whole = values(log);
            assertThat(whole).hasSize(appended + 1);
        }
        try (LogDirectory directory = LogDirectory.open(new FileDisk(), root, BROKER, clock)) {
            directory.openAll(id -> LogConfiguration.DEFAULT);
            assertThat(values(directory.log(DATA).orElseThrow())).isEqualTo(whole);
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        boolean hasEnded = process.waitFor(10, TimeUnit.SECONDS);
        return hasEnded && process.exitValue() == 0;
    }
}
