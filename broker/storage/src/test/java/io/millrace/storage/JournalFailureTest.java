package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.InMemoryDisk.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalFailureTest {

    private final JournaledLogs journaled = new JournaledLogs();

    @Test
    void logsStopWhenTheJournalFails() {
        List<StorageException> failures = new ArrayList<>();
        PartitionLog log = journaled.log(1);
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
        journaled.runAll();
        LogSamples.append(log, 0, "a");

        journaled
                .disk()
                .failWhen((operation, path) -> operation == Operation.FORCE && path.startsWith(JournaledLogs.JOURNAL));
        journaled.runAll();

        assertThat(failures).hasSize(1);
        assertThat(log.durableEndOffset()).isZero();
        assertThatThrownBy(() -> LogSamples.append(log, 0, "b")).isInstanceOf(StorageException.class);
    }

    @Test
    void aLogIsNotOpenedAgainWhenTheJournalHasFailed() {
        LogSamples.append(journaled.log(1), 0, "a");
        journaled
                .disk()
                .failWhen((operation, path) -> operation == Operation.FORCE && path.startsWith(JournaledLogs.JOURNAL));
        journaled.runAll();
        journaled.disk().heal();

        assertThatThrownBy(() -> journaled.directories().reopen(journaled.id(1), false, JournaledLogs.JOURNALED))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("The journal failed earlier");
    }

    @Test
    void aFullDiskRefusesAppendsAndCostsNothingThatIsDurable() {
        PartitionLog log = journaled.log(1);
        PartitionLog other = journaled.log(2);
        LogSamples.append(other, 0, "before");
        journaled.runAll();
        journaled.disk().limitTo(journaled.disk().usedBytes() + 30_000);

        int appended = appendUntilFull(log);

        assertThat(appended).isBetween(10, 150);
        assertThat(log.durableEndOffset()).isEqualTo(appended);
        assertThat(LogSamples.values(other)).containsExactly("0:before");
        journaled.disk().limitTo(Long.MAX_VALUE);
        LogSamples.append(log, 0, "after");
        LogSamples.append(other, 0, "after");
        journaled.runAll();
        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(1))).hasSize(appended + 1).endsWith(appended + ":after");
        assertThat(LogSamples.values(journaled.log(2))).containsExactly("0:before", "1:after");
    }

    @Test
    void aLogThatIsOpenedAgainIsNotCutByWhatItToldBefore() {
        PartitionLog log = journaled.log(1);
        LogSamples.append(log, 0, "a");
        LogSamples.append(log, 0, "cut off");
        journaled.runAll();
        log.truncateTo(1);
        LogSamples.append(log, 0, "b".repeat(1_100));
        journaled.disk().limitTo(journaled.disk().usedBytes());
        journaled.runAll();
        assertThatThrownBy(() -> LogSamples.append(log, 0, "c")).isInstanceOf(StorageException.class);
        journaled.disk().limitTo(Long.MAX_VALUE);

        PartitionLog again = journaled.directories().reopen(journaled.id(1), false, JournaledLogs.JOURNALED);

        assertThat(again.durableEndOffset()).isEqualTo(2);
        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a", "1:" + "b".repeat(1_100));
    }

    @Test
    void aLogThatIsOpenedAgainWithoutTheJournalIsNotCutByWhatItToldBefore() {
        PartitionLog log = journaled.log(1);
        LogSamples.append(log, 0, "a");
        LogSamples.append(log, 0, "cut off");
        journaled.runAll();
        log.truncateTo(1);

        PartitionLog again = journaled
                .directories()
                .reopen(journaled.id(1), false, JournaledLogs.JOURNALED.withFlushPolicy(FlushPolicy.OS));
        LogSamples.append(again, 0, "b");
        again.flush();

        journaled.losePower();
        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a", "1:b");
    }

    @Test
    void aRecoveryThatIsInterruptedCanBeDoneAgain() {
        LogSamples.append(journaled.log(1), 0, "a");
        LogSamples.append(journaled.log(2), 0, "b");
        journaled.runAll();
        journaled.disk().losePower();

        journaled
                .disk()
                .failWhen((operation, path) -> operation == Operation.WRITE
                        && path.toString().contains(journaled.id(2).directoryName("topic")));
        assertThatThrownBy(() -> {
                    journaled.open();
                    journaled.log(2);
                })
                .isInstanceOf(StorageException.class);
        journaled.disk().heal();
        journaled.losePower();

        assertThat(LogSamples.values(journaled.log(1))).containsExactly("0:a");
        assertThat(LogSamples.values(journaled.log(2))).containsExactly("0:b");
    }

    /** Answers how many records there was room for. */
    private int appendUntilFull(PartitionLog log) {
        for (int appended = 0; appended < 1_000; appended++) {
            try {
                LogSamples.append(log, 0, "x".repeat(200));
            } catch (DiskFullException e) {
                return appended;
            }
            journaled.runAll();
        }
        throw new AssertionError("The disk takes more than it should");
    }
}
