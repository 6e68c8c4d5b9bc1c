package io.millrace.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void aSeedReplaysItsSchedule() {
        assertThat(FaultSchedule.draw(7, MINUTE)).isEqualTo(FaultSchedule.draw(7, MINUTE));
        assertThat(FaultSchedule.draw(7, MINUTE)).isNotEqualTo(FaultSchedule.draw(8, MINUTE));
    }

    @Test
    void theLengthIsFilledAndNotExceededByMoreThanOneStep() {
        FaultSchedule schedule = FaultSchedule.draw(7, MINUTE);

        long allMs = schedule.steps().stream()
                .mapToLong(step -> step.hold().plus(step.pause()).toMillis())
                .sum();

        assertThat(allMs).isBetween(60_000L, 73_000L);
    }
}
