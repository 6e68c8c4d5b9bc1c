package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.LogId.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartRecoveryTest {

    private final List<String> lines = new ArrayList<>();

    private static List<LogId> logs(int count, long topic) {
        return IntStream.range(0, count)
                .mapToObj(partition -> new LogId(new UUID(0, topic), partition, Kind.DATA))
                .toList();
    }

    @Test
    void severalLogsOfAllDirectoriesAreRecoveredAtATime() {
        var together = new CountDownLatch(4);
        Set<LogId> recovered = ConcurrentHashMap.newKeySet();
        var work = new StartRecovery.Work(Path.of("/a"), logs(10, 1), id -> meet(together, recovered, id), () -> 7);
        var other = new StartRecovery.Work(Path.of("/b"), logs(10, 2), id -> meet(together, recovered, id), () -> 3);

        new StartRecovery(2, lines::add).run(List.of(work, other));

        assertThat(recovered).hasSize(20);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .startsWith("Recovered 20 logs in 2 directories in ")
                .endsWith("10 bytes checked");
    }

    private static void meet(CountDownLatch together, Set<LogId> recovered, LogId id) {
        together.countDown();
        try {
            assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        recovered.add(id);
    }

    @Test
    void aDefectEndsTheStartAndIsTold() {
        var work = new StartRecovery.Work(
                Path.of("/a"),
                logs(1, 1),
                id -> {
                    throw new IllegalStateException("a defect");
                },
                () -> 0);

        assertThatThrownBy(() -> new StartRecovery(2, lines::add).run(List.of(work)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("a defect");
    }

    @Test
    void nothingIsSaidWhereThereIsNothing() {
        new StartRecovery(2, lines::add).run(List.of());

        assertThat(lines).isEmpty();
    }

    @Test
    void aLineTellsHowFarItIs() {
        assertThat(StartRecovery.underWay(120, 2_000, 1_234_000_000, 900))
                .isEqualTo("Recovered 120 of 2000 logs, 6 %, 1.2 GB checked, about 14 s left");
    }
}
