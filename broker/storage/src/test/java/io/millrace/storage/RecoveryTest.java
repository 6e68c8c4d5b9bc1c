package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.appended;
import static io.millrace.storage.LogSamples.batch;
import static io.millrace.storage.LogSamples.batchAt;
import static io.millrace.storage.LogSamples.values;
import static io.millrace.storage.LogSamples.valuesFrom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a log is after its process or its machine died, and what it refuses to be. */
class RecoveryTest {

    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final LogConfiguration SMALL =
            LogConfiguration.DEFAULT.withSegmentBytes(400).withIndex(100, 1024 * 1024);
    private static final LogConfiguration ONE_SEGMENT = LogConfiguration.DEFAULT.withIndex(100, 1024 * 1024);

    private final ManualTime clock = new ManualTime(10_000);

    private PartitionLog open(InMemoryDisk disk, LogConfiguration configuration) {
        return PartitionLog.open(disk, DIRECTORY, configuration, clock);
    }

    /** A disk whose process died after so many appends of one record each. */
    private InMemoryDisk killedAfter(int appends, LogConfiguration configuration) {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, configuration);
        for (int i = 0; i < appends; i++) {
            append(log, 1, "v" + i);
        }
        disk.killProcess();
        return disk;
    }

    private static List<String> expected(int count) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(i + ":v" + i);
        }
        return values;
    }

    private static Path lastLog(InMemoryDisk disk) {
        return DIRECTORY.resolve(disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".log"))
                .max(String::compareTo)
                .orElseThrow());
    }

    @Test
    void aSegmentThatLostItsContentsIsDamageWhenOthersFollow() {
        InMemoryDisk disk = killedAfter(50, SMALL);
        Path first = DIRECTORY.resolve("00000000000000000000.log");
        disk.replace(first, new byte[0], true);
        disk.delete(DIRECTORY.resolve("00000000000000000000.index"));

        assertThatThrownBy(() -> open(disk, SMALL))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("ends at offset 0");
    }

    @Test
    void aSegmentThatEndsBeforeTheNextOneBeginsIsDamage() {
        InMemoryDisk disk = killedAfter(50, SMALL);
        Path first = DIRECTORY.resolve("00000000000000000000.log");
        byte[] bytes = disk.read(first);
        int batchBytes = 12 + java.nio.ByteBuffer.wrap(bytes).getInt(8);
        disk.replace(first, Arrays.copyOf(bytes, 2 * batchBytes), true);
        disk.delete(DIRECTORY.resolve("00000000000000000000.index"));

        assertThatThrownBy(() -> open(disk, SMALL))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("ends at offset 2");
    }

    @Test
    void aKilledProcessLosesNothingThatWasAppended() {
        InMemoryDisk disk = killedAfter(50, SMALL);

        try (PartitionLog log = open(disk, SMALL)) {
            assertThat(values(log)).isEqualTo(expected(50));
            assertThat(log.latestEpoch()).hasValue(1);
            assertThat(append(log, 1, "v50")).isEqualTo(50);
        }
    }

    @Test
    void aTailCutAtAnyByteOfTheLastBatchIsCutOff() {
        InMemoryDisk whole = killedAfter(5, SMALL);
        int batchBytes = batch("v4").readableBytes();
        byte[] bytes = whole.read(lastLog(whole));

        for (int missing = 1; missing < batchBytes; missing++) {
            InMemoryDisk disk = whole.copy();
            disk.replace(lastLog(disk), Arrays.copyOf(bytes, bytes.length - missing), false);

            try (PartitionLog log = open(disk, SMALL)) {
                assertThat(values(log)).as("%d bytes missing", missing).isEqualTo(expected(4));
                assertThat(append(log, 2, "new")).isEqualTo(4);
            }
        }
    }

    @Test
    void garbageFromAnyByteOfTheLastBatchOnIsCutOff() {
        InMemoryDisk whole = killedAfter(5, SMALL);
        int batchBytes = batch("v4").readableBytes();
        byte[] bytes = whole.read(lastLog(whole));
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int kept = 12; kept < batchBytes; kept++) {
            byte[] garbage = new byte[batchBytes - kept + random.nextInt(50)];
            random.nextBytes(garbage);
            byte[] damaged = Arrays.copyOf(bytes, bytes.length - batchBytes + kept + garbage.length);
            System.arraycopy(garbage, 0, damaged, bytes.length - batchBytes + kept, garbage.length);
            garbageChangesTheBatch(bytes, damaged);
            InMemoryDisk disk = whole.copy();
            disk.replace(lastLog(disk), damaged, false);

            try (PartitionLog log = open(disk, SMALL)) {
                assertThat(values(log)).as("%d kept, seed %d", kept, seed).isEqualTo(expected(4));
            }
        }
    }

    private static void garbageChangesTheBatch(byte[] bytes, byte[] damaged) {
        if (Arrays.equals(bytes, 0, bytes.length, damaged, 0, bytes.length)) {
            damaged[bytes.length - 1] ^= 1;
        }
    }

    @Test
    void aTailOfZerosIsCutOff() {
        InMemoryDisk disk = killedAfter(5, SMALL);
        byte[] bytes = disk.read(lastLog(disk));
        disk.replace(lastLog(disk), Arrays.copyOf(bytes, bytes.length + 4096), false);

        try (PartitionLog log = open(disk, SMALL)) {
            assertThat(values(log)).isEqualTo(expected(5));
        }
    }

    @Test
    void aFlippedBitInTheMiddleTakesTheLogOfflineUntouched() {
        InMemoryDisk whole = killedAfter(6, ONE_SEGMENT);
        int batchBytes = batch("v0").readableBytes();
        byte[] bytes = whole.read(lastLog(whole));

        for (int at = 2 * batchBytes; at < 3 * batchBytes; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            InMemoryDisk disk = whole.copy();
            disk.replace(lastLog(disk), damaged, false);

            var corrupt = catchThrowableOfType(CorruptLogException.class, () -> open(disk, ONE_SEGMENT));

            assertThat(corrupt).as("byte %d of the batch", at - 2 * batchBytes).isNotNull();
            assertThat(corrupt.validUpTo()).isEqualTo(2);
            assertThat(disk.read(lastLog(disk))).isEqualTo(damaged);
            assertThat(disk.openFiles()).isZero();
        }
    }

    @Test
    void damageBeforeALaterSegmentTakesTheLogOffline() {
        InMemoryDisk disk = killedAfter(50, SMALL);
        Path first = DIRECTORY.resolve("00000000000000000000.log");
        byte[] bytes = disk.read(first);
        disk.replace(first, Arrays.copyOf(bytes, bytes.length - 1), false);

        assertThatThrownBy(() -> open(disk, SMALL))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Valid batches follow");
    }

    @Test
    void aTornBatchBelowTheHighWatermarkTakesTheLogOffline() {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, ONE_SEGMENT);
        append(log, 0, "v0");
        append(log, 0, "v1");
        log.updateHighWatermark(2);
        log.checkpoint();
        disk.killProcess();
        byte[] bytes = disk.read(lastLog(disk));
        disk.replace(lastLog(disk), Arrays.copyOf(bytes, bytes.length - 1), false);

        assertThatThrownBy(() -> open(disk, ONE_SEGMENT))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("committed or flushed");
    }

    @Test
    void batchesThatVanishedBelowTheHighWatermarkAreMissed() {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, ONE_SEGMENT);
        append(log, 0, "v0");
        log.flush();
        append(log, 0, "v1");
        log.updateHighWatermark(2);
        log.checkpoint();
        disk.killProcess();
        byte[] bytes = disk.read(lastLog(disk));
        disk.replace(lastLog(disk), Arrays.copyOf(bytes, bytes.length / 2), false);

        var corrupt = catchThrowableOfType(CorruptLogException.class, () -> open(disk, ONE_SEGMENT));

        assertThat(corrupt.validUpTo()).isEqualTo(1);
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void aRepairCutsWhereTheWholePartEnds() {
        InMemoryDisk disk = killedAfter(50, SMALL);
        Path third = DIRECTORY.resolve(disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".log"))
                .sorted()
                .toList()
                .get(2));
        byte[] bytes = disk.read(third);
        bytes[bytes.length - 1] ^= 1;
        disk.replace(third, bytes, false);
        long validUpTo = catchThrowableOfType(CorruptLogException.class, () -> open(disk, SMALL))
                .validUpTo();

        try (PartitionLog log = PartitionLog.repair(disk, DIRECTORY, SMALL, clock)) {
            assertThat(values(log)).isEqualTo(expected((int) validUpTo));
            append(log, 2, "again");
        }

        try (PartitionLog log = open(disk, SMALL)) {
            assertThat(log.logEndOffset()).isEqualTo(validUpTo + 1);
        }
    }

    @Test
    void lossOfPowerAboveTheHighWatermarkIsSurvived() {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, SMALL);
        for (int i = 0; i < 20; i++) {
            append(log, 0, "v" + i);
        }
        log.updateHighWatermark(20);
        log.flush();
        log.checkpoint();
        for (int i = 20; i < 23; i++) {
            append(log, 0, "v" + i);
        }

        disk.losePower();

        try (PartitionLog reopened = open(disk, SMALL)) {
            assertThat(values(reopened)).isEqualTo(expected(20));
        }
    }

    @Test
    void whatWasFlushedAndIndexedIsNotCheckedAgain() {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, ONE_SEGMENT);
        for (int i = 0; i < 1500; i++) {
            append(log, 0, "v" + i);
        }
        log.flush();
        log.checkpoint();
        append(log, 0, "v1500");
        disk.killProcess();
        byte[] bytes = disk.read(lastLog(disk));
        bytes[65] ^= 1;
        disk.replace(lastLog(disk), bytes, false);

        try (PartitionLog reopened = open(disk, ONE_SEGMENT)) {
            assertThat(reopened.logEndOffset()).isEqualTo(1501);
            assertThat(valuesFrom(reopened, 1400, 1000)).hasSize(101);
        }
    }

    @Test
    void missingAndDamagedIndexesAreBuiltAnew() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        InMemoryDisk whole = new InMemoryDisk();
        try (PartitionLog log = open(whole, SMALL)) {
            for (int i = 0; i < 60; i++) {
                appended(log, 0, batchAt(1000 + i, "v" + i));
            }
        }
        for (int round = 0; round < 60; round++) {
            InMemoryDisk disk = whole.copy();
            for (String name : disk.list(DIRECTORY)) {
                if (name.endsWith(".index")) {
                    damage(disk, DIRECTORY.resolve(name), random, round % 4);
                }
            }

            try (PartitionLog log = open(disk, SMALL)) {
                int from = random.nextInt(60);
                assertThat(valuesFrom(log, from, 300))
                        .as("round %d, seed %d", round, seed)
                        .isEqualTo(expected(60).subList(from, 60));
                assertThat(log.logEndOffset()).isEqualTo(60);
            }
        }
    }

    private static void damage(InMemoryDisk disk, Path file, Random random, int how) {
        byte[] bytes = disk.read(file);
        switch (how) {
            case 0 -> disk.delete(file);
            case 1 -> disk.replace(file, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), false);
            case 2 -> disk.replace(file, new byte[bytes.length], false);
            default -> {
                random.nextBytes(bytes);
                disk.replace(file, bytes, false);
            }
        }
    }

    @Test
    void aMissingOrDamagedEpochFileIsBuiltAnew() {
        for (boolean missing : new boolean[] {true, false}) {
            InMemoryDisk disk = new InMemoryDisk();
            try (PartitionLog log = open(disk, SMALL)) {
                for (int i = 0; i < 40; i++) {
                    append(log, i / 10, "v" + i);
                }
            }
            Path file = DIRECTORY.resolve("leader-epoch.checkpoint");
            if (missing) {
                disk.delete(file);
            } else {
                byte[] bytes = disk.read(file);
                bytes[9] ^= 4;
                disk.replace(file, bytes, false);
            }

            try (PartitionLog log = open(disk, SMALL)) {
                for (int epoch = 0; epoch < 4; epoch++) {
                    assertThat(log.epochStartOffset(epoch)).hasValue(10 * epoch);
                }
                assertThat(values(log)).isEqualTo(expected(40));
            }
        }
    }

    @Test
    void aDamagedCheckpointCostsOnlyTime() {
        InMemoryDisk disk = new InMemoryDisk();
        try (PartitionLog log = open(disk, SMALL)) {
            for (int i = 0; i < 40; i++) {
                append(log, 0, "v" + i);
            }
            log.updateHighWatermark(30);
        }
        disk.replace(DIRECTORY.resolve("log.checkpoint"), new byte[] {1, 2, 3}, false);

        try (PartitionLog log = open(disk, SMALL)) {
            assertThat(values(log)).isEqualTo(expected(40));
            assertThat(log.highWatermark()).isZero();
        }
    }

    @Test
    void strayFilesAreRemoved() {
        InMemoryDisk disk = killedAfter(3, SMALL);
        disk.replace(DIRECTORY.resolve("00000000000000000777.index"), new byte[32], false);
        disk.replace(DIRECTORY.resolve("00000000000000000888.snapshot"), new byte[32], false);
        disk.replace(DIRECTORY.resolve("log.checkpoint.tmp"), new byte[32], false);

        open(disk, SMALL).close();

        assertThat(disk.list(DIRECTORY))
                .doesNotContain("00000000000000000777.index", "00000000000000000888.snapshot", "log.checkpoint.tmp");
    }

    @Test
    void epochsWithoutRecordsAreForgotten() {
        InMemoryDisk disk = new InMemoryDisk();
        PartitionLog log = open(disk, SMALL);
        append(log, 1, "v0");
        log.assignEpochStartOffset(2, 1);
        assertThat(log.latestEpoch()).hasValue(2);
        disk.killProcess();

        try (PartitionLog reopened = open(disk, SMALL)) {
            assertThat(reopened.latestEpoch()).hasValue(1);
        }
    }

    @Test
    void aCrashAtAnyWriteOfAFullTruncationLeavesALogThatOpens() {
        InMemoryDisk whole = killedAfter(30, SMALL);
        for (int survive = 0; survive < 60; survive++) {
            InMemoryDisk disk = whole.copy();
            PartitionLog log = open(disk, SMALL);
            int[] left = {survive};
            disk.failWhen((operation, path) -> operation != InMemoryDisk.Operation.READ && left[0]-- <= 0);
            try {
                log.truncateFullyAndStartAt(survive % 2 == 0 ? 500 : 10);
            } catch (StorageException told) {
                assertThat(told).hasMessageContaining("told to fail");
            }
            disk.heal();
            disk.killProcess();

            try (PartitionLog reopened = open(disk, SMALL)) {
                assertThat(reopened.logEndOffset()).isGreaterThanOrEqualTo(reopened.logStartOffset());
                append(reopened, 9, "goes on");
            }
        }
    }
}
