package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.LogDirectory.Identity;
import io.millrace.storage.LogId.Kind;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoryTest {

    private static final Identity BROKER_1 = new Identity("cluster-a", 1);
    private static final LogId ORDERS =
            new LogId(UUID.fromString("00000000-0000-0001-0000-000000000002"), 3, Kind.DATA);
    private static final LogId ORDERS_CURSOR = new LogId(ORDERS.topicId(), 3, Kind.CURSOR);

    @TempDir
    Path root;

    private final ManualTime clock = new ManualTime(10_000);

    private LogDirectory open() {
        return LogDirectory.open(new FileDisk(), root, BROKER_1, clock);
    }

    @Test
    void logsAreFoundAgain() {
        try (LogDirectory directory = open()) {
            append(directory.create(ORDERS, "orders", LogConfiguration.DEFAULT), 0, "a");
            append(directory.create(ORDERS_CURSOR, "orders", LogConfiguration.DEFAULT), 0, "b");
        }

        try (LogDirectory directory = open()) {
            assertThat(directory.openAll(id -> LogConfiguration.DEFAULT))
                    .containsExactlyInAnyOrder(ORDERS, ORDERS_CURSOR);
            assertThat(values(directory.log(ORDERS).orElseThrow())).containsExactly("0:a");
            assertThat(values(directory.log(ORDERS_CURSOR).orElseThrow())).containsExactly("0:b");
        }
        assertThat(root.resolve("orders-3.00000000-0000-0001-0000-000000000002"))
                .isDirectory();
        assertThat(root.resolve("orders-3.00000000-0000-0001-0000-000000000002-cursor"))
                .isDirectory();
    }

    @Test
    void createReturnsTheLogThatIsThere() {
        try (LogDirectory directory = open()) {
            PartitionLog log = directory.create(ORDERS, "orders", LogConfiguration.DEFAULT);

            assertThat(directory.create(ORDERS, "orders", LogConfiguration.DEFAULT))
                    .isSameAs(log);
        }
    }

    @Test
    void aDeletedLogIsGone() {
        try (LogDirectory directory = open()) {
            append(directory.create(ORDERS, "orders", LogConfiguration.DEFAULT), 0, "a");

            directory.delete(ORDERS);
            directory.delete(ORDERS);

            assertThat(directory.log(ORDERS)).isEmpty();
            assertThat(values(directory.create(ORDERS, "orders", LogConfiguration.DEFAULT)))
                    .isEmpty();
        }
    }

    @Test
    void anInterruptedDeletionIsFinished() {
        new FileDisk().createDirectory(root.resolve("orders-3.00000000-0000-0001-0000-000000000002.deleted"));

        open().close();

        assertThat(root.resolve("orders-3.00000000-0000-0001-0000-000000000002.deleted"))
                .doesNotExist();
    }

    @Test
    void twoBrokersCannotShareADirectory() {
        try (LogDirectory first = open()) {
            assertThat(first.offline()).isEmpty();

            assertThatThrownBy(this::open).isInstanceOf(StorageException.class).hasMessageContaining("locked");
        }
    }

    @Test
    void theDirectoryOfAnotherBrokerOrClusterIsRefused() {
        open().close();

        assertThatThrownBy(() -> LogDirectory.open(new FileDisk(), root, new Identity("cluster-a", 2), clock))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("broker.id=1");
        assertThatThrownBy(() -> LogDirectory.open(new FileDisk(), root, new Identity("cluster-b", 1), clock))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("cluster.id=cluster-a");
        open().close();
    }

    @Test
    void onlyAShutdownLeavesItsBrokerEpochAndOnlyOnce() {
        LogDirectory first = open();
        first.create(ORDERS, "orders", LogConfiguration.DEFAULT);
        assertThat(first.cleanShutdownEpoch()).isEmpty();
        first.shutDown(77);

        LogDirectory second = open();
        assertThat(second.cleanShutdownEpoch()).hasValue(77);
        second.close();

        LogDirectory third = open();
        assertThat(third.cleanShutdownEpoch()).isEmpty();
        third.close();
    }

    @Test
    void theBootIsKnownAgainOnceTheStartWasSettledInItAndNotAfterALossOfPower() {
        var disk = new InMemoryDisk();
        boolean isKnownAtFirst = settledOn(disk);
        disk.killProcess();
        boolean isKnownAfterAKill = settledOn(disk);
        disk.losePower();

        try (LogDirectory unsettled = LogDirectory.open(disk, root, new Identity("cluster-a", 1), clock)) {
            assertThat(unsettled.isSameBoot()).isFalse();
        }
        boolean isKnownWithoutHavingBeenSettled = settledOn(disk);

        assertThat(isKnownAtFirst).isFalse();
        assertThat(isKnownAfterAKill).isTrue();
        assertThat(isKnownWithoutHavingBeenSettled).isFalse();
    }

    private boolean settledOn(InMemoryDisk disk) {
        LogDirectory directory = LogDirectory.open(disk, root, new Identity("cluster-a", 1), clock);
        directory.settleStart();
        boolean wasSameBoot = directory.isSameBoot();
        directory.close();
        return wasSameBoot;
    }

    @Test
    void aDamagedLogStaysOfflineUntilItIsRepairedAndTheOthersOpen() {
        LogId other = new LogId(ORDERS.topicId(), 4, Kind.DATA);
        try (LogDirectory directory = open()) {
            PartitionLog log = directory.create(ORDERS, "orders", LogConfiguration.DEFAULT);
            append(log, 0, "a");
            append(log, 0, "b");
            directory.create(other, "orders", LogConfiguration.DEFAULT);
        }
        FileDisk disk = new FileDisk();
        Path orders = root.resolve("orders-3.00000000-0000-0001-0000-000000000002");
        Path segment = orders.resolve("00000000000000000000.log");
        byte[] bytes = disk.read(segment);
        bytes[65] ^= 1;
        disk.replace(segment, bytes, false);
        disk.delete(orders.resolve("log.checkpoint"));

        try (LogDirectory directory = open()) {
            assertThat(directory.openAll(id -> LogConfiguration.DEFAULT)).containsExactly(other);
            assertThat(directory.offline()).containsOnlyKeys(ORDERS);

            PartitionLog repaired = directory.repair(ORDERS, LogConfiguration.DEFAULT);

            assertThat(repaired.logEndOffset()).isZero();
            assertThat(directory.offline()).isEmpty();
            directory.shutDown(5);
        }
    }

    @Test
    void longAndStrangeTopicNamesMakeDirectoriesThatCanBeRead() {
        LogId id = new LogId(UUID.randomUUID(), 123_456_789, Kind.CURSOR);
        String name = id.directoryName("ä/ö\n" + "x".repeat(300));

        assertThat(name.length()).isLessThan(200);
        assertThat(LogId.ofDirectory(name)).hasValue(id);
        assertThat(LogId.ofDirectory("meta.properties")).isEmpty();
        assertThat(LogId.ofDirectory(name + ".deleted")).isEmpty();
    }
}
