package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JournalDamageTest {

    private final JournaledLogs journaled = new JournaledLogs();

    @Test
    void aDamagedAppendIsHeldAgainstItsLogAlone() {
        LogSamples.append(journaled.log(1), 0, "first");
        LogSamples.append(journaled.log(2), 0, "second");
        journaled.runAll();
        LogSamples.append(journaled.log(3), 0, "third");
        journaled.runAll();

        journaled.disk().losePower();
        journaled.flip(journaled.file(), journaled.positionOf("first"));
        journaled.open();

        assertThatThrownBy(() -> journaled.log(1))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("damaged");
        assertThat(LogSamples.values(journaled.log(2))).containsExactly("0:second");
        assertThat(LogSamples.values(journaled.log(3))).containsExactly("0:third");
    }

    @Test
    void aDamagedAppendDoesNotMatterWhereTheLogHasIt() {
        LogSamples.append(journaled.log(1), 0, "first");
        journaled.runAll();
        LogSamples.append(journaled.log(2), 0, "second");
        journaled.runAll();

        journaled.disk().killProcess();
        journaled.flip(journaled.file(), journaled.positionOf("first"));
        journaled.open();

        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:first");
    }

    @Test
    void damageThatHitsNobodyKnowsWhomMakesAllLogsSuspect() {
        LogSamples.append(journaled.log(1), 0, "first");
        journaled.runAll();
        LogSamples.append(journaled.log(2), 0, "second");
        journaled.runAll();

        journaled.disk().losePower();
        journaled.flip(journaled.file(), JournalFormat.FILE_HEADER_BYTES + JournalFormat.ROUND_HEADER_BYTES + 20);
        journaled.open();

        assertThatThrownBy(() -> journaled.log(1)).isInstanceOf(CorruptLogException.class);
        assertThatThrownBy(() -> journaled.log(2)).isInstanceOf(CorruptLogException.class);
    }

    @Test
    void aRepairedLogCanBeUsedAgain() {
        LogSamples.append(journaled.log(1), 0, "first");
        journaled.runAll();
        LogSamples.append(journaled.log(2), 0, "second");
        journaled.runAll();
        journaled.disk().losePower();
        journaled.flip(journaled.file(), journaled.positionOf("first"));
        journaled.open();

        PartitionLog repaired = journaled.directories().reopen(journaled.id(1), true, JournaledLogs.JOURNALED);

        assertThat(LogSamples.values(repaired)).isEmpty();
        LogSamples.append(repaired, 1, "again");
        journaled.runAll();
        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:again");
    }

    @Test
    void aTornLastRoundWasPromisedToNobody() {
        LogSamples.append(journaled.log(1), 0, "first");
        journaled.runAll();
        LogSamples.append(journaled.log(1), 0, "second");
        journaled.runAll();

        journaled.disk().losePower();
        journaled.flip(journaled.file(), journaled.positionOf("second"));
        journaled.open();

        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:first");
    }
}
