package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogOffsetsTest {
    private final LogOffsets offsets = new LogOffsets(10, 20, 15, 30, 0);

    @Test
    void theHighWatermarkRisesAtMostToTheEnd() {
        boolean moved = offsets.raiseHighWatermark(40);

        assertThat(moved).isTrue();
        assertThat(offsets.highWatermark()).isEqualTo(30);
    }

    @Test
    void theHighWatermarkNeverFallsWithoutATruncation() {
        boolean moved = offsets.raiseHighWatermark(19);

        assertThat(moved).isFalse();
        assertThat(offsets.highWatermark()).isEqualTo(20);
    }

    @Test
    void aCutTakesBackWhatWasPromisedAboveIt() {
        offsets.cutTo(12);

        assertThat(offsets.checkpoint()).isEqualTo(new LogCheckpoint(10, 12, 12, 0, false, 0, 0));
        assertThat(offsets.logEndOffset()).isEqualTo(12);
    }

    @Test
    void aCutLeavesWhatIsBelowIt() {
        offsets.cutTo(25);

        assertThat(offsets.checkpoint()).isEqualTo(new LogCheckpoint(10, 20, 15, 0, false, 0, 0));
        assertThat(offsets.logEndOffset()).isEqualTo(25);
    }

    @Test
    void aLogThatStartsOverPromisesNothingAndHasNoMoreOnTheMediumThanBefore() {
        offsets.startOverAt(100);

        assertThat(offsets.checkpoint()).isEqualTo(new LogCheckpoint(100, 100, 15, 0, false, 0, 0));
    }

    @Test
    void aLogClosedInOrderNotesItsEndAndSize() {
        assertThat(offsets.cleanCheckpoint(77)).isEqualTo(new LogCheckpoint(10, 20, 15, 0, true, 30, 77));
    }
}
