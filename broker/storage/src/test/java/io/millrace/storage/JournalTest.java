package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {

    private final JournaledLogs journaled = new JournaledLogs();

    @Test
    void appendsOfManyLogsAreForcedTogether() {
        List<PartitionLog> logs = new ArrayList<>();
        for (int number = 0; number < 50; number++) {
            logs.add(journaled.log(number));
        }
        journaled.runAll();
        long before = journaled.journal().forcedRounds();

        logs.forEach(log -> LogSamples.append(log, 0, "a"));
        assertThat(logs).allMatch(log -> log.durableEndOffset() == 0);
        journaled.runAll();

        assertThat(logs).allMatch(log -> log.durableEndOffset() == 1);
        assertThat(journaled.journal().forcedRounds()).isEqualTo(before + 1);
    }

    @Test
    void whatIsDurableSurvivesTheLossOfPower() {
        LogSamples.append(journaled.log(1), 0, "a");
        LogSamples.append(journaled.log(2), 0, "b");
        journaled.runAll();
        LogSamples.append(journaled.log(1), 0, "not yet");

        journaled.losePower();

        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a");
        assertThat(LogSamples.values(journaled.log(2))).containsExactly("0:b");
    }

    @Test
    void aLogIsThereEvenIfItsDirectoryIsNot() {
        LogSamples.append(journaled.log(1), 0, "a");
        journaled.runAll();

        journaled.disk().losePower();
        journaled.disk().delete(JournaledLogs.ROOT.resolve(journaled.id(1).directoryName("topic")));
        journaled.open();

        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a");
    }

    @Test
    void aDeletedLogStaysDeleted() {
        LogSamples.append(journaled.log(1), 0, "a");
        journaled.directories().delete(journaled.id(1));
        LogSamples.append(journaled.log(2), 0, "b");
        journaled.runAll();

        journaled.losePower();

        assertThat(journaled.directories().holds(journaled.id(1))).isFalse();
    }

    @Test
    void aSegmentThatWasLostWithThePowerIsPutThereAnew() {
        LogConfiguration smallSegments = JournaledLogs.JOURNALED.withSegmentBytes(200);
        PartitionLog log = journaled.directories().create(journaled.id(1), "topic", smallSegments);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            LogSamples.append(log, 0, "v" + i);
            expected.add(i + ":v" + i);
        }
        journaled.runAll();
        journaled.disk().killProcess();
        Path lost = JournaledLogs.ROOT
                .resolve(journaled.id(1).directoryName("topic"))
                .resolve("00000000000000000000");
        journaled.disk().replace(Path.of(lost + ".log"), new byte[0], true);
        journaled.disk().delete(Path.of(lost + ".index"));

        journaled.open();

        assertThat(LogSamples.values(journaled.log(1))).isEqualTo(expected);
    }

    @Test
    void aLargeAppendIsForcedInItsSegment() {
        LogSamples.append(journaled.log(1), 0, "small");
        LogSamples.append(journaled.log(1), 0, "x".repeat(2_000));
        LogSamples.append(journaled.log(1), 0, "after");
        journaled.runAll();

        assertThat(journaled.log(1).durableEndOffset()).isEqualTo(3);
        assertThat(new String(journaled.disk().read(journaled.file()), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("xxxxx");
        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(1))).hasSize(3);
    }

    @Test
    void aLogTellsWhenItIsDurable() {
        List<Long> told = new ArrayList<>();
        PartitionLog log = journaled.log(1);
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
        journaled.runAll();

        assertThat(told).contains(1L);
    }

    @Test
    void theHighWatermarkNeverPassesWhatIsDurable() {
        LogSamples.append(journaled.log(1), 0, "a");
        journaled.runAll();
        LogSamples.append(journaled.log(1), 0, "b");

        journaled.log(1).updateHighWatermark(2);

        assertThat(journaled.log(1).highWatermark()).isEqualTo(1);
    }

    @Test
    void filesAreUsedAgain() {
        String value = "v".repeat(500);
        for (int i = 0; i < 400; i++) {
            LogSamples.append(journaled.log(i % 3), 0, value);
            journaled.runAll();
        }

        assertThat(journaled.disk().list(JournaledLogs.JOURNAL)).hasSizeLessThanOrEqualTo(4);
        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(0))).hasSize(134);
        assertThat(LogSamples.values(journaled.log(1))).hasSize(133);
    }

    @Test
    void anOrderlyEndLeavesNothingInTheJournal() {
        LogSamples.append(journaled.log(1), 0, "a");
        journaled.runAll();

        journaled.directories().shutDown(1);
        journaled.runAll();
        journaled.journal().close();

        assertThat(journaled.disk().list(JournaledLogs.JOURNAL)).noneMatch(name -> name.endsWith(JournalFile.JOURNAL));
        journaled.open();
        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a");
    }
}
