package io.millrace.server.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateWindowTest {
    private final RateWindow window = new RateWindow();

    @Test
    void whoKeepsToTheRateNeverPauses() {
        for (int second = 0; second < 60; second++) {
            assertThat(window.record(1_000, 1_100, second * 1_000L))
                    .as("second %d", second)
                    .isZero();
        }
    }

    @Test
    void aBurstWithinTheWindowIsForgiven() {
        assertThat(window.record(10_000, 1_000, 0)).isZero();
    }

    @Test
    void whoDoesMorePausesUntilTheRateIsRightAgain() {
        long throttleMs = window.record(20_000, 1_000, 0);

        // 20,000 in a window of 10 s is twice the rate: another 10 s without anything make it right.
        assertThat(throttleMs).isEqualTo(10_000);
    }

    @Test
    void nobodyPausesForLongerThanTheWindow() {
        assertThat(window.record(1e12, 1, 0)).isEqualTo(RateWindow.WINDOW_MS);
    }

    @Test
    void whatIsOlderThanTheWindowIsForgotten() {
        window.record(20_000, 1_000, 0);

        assertThat(window.isIdle(10_999)).isFalse();
        assertThat(window.isIdle(11_000)).isTrue();
        assertThat(window.record(1, 1_000, 11_000)).isZero();
    }

    @Test
    void aClockThatGoesBackDoesNoHarm() {
        window.record(5_000, 1_000, 100_000);

        assertThat(window.record(1, 1_000, 0)).isZero();
    }
}
