package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.InMemoryDisk.Operation;
import io.millrace.storage.LogDirectory.Identity;
import io.millrace.storage.LogId.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LogDirectoriesTest {

    private static final Identity BROKER = new Identity("cluster", 1);
    private static final Path A = Path.of("/a");
    private static final Path B = Path.of("/b");

    private final InMemoryDisk disk = new InMemoryDisk();

    private LogDirectories open() {
        return LogDirectories.open(disk, LogDirectoriesConfiguration.of(A, B), BROKER, new ManualTime(1_000));
    }

    private static LogId data(int partition) {
        return new LogId(new UUID(0, 7), partition, Kind.DATA);
    }

    private static PartitionLog create(LogDirectories logs, LogId id) {
        return logs.create(id, "orders", LogConfiguration.DEFAULT);
    }

    private List<String> logsIn(Path root) {
        return disk.list(root).stream()
                .filter(name -> name.startsWith("orders"))
                .toList();
    }

    @Test
    void newLogsGoWhereTheFewestAre() {
        LogDirectories logs = open();

        for (int partition = 0; partition < 6; partition++) {
            create(logs, data(partition));
        }

        assertThat(logsIn(A)).hasSize(3);
        assertThat(logsIn(B)).hasSize(3);
    }

    @Test
    void theCursorLogLiesBesideItsDataLog() {
        LogDirectories logs = open();
        create(logs, data(0));
        create(logs, data(1));

        create(logs, new LogId(data(1).topicId(), 1, Kind.CURSOR));

        assertThat(logsIn(B)).hasSize(2);
    }

    @Test
    void allDirectoriesAreReadAtStart() {
        LogDirectories first = open();
        append(create(first, data(0)), 0, "a");
        append(create(first, data(1)), 0, "b");
        first.close();

        LogDirectories logs = open();

        assertThat(logs.recover(id -> LogConfiguration.DEFAULT)).containsExactlyInAnyOrder(data(0), data(1));
        assertThat(values(logs.log(data(1)).orElseThrow())).containsExactly("0:b");
    }

    @Test
    void aDirectoryThatFailsGoesOfflineAndTheOtherGoesOn() {
        LogDirectories logs = open();
        List<String> heard = new ArrayList<>();
        logs.listen((directory, why, offline) -> heard.add(directory + " " + offline.size()));
        PartitionLog inA = create(logs, data(0));
        PartitionLog inB = create(logs, data(1));
        append(inA, 0, "a");
        disk.failWhen((operation, path) -> operation == Operation.WRITE && path.startsWith(A));

        assertThatThrownBy(() -> append(inA, 0, "b")).isInstanceOf(LogDirectoryOfflineException.class);
        disk.heal();

        assertThat(heard).containsExactly("/a 1");
        assertThatThrownBy(() -> append(inA, 0, "c")).isInstanceOf(StorageException.class);
        append(inB, 0, "d");
        assertThat(logs.isOffline(data(0))).isTrue();
        assertThat(logs.isOffline(data(1))).isFalse();
        assertThat(logs.usableCount()).isEqualTo(1);
        create(logs, data(2));
        assertThat(logsIn(B)).hasSize(2);
        logs.close();
    }

    @Test
    void aForceOrAReadThatFailsTakesTheDirectoryOfflineToo() {
        LogDirectories logs = open();
        PartitionLog inA = create(logs, data(0));
        PartitionLog inB = create(logs, data(1));
        append(inA, 0, "a");
        append(inB, 0, "b");

        disk.failWhen((operation, path) -> operation == Operation.FORCE && path.startsWith(A));
        assertThatThrownBy(inA::flush).isInstanceOf(StorageException.class);
        disk.failWhen((operation, path) -> operation == Operation.READ && path.startsWith(B));
        assertThatThrownBy(() -> values(inB)).isInstanceOf(StorageException.class);

        assertThat(logs.usableCount()).isZero();
    }

    @Test
    void aDirectoryThatCannotBeOpenedIsLeftOutAndItsLogsAreNotTakenForNew() {
        open().close();
        disk.failWhen((operation, path) -> path.startsWith(A));

        LogDirectories logs = open();

        assertThat(logs.usableCount()).isEqualTo(1);
        assertThat(logs.mayLackLogs()).isTrue();
    }

    @Test
    void withoutAnyDirectoryThereIsNoStart() {
        disk.failWhen((operation, path) -> operation == Operation.REPLACE);

        assertThatThrownBy(this::open).isInstanceOf(StorageException.class).hasMessageContaining("log.dirs=[/a, /b]");
    }

    @Test
    void anEmptyDirectoryMayLackLogsUntilItIsProven() {
        open().close();
        LogDirectories again = open();
        boolean mayLackLogs = again.mayLackLogs();

        again.prove();
        again.close();

        assertThat(mayLackLogs).isTrue();
        assertThat(open().mayLackLogs()).isFalse();
    }

    @Test
    void aProvenDirectoryStaysSoWhenThePowerIsLost() {
        LogDirectories logs = open();
        logs.prove();

        disk.losePower();

        assertThat(open().mayLackLogs()).isFalse();
    }

    @Test
    void aDirectoryOfAnotherBrokerEndsTheStart() {
        LogDirectory.open(disk, B, new Identity("cluster", 2), new ManualTime(0))
                .close();

        assertThatThrownBy(this::open).isInstanceOf(StorageException.class).hasMessageContaining("broker.id=2");
        LogDirectory.open(disk, A, BROKER, new ManualTime(0)).close();
    }

    @Test
    void aDamagedLogIsCheckedFromItsBeginningWhenItIsRepaired() {
        LogDirectories logs = open();
        PartitionLog log = create(logs, data(0));
        append(log, 0, "a");
        append(log, 0, "b");
        append(log, 0, "c");
        log.flush();
        Path segment = A.resolve(logsIn(A).get(0)).resolve("00000000000000000000.log");
        byte[] bytes = disk.read(segment);
        bytes[2 * bytes.length / 3 - 1] ^= 1;
        disk.replace(segment, bytes, false);

        PartitionLog repaired = logs.reopen(data(0), true, LogConfiguration.DEFAULT);

        assertThat(values(repaired)).containsExactly("0:a");
        append(repaired, 0, "d");
    }

    @Test
    void aLogWhoseDirectoryFailedWhileItWasMadeIsNotBegunElsewhere() {
        LogDirectories logs = open();
        disk.failWhen((operation, path) -> operation == Operation.OPEN && path.startsWith(A));

        assertThatThrownBy(() -> create(logs, data(0))).isInstanceOf(LogDirectoryOfflineException.class);
        assertThatThrownBy(() -> create(logs, data(0))).isInstanceOf(LogDirectoryOfflineException.class);

        assertThat(logs.isOffline(data(0))).isTrue();
        assertThat(logsIn(B)).isEmpty();
    }

    @Test
    void aLogThatCouldNotBeDeletedStillLiesThere() {
        LogDirectories logs = open();
        append(create(logs, data(0)), 0, "a");
        disk.failWhen((operation, path) -> operation == Operation.MOVE && path.startsWith(A));

        assertThatThrownBy(() -> logs.delete(data(0))).isInstanceOf(LogDirectoryOfflineException.class);

        assertThat(logs.isOffline(data(0))).isTrue();
        assertThatThrownBy(() -> create(logs, data(0))).isInstanceOf(LogDirectoryOfflineException.class);
    }

    @Test
    void whatMayLieInADirectoryThatCouldNotBeOpenedIsOffline() {
        open().close();
        disk.failWhen((operation, path) -> path.startsWith(A));

        LogDirectories logs = open();

        assertThat(logs.isOffline(data(0))).isTrue();
    }

    /** Fills one directory while the other is not there. */
    private void fillAlone(Path root, String... values) {
        LogDirectories alone =
                LogDirectories.open(disk, LogDirectoriesConfiguration.of(root), BROKER, new ManualTime(1_000));
        PartitionLog log = create(alone, data(0));
        for (String value : values) {
            append(log, 0, value);
        }
        alone.close();
    }

    @Test
    void anEmptyTwinGivesWayToTheLogWithRecords() {
        fillAlone(A);
        fillAlone(B, "a", "b");

        LogDirectories logs = open();

        assertThat(logs.recover(id -> LogConfiguration.DEFAULT)).containsExactly(data(0));
        assertThat(values(logs.log(data(0)).orElseThrow())).containsExactly("0:a", "1:b");
        assertThat(logsIn(A)).singleElement().asString().endsWith(".superseded");
    }

    @Test
    void twinsWithRecordsAreSuspectUntilTheOneThatReachesFurthestIsRepaired() {
        fillAlone(A, "old");
        fillAlone(B, "a", "b");
        LogDirectories logs = open();

        assertThat(logs.recover(id -> LogConfiguration.DEFAULT)).isEmpty();
        assertThatThrownBy(() -> create(logs, data(0)))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("lies in [/a, /b]");

        assertThat(values(logs.reopen(data(0), true, LogConfiguration.DEFAULT))).containsExactly("0:a", "1:b");
        logs.close();
        LogDirectories next = open();
        assertThat(next.recover(id -> LogConfiguration.DEFAULT)).containsExactly(data(0));
    }

    @Test
    void whenADirectoryFailsWhileTwinsAreSettledNoneOfThemIsUsed() {
        fillAlone(A, "old");
        fillAlone(B, "a", "b");
        LogDirectories logs = open();
        disk.failWhen((operation, path) -> operation == Operation.REPLACE && path.startsWith(B));

        assertThat(logs.recover(id -> LogConfiguration.DEFAULT)).isEmpty();

        assertThatThrownBy(() -> create(logs, data(0))).isInstanceOf(CorruptLogException.class);
        assertThat(logsIn(A)).singleElement().asString().doesNotEndWith(".superseded");
    }
}
