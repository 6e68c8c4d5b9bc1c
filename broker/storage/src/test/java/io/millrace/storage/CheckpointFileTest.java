package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CheckpointFileTest {

    private static final int TRIES = 2_000;
    private static final int WRITES_MAX = 12;
    /** Less than a slot, so that slots are torn. */
    private static final int PAGE_BYTES = 16;

    private final InMemoryDisk disk = new InMemoryDisk();
    private final LogFiles files = new LogFiles(disk, Path.of("/log"));

    @BeforeEach
    void makeDirectory() {
        disk.createDirectory(files.directory());
    }

    @Test
    void theLastCheckpointCounts() {
        var file = new CheckpointFile(files);

        for (int i = 1; i <= 10; i++) {
            file.write(checkpoint(i), i % 4 == 0);

            assertThat(CheckpointFile.read(files)).contains(checkpoint(i));
        }
    }

    @Test
    void anotherLifeGoesOnWithItsOwn() {
        var before = new CheckpointFile(files);
        for (int i = 1; i <= 5; i++) {
            before.write(checkpoint(i), true);
        }
        disk.killProcess();

        new CheckpointFile(files).write(checkpoint(3), false);

        assertThat(CheckpointFile.read(files)).contains(checkpoint(3));
    }

    @Test
    void onlyTheFirstCheckpointAndTheFirstForcedOneMakeANewFile() {
        var replaced = new AtomicInteger();
        disk.failWhen((operation, path) -> {
            if (operation == InMemoryDisk.Operation.REPLACE) {
                replaced.incrementAndGet();
            }
            return false;
        });
        var file = new CheckpointFile(files);

        for (int i = 1; i <= 100; i++) {
            file.write(checkpoint(i), i > 50);
        }

        assertThat(replaced).hasValue(2);
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void theLossOfPowerLeavesWhatWasForcedOrSomethingLater() {
        for (int seed = 0; seed < TRIES; seed++) {
            var random = new Random(seed);
            var file = new CheckpointFile(files);
            int forced = 0;
            int writes = 1 + random.nextInt(WRITES_MAX);
            file.write(checkpoint(0), true);
            for (int i = 1; i <= writes; i++) {
                boolean isForced = random.nextInt(3) == 0;
                file.write(checkpoint(i), isForced);
                forced = isForced ? i : forced;
            }

            disk.losePowerAmongPages(random, PAGE_BYTES);

            var found = CheckpointFile.read(files);
            assertThat(found).as("seed " + seed).isPresent();
            assertThat(found.orElseThrow().highWatermark()).as("seed " + seed).isBetween((long) forced, (long) writes);
        }
    }

    @Test
    void aCheckpointForWhichThereIsNoRoomLeavesTheOneBefore() {
        new CheckpointFile(files).write(checkpoint(1), true);
        disk.limitTo(disk.usedBytes());

        assertThatThrownBy(() -> new CheckpointFile(files).write(checkpoint(2), false))
                .isInstanceOf(DiskFullException.class);

        assertThat(CheckpointFile.read(files)).contains(checkpoint(1));
    }

    @Test
    void aFullDiskHasRoomForCheckpointsOnceThereWasOne() {
        var file = new CheckpointFile(files);
        file.write(checkpoint(1), true);
        disk.limitTo(disk.usedBytes());

        for (int i = 2; i <= 10; i++) {
            file.write(checkpoint(i), i % 2 == 0);
        }

        assertThat(CheckpointFile.read(files)).contains(checkpoint(10));
    }

    @Test
    void somethingElseUnderItsNameIsNoCheckpoint() {
        disk.replace(files.checkpoint(), new byte[CheckpointFile.SLOTS * CheckpointFile.SLOT_BYTES], true);

        assertThat(CheckpointFile.read(files)).isEmpty();
    }

    private static LogCheckpoint checkpoint(int i) {
        return new LogCheckpoint(0, i, i, 7, false, 0, 0);
    }
}
