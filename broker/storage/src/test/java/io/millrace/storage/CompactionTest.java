package io.millrace.storage;

import static io.millrace.storage.CompactedTable.DELETE_RETENTION_MS;
import static io.millrace.storage.CompactedTable.DIRECTORY;
import static io.millrace.storage.CompactedTable.SMALL;
import static io.millrace.storage.CompactedTable.commit;
import static io.millrace.storage.CompactedTable.seal;
import static io.millrace.storage.CompactedTable.segmentFiles;
import static io.millrace.storage.KeyedSamples.batch;
import static io.millrace.storage.KeyedSamples.batches;
import static io.millrace.storage.KeyedSamples.contents;
import static io.millrace.storage.KeyedSamples.put;
import static io.millrace.storage.KeyedSamples.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.record.Compression;
import io.millrace.record.RecordBatch;
import io.millrace.storage.compaction.CompactionConfiguration;
import io.millrace.storage.compaction.OffsetMap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cleaning leaves of a log, on disk and for its readers. */
class CompactionTest {
    private final CompactedTable compacted = new CompactedTable();

    @Test
    void theLastRecordOfEachKeyStaysAtItsOffset() {
        try (PartitionLog log = compacted.filled(5)) {
            assertThat(compacted.clean(log)).isTrue();

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
            assertThat(compacted.clean(log)).isFalse();
        }
    }

    @Test
    void smallNeighboursBecomeOneSegment() {
        try (PartitionLog log = compacted.filled(9)) {
            int before = segmentFiles(compacted.disk).size();
            compacted.clean(log);
            put(log, "more=1");
            seal(log);
            log.reconfigure(SMALL.withSegmentBytes(100_000));

            compacted.clean(log);

            assertThat(segmentFiles(compacted.disk)).hasSizeLessThan(before / 4);
            assertThat(compacted.disk.list(DIRECTORY))
                    .noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            assertThat(table(log)).hasSize(12);
        }
        try (PartitionLog log = compacted.open(SMALL)) {
            assertThat(table(log)).hasSize(12);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void theCodecOfABatchStays(Compression codec) throws Exception {
        try (PartitionLog log = compacted.open(SMALL)) {
            LogSamples.appended(log, 0, batch(codec, 1000, "a=1", "b=1", "c=1"));
            LogSamples.appended(log, 0, batch(codec, 2000, "a=2", "c=2"));
            seal(log);

            compacted.clean(log);

            assertThat(contents(log)).containsExactly("1:b=1", "3:a=2", "4:c=2", "5:last=5");
            assertThat(batches(log).get(0).compression()).isEqualTo(codec);
            assertThat(batches(log).get(0).lastOffset()).isEqualTo(2);
        }
    }

    @Test
    void whatIsNotCommittedOrNotSealedIsNotTouched() {
        try (PartitionLog log = compacted.open(SMALL)) {
            for (int i = 0; i < 30; i++) {
                put(log, "k=" + i);
            }
            log.updateHighWatermark(12);

            compacted.clean(log);

            List<String> left = contents(log);
            assertThat(left).hasSizeBetween(19, 29).contains("12:k=12", "13:k=13", "29:k=29");
            commit(log);
            compacted.clean(log);
            assertThat(contents(log)).hasSizeBetween(2, 8);
        }
    }

    @Test
    void youngRecordsStayForTheLeastLagAndOldOnesGoByTheGreatest() {
        var lazy = SMALL.withCompaction(new CompactionConfiguration(true, 1, 5_000, 60_000, DELETE_RETENTION_MS));
        try (PartitionLog log = compacted.filled(3)) {
            log.reconfigure(lazy);
            compacted.clock.advance(50_000);
            assertThat(compacted.clean(log))
                    .as("the share of dirty bytes cannot be above 1")
                    .isFalse();

            compacted.clock.advance(10_000);
            assertThat(compacted.clean(log)).isTrue();
            assertThat(contents(log)).hasSize(11);

            LogSamples.appended(log, 0, batch(Compression.NONE, compacted.clock.millis(), "k0=young"));
            seal(log);
            log.reconfigure(SMALL.withCompaction(new CompactionConfiguration(true, 0, 5_000, 60_000, 1)));
            compacted.clean(log);
            assertThat(contents(log)).contains("20:k0=20", "31:k0=young");
        }
    }

    @Test
    void aTombstoneStaysUntilItsHorizon() {
        try (PartitionLog log = compacted.open(SMALL)) {
            put(log, "a=1", "b=1");
            put(log, "a");
            seal(log);

            compacted.clean(log);
            assertThat(contents(log)).containsExactly("1:b=1", "2:a", "3:last=3");
            RecordBatch tombstone = batches(log).get(1);
            assertThat(tombstone.hasDeleteHorizon()).isTrue();
            assertThat(tombstone.baseTimestamp()).isEqualTo(compacted.clock.millis() + DELETE_RETENTION_MS);
            assertThat(tombstone.maxTimestamp()).isEqualTo(1000);

            compacted.clock.advance(DELETE_RETENTION_MS - 1);
            assertThat(compacted.clean(log)).isFalse();
            compacted.clock.advance(1);
            assertThat(compacted.clean(log)).isTrue();
            assertThat(contents(log)).containsExactly("1:b=1", "3:last=3");
            assertThat(log.logEndOffset()).isEqualTo(4);
        }
    }

    @Test
    void aLogWhoseRecordsAllGoKeepsItsEnd() {
        try (PartitionLog log = compacted.open(SMALL)) {
            put(log, "a=1");
            put(log, "a");
            commit(log);
            compacted.clock.advance(LogConfiguration.DEFAULT.segmentMs());
            log.deleteOldSegments();

            compacted.clean(log);
            compacted.clock.advance(DELETE_RETENTION_MS);
            compacted.clean(log);

            assertThat(contents(log)).isEmpty();
            assertThat(batches(log)).hasSize(1);
            assertThat(batches(log).get(0).nextOffset()).isEqualTo(log.logEndOffset());
        }
        try (PartitionLog log = compacted.open(SMALL)) {
            assertThat(log.logStartOffset()).isZero();
            assertThat(log.logEndOffset()).isEqualTo(2);
            assertThat(put(log, "b=1")).isEqualTo(2);
        }
    }

    @Test
    void recordsWithoutKeyGo() {
        try (PartitionLog log = compacted.open(SMALL)) {
            LogSamples.append(log, 0, "no key");
            put(log, "a=1");
            seal(log);

            compacted.clean(log);

            assertThat(contents(log)).containsExactly("1:a=1", "2:last=2");
        }
    }

    @Test
    void aFollowerTakesOverACompactedLog() throws Exception {
        InMemoryDisk other = new InMemoryDisk();
        try (PartitionLog leader = compacted.filled(4);
                PartitionLog follower = PartitionLog.open(other, DIRECTORY, SMALL, compacted.clock)) {
            compacted.clean(leader);

            for (RecordBatch batch : batches(leader)) {
                follower.appendAsFollower(batch.bytes(), 0);
            }

            assertThat(contents(follower)).isEqualTo(contents(leader));
            assertThat(follower.logEndOffset()).isEqualTo(leader.logEndOffset());
        }
        try (PartitionLog follower = PartitionLog.open(other, DIRECTORY, SMALL, compacted.clock)) {
            assertThat(follower.logEndOffset()).isEqualTo(41);
        }
    }

    @Test
    void aReaderKeepsTheSegmentItHasLeased() throws Exception {
        try (PartitionLog log = compacted.filled(4)) {
            LogSlice slice = log.read(0, 10_000, Long.MAX_VALUE, true);
            ByteBuf before = Unpooled.buffer();
            slice.readInto(before);

            compacted.clean(log);

            ByteBuf after = Unpooled.buffer();
            slice.readInto(after);
            assertThat(after).isEqualTo(before);
            slice.close();
            assertThat(contents(log)).hasSize(11);
        }
        assertThat(compacted.disk.openFiles()).isZero();
    }

    @Test
    void timesAreFoundInACompactedLog() {
        try (PartitionLog log = compacted.open(SMALL)) {
            for (int i = 0; i < 60; i++) {
                LogSamples.appended(
                        log, 0, batch(Compression.NONE, 1000 + i, "k" + i % 10 + "=" + i, "once" + i + "="));
            }
            seal(log);
            Map<Long, Long> expected = new java.util.TreeMap<>();
            compacted.clean(log);
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
        try (PartitionLog log = compacted.open(SMALL)) {
            LogSamples.appended(log, 0, batch(Compression.NONE, 9000, "a=1"));
            LogSamples.appended(log, 0, batch(Compression.NONE, 2000, "a=2", "b=2"));
            seal(log);

            compacted.clean(log);

            assertThat(log.offsetOfMaxTimestamp()).contains(new TimestampOffset(2000, 1, 0));
            assertThat(log.offsetForTimestamp(2001)).isEmpty();
        }
    }

    @Test
    void aSmallMapCleansPartByPart() {
        try (PartitionLog log = compacted.open(SMALL)) {
            for (int i = 0; i < 100; i++) {
                put(log, "k" + i % 50 + "=" + i);
            }
            seal(log);
            int cleanings = 0;
            while (compacted.clean(log, 12 * OffsetMap.SLOT_BYTES)) {
                cleanings++;
                assertThat(table(log)).hasSize(51);
            }

            assertThat(cleanings).isBetween(8, 12);
            assertThat(contents(log)).hasSize(51).contains("50:k0=50", "99:k49=99");
        }
    }

    @Test
    void nothingIsCompactedWhereThePolicyDoesNotSaySo() {
        try (PartitionLog log = compacted.filled(3)) {
            log.reconfigure(SMALL.withCompaction(CompactionConfiguration.OFF));

            assertThat(compacted.clean(log)).isFalse();

            List<String> all = new ArrayList<>(contents(log));
            assertThat(all).hasSize(31);
        }
    }
}
