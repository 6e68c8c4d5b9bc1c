package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GroupWakeupsTest {
    private final GroupWakeups wakeups = new GroupWakeups();

    @Test
    void groupsComeInTheOrderOfTheirTimes() {
        wakeups.noLaterThan(30, "c");
        wakeups.noLaterThan(10, "a");
        wakeups.noLaterThan(20, "b");

        assertThat(wakeups.nextMs()).isEqualTo(10);
        assertThat(wakeups.takeDue(20)).hasValue("a");
        assertThat(wakeups.takeDue(20)).hasValue("b");
        assertThat(wakeups.takeDue(20)).isEmpty();
        assertThat(wakeups.nextMs()).isEqualTo(30);
    }

    @Test
    void aGroupIsLookedAtOnceAtItsEarliestTime() {
        wakeups.noLaterThan(20, "a");
        wakeups.noLaterThan(10, "a");
        wakeups.noLaterThan(30, "a");

        assertThat(wakeups.takeDue(30)).hasValue("a");
        assertThat(wakeups.takeDue(30)).isEmpty();
    }

    @Test
    void whatIsNeverDueWakesNobody() {
        wakeups.noLaterThan(Long.MAX_VALUE, "a");

        assertThat(wakeups.takeDue(Long.MAX_VALUE)).isEmpty();
        assertThat(wakeups.nextMs()).isEqualTo(Long.MAX_VALUE);
    }
}
