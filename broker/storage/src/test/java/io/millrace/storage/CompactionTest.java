package io.millrace.storage;

import static io.millrace.storage.KeyedSamples.batch;
import static io.millrace.storage.KeyedSamples.batches;
import static io.millrace.storage.KeyedSamples.contents;
import static io.millrace.storage.KeyedSamples.ofProducer;
import static io.millrace.storage.KeyedSamples.put;
import static io.millrace.storage.KeyedSamples.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.record.Compression;
import io.millrace.record.RecordBatch;
import io.millrace.storage.compaction.CompactionConfiguration;
import io.millrace.storage.compaction.OffsetMap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cleaning leaves of a log, on disk and for its readers. */
class CompactionTest {

    private static final Path DIRECTORY = Path.of("/logs/table-0");
    private static final long DELETE_RETENTION_MS = 1_000;
    private static final CompactionConfiguration COMPACTED =
            new CompactionConfiguration(true, 0, 0, Long.MAX_VALUE, DELETE_RETENTION_MS);
    private static final LogConfiguration SMALL = LogConfiguration.DEFAULT
            .withSegmentBytes(400)
            .withIndex(100, 1024 * 1024)
            .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED)
            .withCompaction(COMPACTED);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);

    private PartitionLog open(LogConfiguration configuration) {
        return PartitionLog.open(disk, DIRECTORY, configuration, clock);
    }

    /** Damage that the cleaner has told of. */
    private final List<CorruptLogException> heardOf = new ArrayList<>();

    private boolean clean(PartitionLog log) {
        return clean(log, CleanerConfiguration.DEFAULT.dedupeBufferBytes());
    }

    private boolean clean(PartitionLog log, long mapBytes) {
        return cleaner(log, mapBytes).cleanOne();
    }

    private LogCleaner cleaner(PartitionLog log, long mapBytes) {
        var configuration = new CleanerConfiguration(mapBytes, Double.MAX_VALUE, 1);
        var logs = List.of(new CleanableLog("table-0", log, Runnable::run, heardOf::add));
        return new LogCleaner(configuration, () -> logs, clock);
    }

    private static void commit(PartitionLog log) {
        log.updateHighWatermark(log.logEndOffset());
    }

    /** A log of ten keys, each written so many times, all sealed and committed. */
    private PartitionLog filled(int rounds) {
        PartitionLog log = open(SMALL);
        for (int i = 0; i < 10 * rounds; i++) {
            put(log, "k" + i % 10 + "=" + i);
        }
        seal(log);
        return log;
    }

    /** Puts an end to the last segment, so that all before the last record can be cleaned. */
    private static void seal(PartitionLog log) {
        log.reconfigure(SMALL.withSegmentBytes(1));
        put(log, "last=" + log.logEndOffset());
        log.reconfigure(SMALL);
        commit(log);
    }

    private static List<String> segmentFiles(InMemoryDisk disk) {
        return disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".log"))
                .toList();
    }

    @Test
    void theLastRecordOfEachKeyStaysAtItsOffset() {
        try (PartitionLog log = filled(5)) {
            assertThat(clean(log)).isTrue();

            assertThat(contents(log))
                    .containsExactly(
                            "40:k0=40",
                            "41:k1=41",
                            "42:k2=42",
                            "43:k3=43",
                            "44:k4=44",
                            "45:k5=45",
                            "46:k6=46",
                            "47:k7=47",
                            "48:k8=48",
                            "49:k9=49",
                            "50:last=50");
            assertThat(log.logStartOffset()).isZero();
            assertThat(log.logEndOffset()).isEqualTo(51);
            assertThat(log.compaction().firstDirtyOffset()).isEqualTo(50);
            assertThat(clean(log)).isFalse();
        }
    }

    @Test
    void smallNeighboursBecomeOneSegment() {
        try (PartitionLog log = filled(9)) {
            int before = segmentFiles(disk).size();
            clean(log);
            put(log, "more=1");
            seal(log);
            log.reconfigure(SMALL.withSegmentBytes(100_000));

            clean(log);

            assertThat(segmentFiles(disk)).hasSizeLessThan(before / 4);
            assertThat(disk.list(DIRECTORY)).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            assertThat(table(log)).hasSize(12);
        }
        try (PartitionLog log = open(SMALL)) {
            assertThat(table(log)).hasSize(12);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void theCodecOfABatchStays(Compression codec) throws Exception {
        try (PartitionLog log = open(SMALL)) {
            LogSamples.appended(log, 0, batch(codec, 1000, "a=1", "b=1", "c=1"));
            LogSamples.appended(log, 0, batch(codec, 2000, "a=2", "c=2"));
            seal(log);

            clean(log);

            assertThat(contents(log)).containsExactly("1:b=1", "3:a=2", "4:c=2", "5:last=5");
            assertThat(batches(log).get(0).compression()).isEqualTo(codec);
            assertThat(batches(log).get(0).lastOffset()).isEqualTo(2);
        }
    }

    @Test
    void whatIsNotCommittedOrNotSealedIsNotTouched() {
        try (PartitionLog log = open(SMALL)) {
            for (int i = 0; i < 30; i++) {
                put(log, "k=" + i);
            }
            log.updateHighWatermark(12);

            clean(log);

            List<String> left = contents(log);
            assertThat(left).hasSizeBetween(19, 29).contains("12:k=12", "13:k=13", "29:k=29");
            commit(log);
            clean(log);
            assertThat(contents(log)).hasSizeBetween(2, 8);
        }
    }

    @Test
    void youngRecordsStayForTheLeastLagAndOldOnesGoByTheGreatest() {
        var lazy = SMALL.withCompaction(new CompactionConfiguration(true, 1, 5_000, 60_000, DELETE_RETENTION_MS));
        try (PartitionLog log = filled(3)) {
            log.reconfigure(lazy);
            clock.advance(50_000);
            assertThat(clean(log))
                    .as("the share of dirty bytes cannot be above 1")
                    .isFalse();

            clock.advance(10_000);
            assertThat(clean(log)).isTrue();
            assertThat(contents(log)).hasSize(11);

            LogSamples.appended(log, 0, batch(Compression.NONE, clock.millis(), "k0=young"));
            seal(log);
            log.reconfigure(SMALL.withCompaction(new CompactionConfiguration(true, 0, 5_000, 60_000, 1)));
            clean(log);
            assertThat(contents(log)).contains("20:k0=20", "31:k0=young");
        }
    }

    @Test
    void aTombstoneStaysUntilItsHorizon() {
        try (PartitionLog log = open(SMALL)) {
            put(log, "a=1", "b=1");
            put(log, "a");
            seal(log);

            clean(log);
            assertThat(contents(log)).containsExactly("1:b=1", "2:a", "3:last=3");
            RecordBatch tombstone = batches(log).get(1);
            assertThat(tombstone.hasDeleteHorizon()).isTrue();
            assertThat(tombstone.baseTimestamp()).isEqualTo(clock.millis() + DELETE_RETENTION_MS);
            assertThat(tombstone.maxTimestamp()).isEqualTo(1000);

            clock.advance(DELETE_RETENTION_MS - 1);
            assertThat(clean(log)).isFalse();
            clock.advance(1);
            assertThat(clean(log)).isTrue();
            assertThat(contents(log)).containsExactly("1:b=1", "3:last=3");
            assertThat(log.logEndOffset()).isEqualTo(4);
        }
    }

    @Test
    void aLogWhoseRecordsAllGoKeepsItsEnd() {
        try (PartitionLog log = open(SMALL)) {
            put(log, "a=1");
            put(log, "a");
            commit(log);
            clock.advance(LogConfiguration.DEFAULT.segmentMs());
            log.deleteOldSegments();

            clean(log);
            clock.advance(DELETE_RETENTION_MS);
            clean(log);

            assertThat(contents(log)).isEmpty();
            assertThat(batches(log)).hasSize(1);
            assertThat(batches(log).get(0).nextOffset()).isEqualTo(log.logEndOffset());
        }
        try (PartitionLog log = open(SMALL)) {
            assertThat(log.logStartOffset()).isZero();
            assertThat(log.logEndOffset()).isEqualTo(2);
            assertThat(put(log, "b=1")).isEqualTo(2);
        }
    }

    @Test
    void recordsWithoutKeyGo() {
        try (PartitionLog log = open(SMALL)) {
            LogSamples.append(log, 0, "no key");
            put(log, "a=1");
            seal(log);

            clean(log);

            assertThat(contents(log)).containsExactly("1:a=1", "2:last=2");
        }
    }

    @Test
    void theLastSequenceOfAProducerSurvivesItsRecords() {
        PartitionLog log = open(SMALL);
        LogSamples.appended(log, 0, ofProducer(7, 2, 0, "a=1"));
        LogSamples.appended(log, 0, ofProducer(7, 2, 1, "a=2", "b=2"));
        put(log, "a=3", "b=3");
        seal(log);

        clean(log);
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
        PartitionLog log = open(SMALL);
        LogSamples.appended(log, 0, ofProducer(7, 2, 0, "a=1"));
        put(log, "a=2");
        seal(log);
        LogSamples.appended(log, 0, ofProducer(7, 2, 1, "b=1"));

        clean(log);
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
        disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(".snapshot"))
                .forEach(name -> disk.delete(DIRECTORY.resolve(name)));
        return open(SMALL);
    }

    @Test
    void aFollowerTakesOverACompactedLog() throws Exception {
        InMemoryDisk other = new InMemoryDisk();
        try (PartitionLog leader = filled(4);
                PartitionLog follower = PartitionLog.open(other, DIRECTORY, SMALL, clock)) {
            clean(leader);

            for (RecordBatch batch : batches(leader)) {
                follower.appendAsFollower(batch.bytes(), 0);
            }

            assertThat(contents(follower)).isEqualTo(contents(leader));
            assertThat(follower.logEndOffset()).isEqualTo(leader.logEndOffset());
        }
        try (PartitionLog follower = PartitionLog.open(other, DIRECTORY, SMALL, clock)) {
            assertThat(follower.logEndOffset()).isEqualTo(41);
        }
    }

    @Test
    void aReaderKeepsTheSegmentItHasLeased() throws Exception {
        try (PartitionLog log = filled(4)) {
            LogSlice slice = log.read(0, 10_000, Long.MAX_VALUE, true);
            ByteBuf before = Unpooled.buffer();
            slice.readInto(before);

            clean(log);

            ByteBuf after = Unpooled.buffer();
            slice.readInto(after);
            assertThat(after).isEqualTo(before);
            slice.close();
            assertThat(contents(log)).hasSize(11);
        }
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void timesAreFoundInACompactedLog() {
        try (PartitionLog log = open(SMALL)) {
            for (int i = 0; i < 60; i++) {
                LogSamples.appended(
                        log, 0, batch(Compression.NONE, 1000 + i, "k" + i % 10 + "=" + i, "once" + i + "="));
            }
            seal(log);
            Map<Long, Long> expected = new java.util.TreeMap<>();
            clean(log);
            for (String record : contents(log)) {
                long offset = Long.parseLong(record.substring(0, record.indexOf(':')));
                expected.putIfAbsent(offset == 120 ? 1000L : 1000 + offset / 2, offset);
            }

            for (long timestamp = 1001; timestamp < 1060; timestamp++) {
                long wanted = timestamp;
                long offset = expected.entrySet().stream()
                        .filter(entry -> entry.getKey() >= wanted)
                        .mapToLong(Map.Entry::getValue)
                        .min()
                        .orElseThrow();
                assertThat(log.offsetForTimestamp(timestamp).orElseThrow().offset())
                        .as("time %d", timestamp)
                        .isEqualTo(offset);
            }
            assertThat(log.offsetOfMaxTimestamp().orElseThrow().timestamp()).isEqualTo(1059);
            assertThat(log.offsetForTimestamp(1060)).isEmpty();
        }
    }

    @Test
    void theGreatestTimeIsThatOfARecordThatIsStillThere() {
        try (PartitionLog log = open(SMALL)) {
            LogSamples.appended(log, 0, batch(Compression.NONE, 9000, "a=1"));
            LogSamples.appended(log, 0, batch(Compression.NONE, 2000, "a=2", "b=2"));
            seal(log);

            clean(log);

            assertThat(log.offsetOfMaxTimestamp()).contains(new TimestampOffset(2000, 1, 0));
            assertThat(log.offsetForTimestamp(2001)).isEmpty();
        }
    }

    @Test
    void aSmallMapCleansPartByPart() {
        try (PartitionLog log = open(SMALL)) {
            for (int i = 0; i < 100; i++) {
                put(log, "k" + i % 50 + "=" + i);
            }
            seal(log);
            int cleanings = 0;
            while (clean(log, 12 * OffsetMap.SLOT_BYTES)) {
                cleanings++;
                assertThat(table(log)).hasSize(51);
            }

            assertThat(cleanings).isBetween(8, 12);
            assertThat(contents(log)).hasSize(51).contains("50:k0=50", "99:k49=99");
        }
    }

    @Test
    void whatIsCleanIsRememberedAndLoweredByATruncation() {
        PartitionLog log = filled(3);
        clean(log);
        log.close();

        log = open(SMALL);
        assertThat(log.compaction().firstDirtyOffset()).isEqualTo(30);
        assertThat(clean(log)).isFalse();

        log.truncateTo(25);
        assertThat(log.compaction().firstDirtyOffset()).isLessThanOrEqualTo(25);
        disk.killProcess();
        log = open(SMALL);
        put(log, "k0=new");
        seal(log);
        assertThat(clean(log)).isTrue();
        assertThat(table(log)).containsEntry("k0", "new").containsEntry("k4", "24");
        assertThat(contents(log)).doesNotContain("20:k0=20");
    }

    @Test
    void aTruncationWhileALogIsCleanedLeavesItAlone() {
        try (PartitionLog log = filled(3)) {
            CleaningPlan plan = log.compaction().plan(clock.millis());
            log.truncateTo(29);
            put(log, "k9=other");
            seal(log);

            var cleaning = new LogCleaning(
                    plan,
                    1024 * 1024,
                    new io.millrace.storage.compaction.Throttle(Double.MAX_VALUE, System::nanoTime, nanos -> {}),
                    () -> false,
                    cleaned -> log.compaction().swapIn(plan, cleaned));
            CleaningResult result = cleaning.run();

            assertThat(result.complete()).isFalse();
            assertThat(log.compaction().finish(plan, 30, Long.MAX_VALUE)).isFalse();
            assertThat(contents(log)).hasSize(31).contains("29:k9=other");
            assertThat(disk.list(DIRECTORY)).noneMatch(name -> name.endsWith(".cleaned"));
        }
    }

    @Test
    void aDamagedBatchIsNeverGivenARightChecksum() {
        PartitionLog log = filled(3);
        Path first = DIRECTORY.resolve(segmentFiles(disk).get(0));
        byte[] bytes = disk.read(first);
        bytes[70] ^= 1;
        disk.replace(first, bytes, false);

        LogCleaner cleaner = cleaner(log, 1_000_000);
        assertThat(cleaner.cleanOne()).isTrue();

        assertThat(disk.read(first)).isEqualTo(bytes);
        assertThat(heardOf).hasSize(1);
        assertThat(cleaner.cleanOne()).as("it is left alone for a while").isFalse();
        clock.advance(1_000);
        assertThat(cleaner.cleanOne()).isTrue();
        log.close();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void aFullDiskCostsNothingButTheCleaning() {
        try (PartitionLog log = filled(3)) {
            List<String> before = contents(log);
            disk.failWhen((operation, path) ->
                    operation == InMemoryDisk.Operation.WRITE && path.toString().endsWith(".cleaned"));

            clean(log);

            assertThat(contents(log)).isEqualTo(before);
            put(log, "goes=on");
            disk.heal();
            clock.advance(100);
            clean(log);
            assertThat(contents(log)).hasSize(12);
        }
    }

    @Test
    void aCrashAtAnyOperationLeavesTheOldOrTheNew() {
        PartitionLog whole = filled(6);
        Map<String, String> expected = table(whole);
        whole.close();
        InMemoryDisk before = disk.copy();

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
        PartitionLog log = PartitionLog.open(copy, DIRECTORY, SMALL, clock);
        log.flush();
        int[] left = {survive};
        boolean[] failed = {false};
        copy.failWhen((operation, path) -> {
            failed[0] |= operation != InMemoryDisk.Operation.READ && left[0]-- <= 0;
            return failed[0];
        });
        clean(log);
        copy.heal();
        if (power) {
            copy.losePower();
        } else {
            copy.killProcess();
        }
        return failed[0];
    }

    private void assertWhole(InMemoryDisk copy, Map<String, String> expected, int survive) {
        try (PartitionLog log = PartitionLog.open(copy, DIRECTORY, SMALL, clock)) {
            assertThat(table(log)).as("after %d operations", survive).isEqualTo(expected);
            assertThat(log.logEndOffset()).isEqualTo(61);
            List<String> left = copy.list(DIRECTORY);
            assertThat(left).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            commit(log);
            clean(log);
            assertThat(table(log)).isEqualTo(expected);
            assertThat(contents(log)).hasSize(11);
        }
    }

    @Test
    void nothingIsCompactedWhereThePolicyDoesNotSaySo() {
        try (PartitionLog log = filled(3)) {
            log.reconfigure(SMALL.withCompaction(CompactionConfiguration.OFF));

            assertThat(clean(log)).isFalse();

            List<String> all = new ArrayList<>(contents(log));
            assertThat(all).hasSize(31);
        }
    }
}
