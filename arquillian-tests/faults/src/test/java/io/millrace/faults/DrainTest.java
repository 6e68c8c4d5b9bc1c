package io.millrace.faults;

import static io.millrace.faults.Drain.State.EMPTY;
import static io.millrace.faults.Drain.State.GOES_ON;
import static io.millrace.faults.Drain.State.STANDS_STILL;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final Duration CALM = Duration.ofSeconds(2);
    private static final Duration STANDSTILL_MAX = Duration.ofSeconds(90);
    private static final int BACKLOG = 11_000;
    private static final int DONE_PER_SECOND = 100;

    private final Drain drain = new Drain(CALM, STANDSTILL_MAX, BACKLOG, 0);

    @Test
    void aBacklogMayTakeLongerThanAStandstillMay() {
        int left = BACKLOG;
        int second = 0;
        while (left > 0) {
            second++;
            left -= DONE_PER_SECOND;

            assertThat(look(left, second)).as("after %d s", second).isEqualTo(GOES_ON);
        }
        assertThat(Duration.ofSeconds(second)).isGreaterThan(STANDSTILL_MAX);
        assertThat(look(0, second + CALM.toSeconds())).isEqualTo(EMPTY);
    }

    @Test
    void aQueueIsEmptyOnlyAfterACalm() {
        assertThat(look(0, 1)).isEqualTo(GOES_ON);
        assertThat(look(0, 1 + CALM.toSeconds() - 1)).isEqualTo(GOES_ON);
        assertThat(look(0, 1 + CALM.toSeconds())).isEqualTo(EMPTY);
    }

    @Test
    void whatGetsDoneNoMoreStandsStill() {
        long doneAt = STANDSTILL_MAX.toSeconds() - 1;
        assertThat(look(272, doneAt)).isEqualTo(GOES_ON);
        assertThat(look(272, doneAt + STANDSTILL_MAX.toSeconds() - 1)).isEqualTo(GOES_ON);

        assertThat(look(272, doneAt + STANDSTILL_MAX.toSeconds())).isEqualTo(STANDS_STILL);
        assertThat(drain).hasToString("272 of 11000 messages left, and none done for 90 s");
    }

    @Test
    void aBacklogOfNothingIsEmptyAfterACalm() {
        var nothing = new Drain(CALM, STANDSTILL_MAX, 0, 0);

        assertThat(nothing.look(0, 0)).isEqualTo(GOES_ON);
        assertThat(nothing.look(0, CALM.toNanos())).isEqualTo(EMPTY);
    }

    private Drain.State look(int left, long second) {
        return drain.look(left, Duration.ofSeconds(second).toNanos());
    }
}
