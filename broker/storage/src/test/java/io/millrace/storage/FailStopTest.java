package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FailStopTest {
    private final FailStop failStop = new FailStop(Path.of("/log"));

    @Test
    void aChangeThatWorksChangesNothingHere() {
        int answer = failStop.change(() -> 7);

        assertThat(answer).isEqualTo(7);
        assertThat(failStop.hasFailed()).isFalse();
        assertThatCode(failStop::ensureUsable).doesNotThrowAnyException();
    }

    @Test
    void oneFailureOfTheDiskEndsAllChanges() {
        var failure = new StorageException("no space left");

        assertThatThrownBy(() -> failStop.change(() -> {
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(failStop.hasFailed()).isTrue();
        assertThatThrownBy(failStop::ensureUsable)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("/log")
                .hasCause(failure);
    }

    @Test
    void aClosedLogIsNotUsable() {
        failStop.close();

        assertThatThrownBy(failStop::ensureUsable)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("closed");
    }
}
