package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesWatchTest {

    private static final Path DIRECTORY = Path.of("/log");
    private static final Path FILE = DIRECTORY.resolve("file");

    private final InMemoryDisk disk = new InMemoryDisk();
    private final NamesWatch names = new NamesWatch(disk);
    private final AtomicInteger forced = new AtomicInteger();

    @BeforeEach
    void countForces() {
        disk.createDirectory(DIRECTORY);
        disk.failWhen((operation, path) -> {
            if (operation == InMemoryDisk.Operation.FORCE && path.equals(DIRECTORY)) {
                forced.incrementAndGet();
            }
            return false;
        });
    }

    @Test
    void aDirectoryIsForcedOnceWhereNoNameChanges() {
        names.open(FILE).close();
        names.forceIfChanged(DIRECTORY);

        names.open(FILE).close();
        names.forceIfChanged(DIRECTORY);

        assertThat(forced).hasValue(1);
    }

    @Test
    void whatWasThereBeforeIsForcedOnce() {
        names.forceIfChanged(DIRECTORY);

        assertThat(forced).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "replace", "delete", "move"})
    void aChangedNameIsForced(String change) {
        names.open(FILE).close();
        names.forceIfChanged(DIRECTORY);

        switch (change) {
            case "open" -> names.open(DIRECTORY.resolve("other")).close();
            case "replace" -> names.replace(FILE, new byte[1], false);
            case "delete" -> names.delete(FILE);
            default -> names.move(FILE, DIRECTORY.resolve("other"));
        }
        names.forceIfChanged(DIRECTORY);

        assertThat(forced).hasValue(2);
    }
}
