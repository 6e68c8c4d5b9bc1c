package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MovingThrottleTest {
    private static final String RATE = "follower.replication.throttled.rate";

    private final List<Long> rates = new ArrayList<>();
    private final MovingThrottle throttle = new MovingThrottle(
            BrokerConfiguration.of(Map.of(
                            "broker.id", "7", "zookeeper.connect", "localhost:2181", "log.dirs", "/logs", RATE, "900"))
                    .settings(),
            rates::add,
            900);

    @Test
    void theReplicasAreToldOfEachNewRateOnce() {
        var limited = ClusterImage.EMPTY.withSettings(SettingsScope.broker(7), Map.of(RATE, "100"));

        throttle.follow(ClusterImage.EMPTY);
        throttle.follow(limited);
        throttle.follow(limited);
        throttle.follow(ClusterImage.EMPTY);

        assertThat(rates).containsExactly(100L, 900L);
    }

    @Test
    void whatIsSetForAnotherBrokerDoesNotCount() {
        throttle.follow(ClusterImage.EMPTY.withSettings(SettingsScope.broker(8), Map.of(RATE, "100")));

        assertThat(rates).isEmpty();
    }
}
