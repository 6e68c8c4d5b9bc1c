package io.millrace.storage.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final long MILLI = 1_000_000;

    private long now;
    private long paused;

    private Throttle of(double bytesPerSecond) {
        return new Throttle(bytesPerSecond, () -> now, nanos -> {
            paused += nanos;
            now += nanos;
        });
    }

    @Test
    void bytesOverTheBoundArePaidForWithPauses() {
        Throttle throttle = of(1_000_000);

        for (int i = 0; i < 100; i++) {
            now += MILLI;
            throttle.took(10_000);
        }

        assertThat(now).isBetween(990 * MILLI, 1_010 * MILLI);
        assertThat(paused).isBetween(890 * MILLI, 910 * MILLI);
    }

    @Test
    void slowWorkIsNotHeldUp() {
        Throttle throttle = of(1_000_000);

        for (int i = 0; i < 100; i++) {
            now += 20 * MILLI;
            throttle.took(10_000);
        }

        assertThat(paused).isZero();
    }

    @Test
    void withoutABoundThereAreNoPauses() {
        of(Double.MAX_VALUE).took(Long.MAX_VALUE / 2);

        assertThat(paused).isZero();
    }
}
