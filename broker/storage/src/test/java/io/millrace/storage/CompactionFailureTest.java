package io.millrace.storage;

import static io.millrace.storage.CompactedTable.DIRECTORY;
import static io.millrace.storage.CompactedTable.SMALL;
import static io.millrace.storage.CompactedTable.commit;
import static io.millrace.storage.CompactedTable.seal;
import static io.millrace.storage.CompactedTable.segmentFiles;
import static io.millrace.storage.KeyedSamples.contents;
import static io.millrace.storage.KeyedSamples.ofProducer;
import static io.millrace.storage.KeyedSamples.put;
import static io.millrace.storage.KeyedSamples.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.compaction.Throttle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a cleaning leaves of a log that is cut, damaged or breaks off meanwhile. */
class CompactionFailureTest {
    private final CompactedTable compacted = new CompactedTable();

    @Test
    void whatIsCleanIsRememberedAndLoweredByATruncation() {
        PartitionLog log = compacted.filled(3);
        compacted.clean(log);
        log.close();

        log = compacted.open(SMALL);
        assertThat(log.compaction().firstDirtyOffset()).isEqualTo(30);
        assertThat(compacted.clean(log)).isFalse();

        log.truncateTo(25);
        assertThat(log.compaction().firstDirtyOffset()).isLessThanOrEqualTo(25);
        compacted.disk.killProcess();
        log = compacted.open(SMALL);
        put(log, "k0=new");
        seal(log);
        assertThat(compacted.clean(log)).isTrue();
        assertThat(table(log)).containsEntry("k0", "new").containsEntry("k4", "24");
        assertThat(contents(log)).doesNotContain("20:k0=20");
    }

    @Test
    void aTruncationWhileALogIsCleanedLeavesItAlone() {
        try (PartitionLog log = compacted.filled(3)) {
            CleaningPlan plan = log.compaction().plan(compacted.clock.millis());
            log.truncateTo(29);
            put(log, "k9=other");
            seal(log);

            var cleaning = new LogCleaning(
                    plan,
                    1024 * 1024,
                    new Throttle(Double.MAX_VALUE, System::nanoTime, nanos -> {}),
                    () -> false,
                    cleaned -> log.compaction().swapIn(plan, cleaned));
            CleaningResult result = cleaning.run();

            assertThat(result.complete()).isFalse();
            assertThat(log.compaction().finish(plan, 30, Long.MAX_VALUE)).isFalse();
            assertThat(contents(log)).hasSize(31).contains("29:k9=other");
            assertThat(compacted.disk.list(DIRECTORY)).noneMatch(name -> name.endsWith(".cleaned"));
        }
    }

    @Test
    void aDamagedBatchIsNeverGivenARightChecksum() {
        PartitionLog log = compacted.filled(3);
        Path first = DIRECTORY.resolve(segmentFiles(compacted.disk).get(0));
        byte[] bytes = compacted.disk.read(first);
        bytes[70] ^= 1;
        try (DiskFile file = compacted.disk.open(first)) {
            file.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 0);
        }

        LogCleaner cleaner = compacted.cleaner(log, 1_000_000);
        assertThat(cleaner.cleanOne()).isTrue();

        assertThat(compacted.disk.read(first)).isEqualTo(bytes);
        assertThat(compacted.heardOf).hasSize(1);
        assertThat(cleaner.cleanOne()).as("it is left alone for a while").isFalse();
        compacted.clock.advance(1_000);
        assertThat(cleaner.cleanOne()).isTrue();
        log.close();
        assertThat(compacted.disk.openFiles()).isZero();
    }

    @Test
    void aFullDiskCostsNothingButTheCleaning() {
        try (PartitionLog log = compacted.filled(3)) {
            List<String> before = contents(log);
            compacted.disk.failWhen((operation, path) ->
                    operation == InMemoryDisk.Operation.WRITE && path.toString().endsWith(".cleaned"));

            compacted.clean(log);

            assertThat(contents(log)).isEqualTo(before);
            put(log, "goes=on");
            compacted.disk.heal();
            compacted.clock.advance(100);
            compacted.clean(log);
            assertThat(contents(log)).hasSize(12);
        }
    }

    @Test
    void aCrashAtAnyOperationLeavesTheOldOrTheNew() {
        PartitionLog whole = compacted.filled(6);
        Map<String, String> expected = table(whole);
        whole.close();
        InMemoryDisk before = compacted.disk.copy();

        int survived = 0;
        for (boolean power : new boolean[] {false, true}) {
            boolean crashed = true;
            for (int survive = 0; crashed; survive++) {
                InMemoryDisk copy = before.copy();
                crashed = crashWhileCleaning(copy, survive, power);
                assertWhole(copy, expected, survive);
                survived++;
            }
        }
        assertThat(survived).isGreaterThan(30);
    }

    private boolean crashWhileCleaning(InMemoryDisk copy, int survive, boolean power) {
        PartitionLog log = PartitionLog.open(copy, DIRECTORY, SMALL, compacted.clock);
        log.flush();
        int[] left = {survive};
        boolean[] failed = {false};
        copy.failWhen((operation, path) -> {
            failed[0] |= operation != InMemoryDisk.Operation.READ && left[0]-- <= 0;
            return failed[0];
        });
        compacted.clean(log);
        copy.heal();
        if (power) {
            copy.losePower();
        } else {
            copy.killProcess();
        }
        return failed[0];
    }

    private void assertWhole(InMemoryDisk copy, Map<String, String> expected, int survive) {
        try (PartitionLog log = PartitionLog.open(copy, DIRECTORY, SMALL, compacted.clock)) {
            assertThat(table(log)).as("after %d operations", survive).isEqualTo(expected);
            assertThat(log.logEndOffset()).isEqualTo(61);
            List<String> left = copy.list(DIRECTORY);
            assertThat(left).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            commit(log);
            compacted.clean(log);
            assertThat(table(log)).isEqualTo(expected);
            assertThat(contents(log)).hasSize(11);
        }
    }

    @Test
    void theLastSequenceOfAProducerSurvivesItsRecords() {
        PartitionLog log = compacted.open(SMALL);
        LogSamples.appended(log, 0, ofProducer(7, 2, 0, "a=1"));
        LogSamples.appended(log, 0, ofProducer(7, 2, 1, "a=2", "b=2"));
        put(log, "a=3", "b=3");
        seal(log);

        compacted.clean(log);
        try (PartitionLog reopened = reopenedWithoutSnapshots(log)) {
            assertThat(contents(reopened)).containsExactly("3:a=3", "4:b=3", "5:last=5");
            assertThat(LogSamples.outcomeOf(reopened, 0, ofProducer(7, 2, 1, "a=2", "b=2")))
                    .isInstanceOf(AppendOutcome.Duplicate.class);
            assertThat(LogSamples.outcomeOf(reopened, 0, ofProducer(7, 2, 4, "c=1")))
                    .isInstanceOf(AppendOutcome.OutOfOrderSequence.class);
            assertThat(LogSamples.outcomeOf(reopened, 0, ofProducer(7, 2, 3, "c=1")))
                    .isInstanceOf(AppendOutcome.Appended.class);
        }
    }

    @Test
    void aSequenceThatIsTruncatedDoesNotTakeTheOneBeforeItAlong() {
        PartitionLog log = compacted.open(SMALL);
        LogSamples.appended(log, 0, ofProducer(7, 2, 0, "a=1"));
        put(log, "a=2");
        seal(log);
        LogSamples.appended(log, 0, ofProducer(7, 2, 1, "b=1"));

        compacted.clean(log);
        log.truncateTo(log.highWatermark());

        try (PartitionLog reopened = reopenedWithoutSnapshots(log)) {
            assertThat(LogSamples.outcomeOf(reopened, 0, ofProducer(7, 2, 2, "b=2")))
                    .isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 1, 2));
            assertThat(LogSamples.outcomeOf(reopened, 0, ofProducer(7, 2, 1, "b=1")))
                    .isInstanceOf(AppendOutcome.Appended.class);
        }
    }

    private PartitionLog reopenedWithoutSnapshots(PartitionLog log) {
        log.close();
        compacted.disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".snapshot"))
                .forEach(name -> compacted.disk.delete(DIRECTORY.resolve(name)));
        return compacted.open(SMALL);
    }
}
