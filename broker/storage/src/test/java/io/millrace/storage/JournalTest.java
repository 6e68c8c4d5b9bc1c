package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.InMemoryDisk.Operation;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final Path ROOT = Path.of("/logs");
    private static final Path JOURNAL = Path.of("/journal");
    private static final JournalConfiguration SMALL = new JournalConfiguration(20_000, 3, 1_000, 10_000);
    private static final LogConfiguration JOURNALED = LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.JOURNAL);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private LogDirectories directories = open();
    private Journal journal;

    private LogDirectories open() {
        var opened = LogDirectories.open(
                disk, LogDirectoriesConfiguration.of(ROOT), new LogDirectory.Identity("cluster", 1), clock);
        JournalContents contents = JournalContents.read(disk, JOURNAL);
        tasks.clear();
        journal = Journal.open(disk, JOURNAL, SMALL, contents, tasks::add, tasks::add);
        opened.use(journal, contents);
        opened.recover(id -> JOURNALED);
        directories = opened;
        return opened;
    }

    private PartitionLog log(int number) {
        return directories.create(id(number), "topic", JOURNALED);
    }

    private static LogId id(int number) {
        return new LogId(new UUID(0, number), 0, LogId.Kind.DATA);
    }

    private void runAll() {
        while (!tasks.isEmpty()) {
            tasks.poll().run();
        }
    }

    private void losePower() {
        disk.losePower();
        open();
    }

    /** The only file of the journal. */
    private Path file() {
        List<String> names = disk.list(JOURNAL).stream()
                .filter(name -> name.endsWith(JournalFile.JOURNAL))
                .toList();
        assertThat(names).hasSize(1);
        return JOURNAL.resolve(names.get(0));
    }

    private void flip(Path file, int position) {
        byte[] bytes = disk.read(file);
        bytes[position] ^= 1;
        disk.replace(file, bytes, true);
    }

    /** Where a text lies in the journal. */
    private int positionOf(String text) {
        String contents = new String(disk.read(file()), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(contents).contains(text);
        return contents.indexOf(text);
    }

    @Test
    void appendsOfManyLogsAreForcedTogether() {
        List<PartitionLog> logs = new ArrayList<>();
        for (int number = 0; number < 50; number++) {
            logs.add(log(number));
        }
        runAll();
        long before = journal.forcedRounds();

        logs.forEach(log -> LogSamples.append(log, 0, "a"));
        assertThat(logs).allMatch(log -> log.durableEndOffset() == 0);
        runAll();

        assertThat(logs).allMatch(log -> log.durableEndOffset() == 1);
        assertThat(journal.forcedRounds()).isEqualTo(before + 1);
    }

    @Test
    void whatIsDurableSurvivesTheLossOfPower() {
        LogSamples.append(log(1), 0, "a");
        LogSamples.append(log(2), 0, "b");
        runAll();
        LogSamples.append(log(1), 0, "not yet");

        losePower();

        assertThat(LogSamples.values(log(1))).containsExactly("0:a");
        assertThat(LogSamples.values(log(2))).containsExactly("0:b");
    }

    @Test
    void aLogIsThereEvenIfItsDirectoryIsNot() {
        LogSamples.append(log(1), 0, "a");
        runAll();

        disk.losePower();
        disk.delete(ROOT.resolve(id(1).directoryName("topic")));
        open();

        assertThat(LogSamples.values(log(1))).containsExactly("0:a");
    }

    @Test
    void aDeletedLogStaysDeleted() {
        LogSamples.append(log(1), 0, "a");
        directories.delete(id(1));
        LogSamples.append(log(2), 0, "b");
        runAll();

        losePower();

        assertThat(directories.holds(id(1))).isFalse();
    }

    @Test
    void aSegmentThatWasLostWithThePowerIsPutThereAnew() {
        LogConfiguration smallSegments = JOURNALED.withSegmentBytes(200);
        PartitionLog log = directories.create(id(1), "topic", smallSegments);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            LogSamples.append(log, 0, "v" + i);
            expected.add(i + ":v" + i);
        }
        runAll();
        disk.killProcess();
        Path lost = ROOT.resolve(id(1).directoryName("topic")).resolve("00000000000000000000");
        disk.replace(Path.of(lost + ".log"), new byte[0], true);
        disk.delete(Path.of(lost + ".index"));

        open();

        assertThat(LogSamples.values(log(1))).isEqualTo(expected);
    }

    @Test
    void aLargeAppendIsForcedInItsSegment() {
        LogSamples.append(log(1), 0, "small");
        LogSamples.append(log(1), 0, "x".repeat(2_000));
        LogSamples.append(log(1), 0, "after");
        runAll();

        assertThat(log(1).durableEndOffset()).isEqualTo(3);
        assertThat(new String(disk.read(file()), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("xxxxx");
        losePower();
        assertThat(LogSamples.values(log(1))).hasSize(3);
    }

    @Test
    void aLogTellsWhenItIsDurable() {
        List<Long> told = new ArrayList<>();
        PartitionLog log = log(1);
        log.listen(new DurabilityListener() {
            @Override
            public void onDurable() {
                told.add(log.durableEndOffset());
            }

            @Override
            public void onFailed(StorageException failure) {
                throw failure;
            }
        });

        LogSamples.append(log, 0, "a");
        runAll();

        assertThat(told).contains(1L);
    }

    @Test
    void theHighWatermarkNeverPassesWhatIsDurable() {
        LogSamples.append(log(1), 0, "a");
        runAll();
        LogSamples.append(log(1), 0, "b");

        log(1).updateHighWatermark(2);

        assertThat(log(1).highWatermark()).isEqualTo(1);
    }

    @Test
    void filesAreUsedAgain() {
        String value = "v".repeat(500);
        for (int i = 0; i < 400; i++) {
            LogSamples.append(log(i % 3), 0, value);
            runAll();
        }

        assertThat(disk.list(JOURNAL)).hasSizeLessThanOrEqualTo(4);
        losePower();
        assertThat(LogSamples.values(log(0))).hasSize(134);
        assertThat(LogSamples.values(log(1))).hasSize(133);
    }

    @Test
    void anOrderlyEndLeavesNothingInTheJournal() {
        LogSamples.append(log(1), 0, "a");
        runAll();

        directories.shutDown(1);
        runAll();
        journal.close();

        assertThat(disk.list(JOURNAL)).noneMatch(name -> name.endsWith(JournalFile.JOURNAL));
        open();
        assertThat(LogSamples.values(log(1))).containsExactly("0:a");
    }

    @Test
    void aDamagedAppendIsHeldAgainstItsLogAlone() {
        LogSamples.append(log(1), 0, "first");
        LogSamples.append(log(2), 0, "second");
        runAll();
        LogSamples.append(log(3), 0, "third");
        runAll();

        disk.losePower();
        flip(file(), positionOf("first"));
        open();

        assertThatThrownBy(() -> log(1)).isInstanceOf(CorruptLogException.class).hasMessageContaining("damaged");
        assertThat(LogSamples.values(log(2))).containsExactly("0:second");
        assertThat(LogSamples.values(log(3))).containsExactly("0:third");
    }

    @Test
    void aDamagedAppendDoesNotMatterWhereTheLogHasIt() {
        LogSamples.append(log(1), 0, "first");
        runAll();
        LogSamples.append(log(2), 0, "second");
        runAll();

        disk.killProcess();
        flip(file(), positionOf("first"));
        open();

        assertThat(LogSamples.values(log(1))).containsExactly("0:first");
    }

    @Test
    void damageThatHitsNobodyKnowsWhomMakesAllLogsSuspect() {
        LogSamples.append(log(1), 0, "first");
        runAll();
        LogSamples.append(log(2), 0, "second");
        runAll();

        disk.losePower();
        flip(file(), JournalFormat.FILE_HEADER_BYTES + JournalFormat.ROUND_HEADER_BYTES + 20);
        open();

        assertThatThrownBy(() -> log(1)).isInstanceOf(CorruptLogException.class);
        assertThatThrownBy(() -> log(2)).isInstanceOf(CorruptLogException.class);
    }

    @Test
    void aRepairedLogCanBeUsedAgain() {
        LogSamples.append(log(1), 0, "first");
        runAll();
        LogSamples.append(log(2), 0, "second");
        runAll();
        disk.losePower();
        flip(file(), positionOf("first"));
        open();

        PartitionLog repaired = directories.reopen(id(1), true, JOURNALED);

        assertThat(LogSamples.values(repaired)).isEmpty();
        LogSamples.append(repaired, 1, "again");
        runAll();
        losePower();
        assertThat(LogSamples.values(log(1))).containsExactly("0:again");
    }

    @Test
    void aTornLastRoundWasPromisedToNobody() {
        LogSamples.append(log(1), 0, "first");
        runAll();
        LogSamples.append(log(1), 0, "second");
        runAll();

        disk.losePower();
        flip(file(), positionOf("second"));
        open();

        assertThat(LogSamples.values(log(1))).containsExactly("0:first");
    }

    @Test
    void logsStopWhenTheJournalFails() {
        List<StorageException> failures = new ArrayList<>();
        PartitionLog log = log(1);
        log.listen(new DurabilityListener() {
            @Override
            public void onDurable() {
                assertThat(failures).isEmpty();
            }

            @Override
            public void onFailed(StorageException failure) {
                failures.add(failure);
            }
        });
        runAll();
        LogSamples.append(log, 0, "a");

        disk.failWhen((operation, path) -> operation == Operation.FORCE && path.startsWith(JOURNAL));
        runAll();

        assertThat(failures).hasSize(1);
        assertThat(log.durableEndOffset()).isZero();
        assertThatThrownBy(() -> LogSamples.append(log, 0, "b")).isInstanceOf(StorageException.class);
    }

    @Test
    void aLogIsNotOpenedAgainWhenTheJournalHasFailed() {
        LogSamples.append(log(1), 0, "a");
        disk.failWhen((operation, path) -> operation == Operation.FORCE && path.startsWith(JOURNAL));
        runAll();
        disk.heal();

        assertThatThrownBy(() -> directories.reopen(id(1), false, JOURNALED))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("The journal failed earlier");
    }

    @Test
    void aFullDiskRefusesAppendsAndCostsNothingThatIsDurable() {
        PartitionLog log = log(1);
        PartitionLog other = log(2);
        LogSamples.append(other, 0, "before");
        runAll();
        disk.limitTo(disk.usedBytes() + 30_000);

        int appended = appendUntilFull(log);

        assertThat(appended).isBetween(10, 150);
        assertThat(log.durableEndOffset()).isEqualTo(appended);
        assertThat(LogSamples.values(other)).containsExactly("0:before");
        disk.limitTo(Long.MAX_VALUE);
        LogSamples.append(log, 0, "after");
        LogSamples.append(other, 0, "after");
        runAll();
        losePower();
        assertThat(LogSamples.values(log(1))).hasSize(appended + 1).endsWith(appended + ":after");
        assertThat(LogSamples.values(log(2))).containsExactly("0:before", "1:after");
    }

    @Test
    void aLogThatIsOpenedAgainIsNotCutByWhatItToldBefore() {
        PartitionLog log = log(1);
        LogSamples.append(log, 0, "a");
        LogSamples.append(log, 0, "cut off");
        runAll();
        log.truncateTo(1);
        LogSamples.append(log, 0, "b".repeat(1_100));
        disk.limitTo(disk.usedBytes());
        runAll();
        assertThatThrownBy(() -> LogSamples.append(log, 0, "c")).isInstanceOf(StorageException.class);
        disk.limitTo(Long.MAX_VALUE);

        PartitionLog again = directories.reopen(id(1), false, JOURNALED);

        assertThat(again.durableEndOffset()).isEqualTo(2);
        losePower();
        assertThat(LogSamples.values(log(1))).containsExactly("0:a", "1:" + "b".repeat(1_100));
    }

    @Test
    void aLogThatIsOpenedAgainWithoutTheJournalIsNotCutByWhatItToldBefore() {
        PartitionLog log = log(1);
        LogSamples.append(log, 0, "a");
        LogSamples.append(log, 0, "cut off");
        runAll();
        log.truncateTo(1);

        PartitionLog again = directories.reopen(id(1), false, JOURNALED.withFlushPolicy(FlushPolicy.OS));
        LogSamples.append(again, 0, "b");
        again.flush();

        losePower();
        assertThat(LogSamples.values(log(1))).containsExactly("0:a", "1:b");
    }

    /** Answers how many records there was room for. */
    private int appendUntilFull(PartitionLog log) {
        for (int appended = 0; appended < 1_000; appended++) {
            try {
                LogSamples.append(log, 0, "x".repeat(200));
            } catch (DiskFullException e) {
                return appended;
            }
            runAll();
        }
        throw new AssertionError("The disk takes more than it should");
    }

    @Test
    void aRecoveryThatIsInterruptedCanBeDoneAgain() {
        LogSamples.append(log(1), 0, "a");
        LogSamples.append(log(2), 0, "b");
        runAll();
        disk.losePower();

        disk.failWhen((operation, path) ->
                operation == Operation.WRITE && path.toString().contains(id(2).directoryName("topic")));
        assertThatThrownBy(() -> {
                    open();
                    log(2);
                })
                .isInstanceOf(StorageException.class);
        disk.heal();
        losePower();

        assertThat(LogSamples.values(log(1))).containsExactly("0:a");
        assertThat(LogSamples.values(log(2))).containsExactly("0:b");
    }
}
