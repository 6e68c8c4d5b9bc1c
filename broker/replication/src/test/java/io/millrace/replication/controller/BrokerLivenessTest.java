package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BrokerLivenessTest {
    private static final UUID PROCESS = new UUID(0, 1);
    private static final UUID OTHER_PROCESS = new UUID(0, 2);

    private final BrokerLiveness liveness = new BrokerLiveness(
            ControllerConfiguration.DEFAULTS.withHeartbeats(1_000, 3_000).withPatience(300, 300));

    @Test
    void aSilentBrokerIsNamedAfterTheTimeout() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);
        liveness.onHeartbeat(1, 0);

        assertThat(liveness.silent(3_000)).isEmpty();
        assertThat(liveness.silent(3_001)).containsExactly(1);
    }

    @Test
    void timeInWhichTheControllerDidNothingIsNobodysSilence() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);
        liveness.onHeartbeat(1, 0);
        for (long nowMs = 0; nowMs <= 1_000; nowMs += 50) {
            liveness.silent(nowMs);
        }

        assertThat(liveness.silent(60_000)).isEmpty();
        for (long nowMs = 60_050; nowMs <= 62_000; nowMs += 50) {
            assertThat(liveness.silent(nowMs)).isEmpty();
        }
        assertThat(liveness.silent(62_050)).containsExactly(1);
    }

    @Test
    void aBrokerThatANewControllerHearsNothingOfIsNamedSoon() {
        liveness.assume(List.of(broker(1, 10, PROCESS), broker(2, 11, OTHER_PROCESS)), 0);
        liveness.onHeartbeat(2, 20);

        assertThat(liveness.silent(1_299)).isEmpty();
        assertThat(liveness.silent(1_300)).containsExactly(1);
    }

    @Test
    void aSuspectedBrokerIsNamedAtOnceUnlessItBeats() {
        liveness.assume(List.of(broker(1, 10, PROCESS), broker(2, 11, OTHER_PROCESS)), 0);
        liveness.suspect(1, 100);
        liveness.suspect(2, 100);

        liveness.onHeartbeat(2, 200);

        assertThat(liveness.silent(400)).containsExactly(1);
    }

    @Test
    void aNewBrokerIsFencedUntilItsFirstHeartbeat() {
        liveness.onRegistrations(Map.of(1, broker(1, 10, PROCESS)));

        assertThat(liveness.isUsable(1)).isFalse();
        liveness.unfence(1);
        assertThat(liveness.isUsable(1)).isTrue();
    }

    @Test
    void aBrokerThatRestartedMustBeFenced() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);

        var gone = liveness.onRegistrations(Map.of(1, broker(1, 20, OTHER_PROCESS)));

        assertThat(gone).containsExactly(1);
    }

    @Test
    void aBrokerThatOnlyLostItsSessionStays() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);

        var gone = liveness.onRegistrations(Map.of(1, broker(1, 20, PROCESS)));

        assertThat(gone).isEmpty();
        assertThat(liveness.isCurrent(1, 20)).isTrue();
        assertThat(liveness.isCurrent(1, 10)).isFalse();
    }

    @Test
    void aBrokerThatIsRegisteredNoMoreMustBeFenced() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);

        assertThat(liveness.onRegistrations(Map.of())).containsExactly(1);
    }

    @Test
    void aLeavingBrokerIsNotUsable() {
        liveness.assume(List.of(broker(1, 10, PROCESS)), 0);

        liveness.onLeaving(1);

        assertThat(liveness.isUsable(1)).isFalse();
    }

    private static BrokerRegistration broker(int id, long epoch, UUID process) {
        return new BrokerRegistration(id, epoch, "host", 9092, null, process);
    }
}
