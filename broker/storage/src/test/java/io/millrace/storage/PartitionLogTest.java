package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.appended;
import static io.millrace.storage.LogSamples.batch;
import static io.millrace.storage.LogSamples.batchAt;
import static io.millrace.storage.LogSamples.replicated;
import static io.millrace.storage.LogSamples.values;
import static io.millrace.storage.LogSamples.valuesFrom;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.record.InvalidRecordException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartitionLogTest {

    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final LogConfiguration SMALL =
            LogConfiguration.DEFAULT.withSegmentBytes(400).withIndex(100, 1024 * 1024);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);

    private PartitionLog open() {
        return PartitionLog.open(disk, DIRECTORY, SMALL, clock);
    }

    @Test
    void aNewLogIsEmptyAndBeginsAtZero() throws Exception {
        try (PartitionLog log = open()) {
            assertThat(log.logStartOffset()).isZero();
            assertThat(log.logEndOffset()).isZero();
            assertThat(log.highWatermark()).isZero();
            assertThat(log.latestEpoch()).isEmpty();
            assertThat(log.read(0, 1000, Long.MAX_VALUE, true).isEmpty()).isTrue();
        }
    }

    @Test
    void aLeaderAssignsOffsetsAndItsEpoch() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 3, "a", "b");

            AppendInfo info = appended(log, 3, batchAt(5000, "c", "d", "e"));

            assertThat(info.baseOffset()).isEqualTo(2);
            assertThat(info.lastOffset()).isEqualTo(4);
            assertThat(info.maxTimestamp()).isEqualTo(5000);
            assertThat(values(log)).containsExactly("0:a", "1:b", "2:c", "3:d", "4:e");
            assertThat(log.latestEpoch()).hasValue(3);
        }
    }

    @Test
    void severalBatchesAreAppendedAtOnce() {
        try (PartitionLog log = open()) {
            appended(log, 0, Unpooled.wrappedBuffer(batch("a", "b"), batch("c")));

            assertThat(values(log)).containsExactly("0:a", "1:b", "2:c");
        }
    }

    @Test
    void aReadBeginsWithTheBatchThatHoldsTheOffset() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a");
            append(log, 0, "b", "c", "d");

            LogSlice slice = log.read(2, 1000, Long.MAX_VALUE, true);

            assertThat(slice.position().offset()).isEqualTo(1);
            slice.close();
            assertThat(valuesFrom(log, 2, 1000)).containsExactly("2:c", "3:d");
        }
    }

    @Test
    void aReadReturnsWholeBatchesUpToItsBounds() throws Exception {
        try (PartitionLog log = open()) {
            int size = batch("a").readableBytes();
            for (String value : List.of("a", "b", "c", "d", "e")) {
                append(log, 0, value);
            }

            assertThat(sizeOf(log, 0, 3 * size, Long.MAX_VALUE, false)).isEqualTo(3 * size);
            assertThat(sizeOf(log, 0, 3 * size - 1, Long.MAX_VALUE, false)).isEqualTo(2 * size);
            assertThat(sizeOf(log, 1, 1000, 3, false)).isEqualTo(2 * size);
            assertThat(sizeOf(log, 0, size - 1, Long.MAX_VALUE, false)).isZero();
            assertThat(sizeOf(log, 0, 1, Long.MAX_VALUE, true)).isEqualTo(size);
            assertThat(sizeOf(log, 2, 1000, 2, true)).isZero();
        }
    }

    private static int sizeOf(PartitionLog log, long offset, int maxBytes, long bound, boolean minOne)
            throws OffsetOutOfRangeException {
        try (LogSlice slice = log.read(offset, maxBytes, bound, minOne)) {
            return slice.sizeInBytes();
        }
    }

    @Test
    void aReadOutsideOfTheLogIsRefused() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a", "b");
            log.updateHighWatermark(2);
            log.advanceLogStartOffset(1);

            var above = catchThrowableOfType(OffsetOutOfRangeException.class, () -> log.read(3, 1, 9, true));
            var below = catchThrowableOfType(OffsetOutOfRangeException.class, () -> log.read(0, 1, 9, true));

            assertThat(above.logEndOffset()).isEqualTo(2);
            assertThat(below.logStartOffset()).isEqualTo(1);
            assertThat(log.read(2, 1, 9, true).isEmpty()).isTrue();
        }
    }

    @Test
    void segmentsRollBySizeAndAllRemainReadable() {
        try (PartitionLog log = open()) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                append(log, 0, "v" + i);
                expected.add(i + ":v" + i);
            }

            assertThat(names(".log")).hasSizeGreaterThan(20);
            assertThat(values(log)).isEqualTo(expected);
            for (int i = 0; i < 200; i += 7) {
                assertThat(valuesFrom(log, i, 150)).isEqualTo(expected.subList(i, 200));
            }
        }
    }

    private List<String> names(String suffix) {
        return disk.list(DIRECTORY).stream()
                .filter(name -> name.endsWith(suffix))
                .toList();
    }

    @Test
    void segmentsRollByAge() {
        LogConfiguration hourly = LogConfiguration.DEFAULT.withSegmentMs(3_600_000);
        try (PartitionLog log = PartitionLog.open(disk, DIRECTORY, hourly, clock)) {
            append(log, 0, "a");
            clock.advance(3_599_999);
            append(log, 0, "b");
            assertThat(names(".log")).hasSize(1);
            clock.advance(1);
            append(log, 0, "c");

            assertThat(names(".log")).hasSize(2);
            assertThat(values(log)).containsExactly("0:a", "1:b", "2:c");
        }
    }

    @Test
    void segmentsRollWhenTheirIndexIsFull() {
        LogConfiguration tinyIndex = LogConfiguration.DEFAULT.withIndex(0, 4 * SegmentIndex.ENTRY_BYTES);
        try (PartitionLog log = PartitionLog.open(disk, DIRECTORY, tinyIndex, clock)) {
            for (int i = 0; i < 12; i++) {
                append(log, 0, "v" + i);
            }

            assertThat(names(".log")).hasSize(3);
            assertThat(values(log)).hasSize(12);
        }
    }

    @Test
    void everythingIsThereAfterReopening() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 50; i++) {
                append(log, i / 10, "v" + i);
            }
            log.updateHighWatermark(40);
        }

        try (PartitionLog log = open()) {
            assertThat(values(log)).hasSize(50).startsWith("0:v0").endsWith("49:v49");
            assertThat(log.highWatermark()).isEqualTo(40);
            assertThat(log.latestEpoch()).hasValue(4);
            assertThat(log.endOffsetForEpoch(2)).isEqualTo(new EpochEndOffset(2, 30));
            assertThat(append(log, 4, "next")).isEqualTo(50);
        }
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void aFollowerKeepsOffsetsAndEpochs() throws Exception {
        try (PartitionLog log = open()) {
            ByteBuf fetched = Unpooled.wrappedBuffer(replicated(0, 1, "a", "b"), replicated(2, 4, "c"));

            Optional<AppendInfo> info = log.appendAsFollower(fetched, 4);

            assertThat(info).hasValue(new AppendInfo(0, 2, 1000, fetched.readableBytes()));
            assertThat(values(log)).containsExactly("0:a", "1:b", "2:c");
            assertThat(log.epochStartOffset(4)).hasValue(2);
        }
    }

    @Test
    void aFollowerAcceptsTheGapsThatCompactionLeaves() throws Exception {
        try (PartitionLog log = open()) {
            log.appendAsFollower(replicated(0, 0, "a"), 0);
            log.appendAsFollower(replicated(10, 0, "k"), 0);

            assertThat(log.logEndOffset()).isEqualTo(11);
            assertThat(valuesFrom(log, 5, 1000)).containsExactly("10:k");
        }
    }

    @Test
    void aFollowerRefusesWhatDoesNotGoOnAtItsEnd() throws Exception {
        try (PartitionLog log = open()) {
            log.appendAsFollower(replicated(0, 2, "a", "b"), 2);

            assertThatThrownBy(() -> log.appendAsFollower(replicated(1, 2, "x"), 2))
                    .isInstanceOf(InvalidRecordException.class);
            assertThatThrownBy(() -> log.appendAsFollower(replicated(2, 1, "x"), 2))
                    .isInstanceOf(InvalidRecordException.class);
            ByteBuf damaged = replicated(2, 2, "x");
            damaged.setByte(damaged.readableBytes() - 1, 'y');
            assertThatThrownBy(() -> log.appendAsFollower(damaged, 2)).isInstanceOf(InvalidRecordException.class);

            assertThat(values(log)).containsExactly("0:a", "1:b");
        }
    }

    @Test
    void aFollowerStopsAtABatchOfALaterEpochThanItsLeaders() throws Exception {
        try (PartitionLog log = open()) {
            ByteBuf fetched = Unpooled.wrappedBuffer(replicated(0, 1, "a"), replicated(1, 3, "b"));

            log.appendAsFollower(fetched, 2);

            assertThat(values(log)).containsExactly("0:a");
            assertThat(log.appendAsFollower(replicated(1, 3, "b"), 2)).isEmpty();
        }
    }

    @Test
    void theHighWatermarkRisesAndStaysWithinTheLog() {
        try (PartitionLog log = open()) {
            append(log, 0, "a", "b", "c");

            assertThat(log.updateHighWatermark(2)).isTrue();
            assertThat(log.updateHighWatermark(1)).isFalse();
            assertThat(log.highWatermark()).isEqualTo(2);
            assertThat(log.updateHighWatermark(99)).isTrue();
            assertThat(log.highWatermark()).isEqualTo(3);
        }
    }

    @Test
    void truncationDropsBatchesAndLowersTheHighWatermark() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 30; i++) {
                append(log, i < 20 ? 0 : 1, "v" + i);
            }
            log.updateHighWatermark(30);

            boolean truncated = log.truncateTo(15);

            assertThat(truncated).isTrue();
            assertThat(log.logEndOffset()).isEqualTo(15);
            assertThat(log.highWatermark()).isEqualTo(15);
            assertThat(log.latestEpoch()).hasValue(0);
            assertThat(append(log, 2, "new")).isEqualTo(15);
            assertThat(values(log)).hasSize(16).endsWith("14:v14", "15:new");
            assertThat(log.truncateTo(16)).isFalse();
        }
        try (PartitionLog log = open()) {
            assertThat(values(log)).hasSize(16).endsWith("14:v14", "15:new");
        }
    }

    @Test
    void truncationAtTheEndForgetsEpochsWithoutRecords() {
        try (PartitionLog log = open()) {
            append(log, 1, "a");
            log.assignEpochStartOffset(5, 1);

            boolean truncated = log.truncateTo(1);

            assertThat(truncated).isFalse();
            assertThat(log.latestEpoch()).hasValue(1);
        }
    }

    @Test
    void truncationWithinABatchDropsAllOfIt() {
        try (PartitionLog log = open()) {
            append(log, 0, "a");
            append(log, 0, "b", "c", "d");

            log.truncateTo(3);

            assertThat(log.logEndOffset()).isEqualTo(1);
            assertThat(values(log)).containsExactly("0:a");
        }
    }

    @Test
    void truncationToEveryOffsetLeavesWhatIsBelow() {
        for (int cut = 0; cut <= 25; cut++) {
            Path directory = Path.of("/logs/cut-" + cut);
            try (PartitionLog log = PartitionLog.open(disk, directory, SMALL, clock)) {
                List<String> expected = new ArrayList<>();
                for (int i = 0; i < 25; i++) {
                    append(log, 0, "v" + i);
                    expected.add(i + ":v" + i);
                }

                log.truncateTo(cut);

                assertThat(values(log)).isEqualTo(expected.subList(0, cut));
                assertThat(append(log, 0, "new")).isEqualTo(cut);
            }
        }
    }

    @Test
    void aLogStartsOverAnywhere() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a", "b", "c");

            log.truncateFullyAndStartAt(1000);

            assertThat(log.logStartOffset()).isEqualTo(1000);
            assertThat(log.logEndOffset()).isEqualTo(1000);
            assertThat(log.latestEpoch()).isEmpty();
            log.appendAsFollower(replicated(1000, 7, "x"), 7);
        }
        try (PartitionLog log = open()) {
            assertThat(values(log)).containsExactly("1000:x");
            log.truncateFullyAndStartAt(5);
            assertThat(append(log, 8, "y")).isEqualTo(5);
            assertThat(values(log)).containsExactly("5:y");
        }
    }

    @Test
    void readersKeepTheirBytesThroughTruncationAndAppend() throws Exception {
        try (PartitionLog log = open()) {
            append(log, 0, "a");
            append(log, 0, "b");
            append(log, 0, "c");
            LogSlice slice = log.read(0, 1000, Long.MAX_VALUE, true);

            log.truncateTo(1);
            append(log, 1, "B");

            assertThat(read(slice)).containsExactly("0:a", "1:b", "2:c");
            assertThat(values(log)).containsExactly("0:a", "1:B");
            slice.close();
            append(log, 1, "C");
            assertThat(values(log)).containsExactly("0:a", "1:B", "2:C");
        }
        try (PartitionLog log = open()) {
            assertThat(values(log)).containsExactly("0:a", "1:B", "2:C");
        }
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void whatReadersHeldBackFromTruncationDoesNotComeBackAfterACrash() throws Exception {
        PartitionLog log = open();
        append(log, 0, "a");
        append(log, 0, "b");
        append(log, 0, "c");
        LogSlice slice = log.read(0, 1000, Long.MAX_VALUE, true);
        log.truncateTo(1);
        append(log, 1, "B");

        disk.killProcess();

        assertThat(slice.isEmpty()).isFalse();
        try (PartitionLog reopened = open()) {
            assertThat(values(reopened)).containsExactly("0:a", "1:B");
            assertThat(reopened.latestEpoch()).hasValue(1);
        }
    }

    private static List<String> read(LogSlice slice) {
        ByteBuf bytes = slice.toByteBuf(ByteBufAllocator.DEFAULT);
        List<String> values = new ArrayList<>();
        LogSamples.addValues(bytes, 0, values);
        bytes.release();
        return values;
    }

    @Test
    void readersKeepTheirBytesThroughDeletion() throws Exception {
        PartitionLog log = open();
        append(log, 0, "a");
        LogSlice slice = log.read(0, 1000, Long.MAX_VALUE, true);

        log.delete();

        assertThat(disk.exists(DIRECTORY)).isFalse();
        assertThat(read(slice)).containsExactly("0:a");
        slice.close();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void anEmptyFollowerMayBeginWithinABatch() throws Exception {
        try (PartitionLog log = open()) {
            log.truncateFullyAndStartAt(12);

            log.appendAsFollower(replicated(10, 3, "a", "b", "c", "d"), 3);
            log.appendAsFollower(replicated(14, 3, "e"), 3);

            assertThat(log.logStartOffset()).isEqualTo(12);
            assertThat(values(log)).containsExactly("12:c", "13:d", "14:e");
        }
        try (PartitionLog log = open()) {
            assertThat(values(log)).containsExactly("12:c", "13:d", "14:e");
            log.truncateTo(13);
            assertThat(log.logStartOffset()).isEqualTo(12);
            assertThat(log.logEndOffset()).isEqualTo(12);
            assertThatThrownBy(() -> log.appendAsFollower(replicated(10, 3, "a"), 3))
                    .isInstanceOf(InvalidRecordException.class);
        }
    }

    @Test
    void advancingTheStartDeletesSegmentsAndHolds() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 30; i++) {
                append(log, i / 10, "v" + i);
            }
            log.updateHighWatermark(25);
            int before = names(".log").size();

            assertThat(log.advanceLogStartOffset(17)).isTrue();
            assertThat(log.advanceLogStartOffset(16)).isFalse();

            assertThat(names(".log")).hasSizeLessThan(before);
            assertThat(log.epochStartOffset(0)).isEmpty();
            assertThat(log.epochStartOffset(1)).hasValue(17);
            assertThatThrownBy(() -> log.advanceLogStartOffset(26)).isInstanceOf(IllegalArgumentException.class);
        }
        try (PartitionLog log = open()) {
            assertThat(log.logStartOffset()).isEqualTo(17);
            assertThat(values(log)).hasSize(13).startsWith("17:v17");
        }
    }

    @Test
    void recordsAreFoundByTime() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 40; i++) {
                appended(log, 2, batchAt(1000 + 10 * i, "a" + i, "b" + i));
            }

            assertThat(log.offsetForTimestamp(0)).hasValue(new TimestampOffset(1000, 0, 2));
            assertThat(log.offsetForTimestamp(1010)).hasValue(new TimestampOffset(1010, 2, 2));
            assertThat(log.offsetForTimestamp(1251)).hasValue(new TimestampOffset(1260, 52, 2));
            assertThat(log.offsetForTimestamp(1390)).hasValue(new TimestampOffset(1390, 78, 2));
            assertThat(log.offsetForTimestamp(1391)).isEmpty();
            assertThat(log.offsetOfMaxTimestamp()).hasValue(new TimestampOffset(1390, 78, 2));
        }
    }

    @Test
    void recordsOutOfOrderOfTimeAreFoundByTime() {
        try (PartitionLog log = open()) {
            for (long timestamp : new long[] {500, 900, 300, 700, 900, 100}) {
                appended(log, 0, batchAt(timestamp, "v"));
            }

            assertThat(log.offsetForTimestamp(600)).hasValue(new TimestampOffset(900, 1, 0));
            assertThat(log.offsetForTimestamp(901)).isEmpty();
            assertThat(log.offsetOfMaxTimestamp()).hasValue(new TimestampOffset(900, 1, 0));
        }
    }

    @Test
    void oldSegmentsAreDeletedByAgeButNotAboveTheHighWatermark() {
        LogConfiguration aged = SMALL.withRetention(5_000, LogConfiguration.UNLIMITED);
        try (PartitionLog log = PartitionLog.open(disk, DIRECTORY, aged, clock)) {
            for (int i = 0; i < 40; i++) {
                appended(log, 0, batchAt(10_000, "v" + i));
            }
            log.updateHighWatermark(20);
            assertThat(log.deleteOldSegments()).isZero();

            clock.advance(5_001);
            int deleted = log.deleteOldSegments();

            assertThat(deleted).isPositive();
            assertThat(log.logStartOffset()).isPositive().isLessThanOrEqualTo(20);
            log.updateHighWatermark(40);
            log.deleteOldSegments();
            assertThat(log.logStartOffset()).isEqualTo(40);
            assertThat(append(log, 0, "next")).isEqualTo(40);
            assertThat(values(log)).containsExactly("40:next");
        }
    }

    @Test
    void oldSegmentsAreDeletedBySize() {
        LogConfiguration bounded = SMALL.withRetention(LogConfiguration.UNLIMITED, 1000);
        try (PartitionLog log = PartitionLog.open(disk, DIRECTORY, bounded, clock)) {
            for (int i = 0; i < 60; i++) {
                append(log, 0, "v" + i);
            }
            log.updateHighWatermark(60);

            log.deleteOldSegments();

            assertThat(log.sizeInBytes()).isBetween(1000L, 1400L);
            assertThat(values(log)).endsWith("59:v59");
        }
    }

    @Test
    void aLogWhoseDiskFailedTakesNoMoreAppendsButCanBeRead() {
        PartitionLog log = open();
        append(log, 0, "a");
        disk.tearNextWrite(10);

        assertThatThrownBy(() -> log.appendAsLeader(batch("b"), 0)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> log.appendAsLeader(batch("c"), 0)).isInstanceOf(StorageException.class);

        assertThat(values(log)).containsExactly("0:a");
        log.close();
        try (PartitionLog reopened = open()) {
            assertThat(values(reopened)).containsExactly("0:a");
            assertThat(append(reopened, 0, "b")).isEqualTo(1);
        }
    }

    @Test
    void aClosedLogRefusesReadsInsteadOfWaiting() {
        PartitionLog log = open();
        append(log, 0, "a");
        log.close();

        assertThatThrownBy(() -> log.read(0, 1000, Long.MAX_VALUE, true)).isInstanceOf(StorageException.class);
    }
}
