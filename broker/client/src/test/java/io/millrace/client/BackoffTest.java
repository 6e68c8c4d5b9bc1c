package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1), new Random(1));

    @Test
    void withoutAFailureThereIsNoPause() {
        assertThat(backoff.pauseNanos(0)).isZero();
    }

    @Test
    void pausesDoubleUpToTheLongestAndScatter() {
        for (int failures = 1; failures < 100; failures++) {
            double expected = Math.min(50e6 * Math.pow(2, failures - 1), 1e9);

            assertThat((double) backoff.pauseNanos(failures)).isBetween(expected * 0.79, expected * 1.21);
        }
    }
}
