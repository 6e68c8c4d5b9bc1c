package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.appended;
import static io.millrace.storage.LogSamples.batch;
import static io.millrace.storage.LogSamples.batchOfProducer;
import static io.millrace.storage.LogSamples.outcomeOf;
import static io.millrace.storage.LogSamples.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Idempotent producers through the log that keeps their state. */
class ProducerStatesTest {

    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final LogConfiguration SMALL = LogConfiguration.DEFAULT.withSegmentBytes(400);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);

    private PartitionLog open() {
        return open(SMALL);
    }

    private PartitionLog open(LogConfiguration configuration) {
        return PartitionLog.open(disk, DIRECTORY, configuration, clock);
    }

    @Test
    void aBatchSentAgainIsAnsweredAsTheFirstTime() {
        try (PartitionLog log = open()) {
            appended(log, 0, batch("other"));
            appended(log, 0, batchOfProducer(7, 0, 0, "a", "b"));
            appended(log, 0, batchOfProducer(7, 0, 2, "c"));

            AppendOutcome outcome = outcomeOf(log, 0, batchOfProducer(7, 0, 0, "a", "b"));

            assertThat(outcome).isEqualTo(new AppendOutcome.Duplicate(1, 2, 1000));
            assertThat(values(log)).containsExactly("0:other", "1:a", "2:b", "3:c");
        }
    }

    @Test
    void theLastFiveBatchesAreKnownAndNoMore() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 6; i++) {
                appended(log, 0, batchOfProducer(7, 0, i, "v" + i));
            }

            for (int i = 1; i < 6; i++) {
                assertThat(outcomeOf(log, 0, batchOfProducer(7, 0, i, "v" + i)))
                        .isEqualTo(new AppendOutcome.Duplicate(i, i, 1000));
            }
            assertThat(outcomeOf(log, 0, batchOfProducer(7, 0, 0, "v0")))
                    .isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 6, 0));
        }
    }

    @Test
    void aMissingBatchIsNoticed() {
        try (PartitionLog log = open()) {
            appended(log, 0, batchOfProducer(7, 0, 0, "a"));

            AppendOutcome outcome = outcomeOf(log, 0, batchOfProducer(7, 0, 2, "c"));

            assertThat(outcome).isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 1, 2));
        }
    }

    @Test
    void anUnknownProducerBeginsAtZeroInALogThatHasForgottenNone() {
        try (PartitionLog log = open()) {
            appended(log, 0, batchOfProducer(8, 0, 0, "other"));

            assertThat(outcomeOf(log, 0, batchOfProducer(7, 0, 1, "b")))
                    .isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 0, 1));
            appended(log, 0, batchOfProducer(7, 0, 0, "a"));
            appended(log, 0, batchOfProducer(7, 0, 1, "b"));
            assertThat(values(log)).containsExactly("0:other", "1:a", "2:b");
        }
    }

    @Test
    void anUnknownProducerMayBeginAnywhereInALogOfAnEarlierProcess() {
        open().close();
        try (PartitionLog log = open()) {
            appended(log, 0, batchOfProducer(7, 3, 55, "a"));

            assertThat(outcomeOf(log, 0, batchOfProducer(7, 3, 56, "b"))).isInstanceOf(AppendOutcome.Appended.class);
        }
    }

    @Test
    void aHigherEpochBeginsAtZeroAndFencesTheLower() {
        try (PartitionLog log = open()) {
            appended(log, 0, batchOfProducer(7, 0, 0, "a"));

            assertThat(outcomeOf(log, 0, batchOfProducer(7, 1, 1, "x")))
                    .isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 0, 1));
            appended(log, 0, batchOfProducer(7, 1, 0, "b"));
            assertThat(outcomeOf(log, 0, batchOfProducer(7, 0, 1, "x")))
                    .isEqualTo(new AppendOutcome.FencedProducer(7, (short) 1, (short) 0));
        }
    }

    @Test
    void sequencesGoOnAtZeroBehindTheGreatestNumber() {
        open().close();
        try (PartitionLog log = open()) {
            appended(log, 0, batchOfProducer(7, 0, Integer.MAX_VALUE - 1, "a", "b", "c"));
            appended(log, 0, batchOfProducer(7, 0, 1, "d"));

            assertThat(outcomeOf(log, 0, batchOfProducer(7, 0, Integer.MAX_VALUE - 1, "a", "b", "c")))
                    .isEqualTo(new AppendOutcome.Duplicate(0, 2, 1000));
        }
    }

    @Test
    void batchesOfAProducerComeAlone() {
        try (PartitionLog log = open()) {
            ByteBuf two = Unpooled.wrappedBuffer(batchOfProducer(7, 0, 0, "a"), batchOfProducer(7, 0, 1, "b"));

            assertThatThrownBy(() -> log.appendAsLeader(two, 0)).isInstanceOf(InvalidRecordException.class);
        }
    }

    @Test
    void aFollowerKnowsTheProducersWhenItTakesOver() throws Exception {
        try (PartitionLog log = open()) {
            ByteBuf fetched = batchOfProducer(7, 0, 0, "a", "b");
            RecordBatch.at(fetched, 0).assignOffset(0, 0);
            log.appendAsFollower(fetched, 0);

            assertThat(outcomeOf(log, 1, batchOfProducer(7, 0, 0, "a", "b")))
                    .isEqualTo(new AppendOutcome.Duplicate(0, 1, 1000));
        }
    }

    @Test
    void producersAreKnownAfterACleanShutdownAndAfterAKill() {
        for (boolean clean : new boolean[] {true, false}) {
            InMemoryDisk fresh = new InMemoryDisk();
            PartitionLog log = PartitionLog.open(fresh, DIRECTORY, SMALL, clock);
            for (int i = 0; i < 40; i++) {
                appended(log, 0, batchOfProducer(7 + i % 3, 0, i / 3, "v" + i));
            }
            if (clean) {
                log.close();
            } else {
                fresh.killProcess();
            }

            try (PartitionLog reopened = PartitionLog.open(fresh, DIRECTORY, SMALL, clock)) {
                assertThat(outcomeOf(reopened, 0, batchOfProducer(7, 0, 13, "v39")))
                        .isEqualTo(new AppendOutcome.Duplicate(39, 39, 1000));
                assertThat(outcomeOf(reopened, 0, batchOfProducer(8, 0, 14, "gap")))
                        .isEqualTo(new AppendOutcome.OutOfOrderSequence(8, 13, 14));
                appended(reopened, 0, batchOfProducer(8, 0, 13, "next"));
            }
        }
    }

    @Test
    void truncationForgetsWhatItDropped() {
        try (PartitionLog log = open()) {
            for (int i = 0; i < 30; i++) {
                appended(log, 0, batchOfProducer(7, 0, i, "v" + i));
            }

            log.truncateTo(20);

            assertThat(outcomeOf(log, 1, batchOfProducer(7, 0, 21, "gap")))
                    .isEqualTo(new AppendOutcome.OutOfOrderSequence(7, 20, 21));
            assertThat(appended(log, 1, batchOfProducer(7, 0, 20, "again")).baseOffset())
                    .isEqualTo(20);
        }
    }

    @Test
    void silentProducersAreForgottenInTime() {
        LogConfiguration impatient = SMALL.withProducers(1000, 100);
        try (PartitionLog log = open(impatient)) {
            appended(log, 0, batchOfProducer(7, 0, 0, "a"));
            clock.advance(1001);
            log.deleteOldSegments();

            appended(log, 0, batchOfProducer(7, 0, 9, "any"));

            assertThat(values(log)).hasSize(2);
        }
    }

    @Test
    void theLongestSilentProducerMakesRoomForANewOne() {
        LogConfiguration crowded = SMALL.withProducers(1_000_000, 3);
        try (PartitionLog log = open(crowded)) {
            for (int id = 1; id <= 3; id++) {
                appended(log, 0, batchOfProducer(id, 0, 0, "v"));
            }
            appended(log, 0, batchOfProducer(1, 0, 1, "v"));
            appended(log, 0, batchOfProducer(4, 0, 0, "v"));

            assertThat(outcomeOf(log, 0, batchOfProducer(1, 0, 1, "v"))).isInstanceOf(AppendOutcome.Duplicate.class);
            assertThat(outcomeOf(log, 0, batchOfProducer(3, 0, 0, "v"))).isInstanceOf(AppendOutcome.Duplicate.class);
            assertThat(outcomeOf(log, 0, batchOfProducer(2, 0, 9, "v"))).isInstanceOf(AppendOutcome.Appended.class);
        }
    }

    @Test
    void recordsWithoutProducerAreNeverDuplicates() {
        try (PartitionLog log = open()) {
            append(log, 0, "a");
            append(log, 0, "a");

            assertThat(values(log)).containsExactly("0:a", "1:a");
        }
    }
}
