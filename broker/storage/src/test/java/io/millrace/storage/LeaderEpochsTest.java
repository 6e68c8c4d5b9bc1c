package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.LeaderEpochs.Entry;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaderEpochsTest {

    private final InMemoryDisk disk = new InMemoryDisk();
    private final LogFiles files = new LogFiles(disk, Path.of("/log"));
    private LeaderEpochs epochs;

    @BeforeEach
    void threeEpochs() {
        disk.createDirectory(files.directory());
        epochs = LeaderEpochs.empty(files);
        epochs.assign(2, 0);
        epochs.assign(4, 10);
        epochs.assign(7, 30);
    }

    @Test
    void theLatestEpochEndsWhereTheLogEnds() {
        assertThat(epochs.endOffsetFor(7, 42)).isEqualTo(new EpochEndOffset(7, 42));
    }

    @Test
    void anEarlierEpochEndsWhereTheNextBegins() {
        assertThat(epochs.endOffsetFor(2, 42)).isEqualTo(new EpochEndOffset(2, 10));
        assertThat(epochs.endOffsetFor(4, 42)).isEqualTo(new EpochEndOffset(4, 30));
    }

    @Test
    void anEpochBetweenTwoIsAnsweredWithTheOneBelow() {
        assertThat(epochs.endOffsetFor(3, 42)).isEqualTo(new EpochEndOffset(2, 10));
        assertThat(epochs.endOffsetFor(6, 42)).isEqualTo(new EpochEndOffset(4, 30));
    }

    @Test
    void anEpochBelowAllEndsWhereTheFirstBegins() {
        epochs.truncateFromStart(5);

        assertThat(epochs.endOffsetFor(1, 42)).isEqualTo(new EpochEndOffset(1, 5));
    }

    @Test
    void anEpochAboveAllIsUndefined() {
        assertThat(epochs.endOffsetFor(8, 42)).isEqualTo(EpochEndOffset.UNDEFINED);
        assertThat(epochs.endOffsetFor(-1, 42)).isEqualTo(EpochEndOffset.UNDEFINED);
        assertThat(LeaderEpochs.empty(files).endOffsetFor(0, 42).isDefined()).isFalse();
    }

    @Test
    void truncationForgetsWhatBeginsAtOrAboveTheEnd() {
        epochs.truncateFromEnd(30);

        assertThat(epochs.entries()).containsExactly(new Entry(2, 0), new Entry(4, 10));
    }

    @Test
    void aNewStartKeepsTheEpochThatLastsThere() {
        epochs.truncateFromStart(15);

        assertThat(epochs.entries()).containsExactly(new Entry(4, 15), new Entry(7, 30));
    }

    @Test
    void anEpochWithoutRecordsGivesWayToTheNext() {
        epochs.assign(8, 50);
        epochs.assign(9, 50);

        assertThat(epochs.entries())
                .endsWith(new Entry(7, 30), new Entry(9, 50))
                .hasSize(4);
    }

    @Test
    void aKnownEpochIsNotMoved() {
        assertThat(epochs.assign(7, 31)).isFalse();
        assertThat(epochs.startOffsetOf(7)).hasValue(30);
    }

    @Test
    void theEpochOfAnOffsetIsTheLastThatBeganThere() {
        assertThat(epochs.epochAt(0)).hasValue(2);
        assertThat(epochs.epochAt(29)).hasValue(4);
        assertThat(epochs.epochAt(1000)).hasValue(7);
    }

    @Test
    void theFileHoldsWhatWasWritten() {
        epochs.write(false);

        assertThat(LeaderEpochs.read(files).orElseThrow().entries()).isEqualTo(epochs.entries());
    }

    @Test
    void anEpochBehindTheOthersWaitsForTheNextWrite() {
        epochs.write(false);

        epochs.assign(8, 50);

        assertThat(LeaderEpochs.read(files).orElseThrow().entries()).endsWith(new Entry(7, 30));
    }

    @Test
    void anEpochThatDisplacesAnotherIsWrittenAtOnce() {
        epochs.assign(8, 50);
        epochs.write(false);

        epochs.assign(9, 50);

        assertThat(LeaderEpochs.read(files).orElseThrow().entries()).isEqualTo(epochs.entries());
    }

    @Test
    void entriesThatAreOnTheMediumAreNotWrittenAgain() {
        epochs.write(true);
        disk.failWhen((operation, path) -> operation == InMemoryDisk.Operation.REPLACE);

        epochs.write(true);

        disk.heal();
        disk.losePower();
        assertThat(LeaderEpochs.read(files).orElseThrow().entries()).isEqualTo(epochs.entries());
    }

    @Test
    void entriesThatWereWrittenWithoutForceAreForced() {
        epochs.write(true);
        epochs.truncateFromEnd(30); // writes, and does not force

        epochs.write(true);

        disk.losePower();
        assertThat(LeaderEpochs.read(files).orElseThrow().latest()).hasValue(4);
    }
}
