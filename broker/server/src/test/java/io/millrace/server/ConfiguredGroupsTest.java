package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.group.GroupConfiguration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.server.group.ConfiguredGroups;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfiguredGroupsTest {
    private final ConfiguredGroups groups = new ConfiguredGroups(
            BrokerConfiguration.of(Map.of(
                            "broker.id",
                            "7",
                            "zookeeper.connect",
                            "localhost:2181",
                            "log.dirs",
                            "/logs",
                            "group.consumer.heartbeat.interval.ms",
                            "4000"))
                    .settings(),
            GroupConfiguration.Consumers.defaults());

    @Test
    void aGroupHasWhatItsBrokerIsConfiguredWithUnlessItSaysMore() {
        var image = ClusterImage.EMPTY.withSettings(
                SettingsScope.group("billing"), Map.of("consumer.session.timeout.ms", "9000"));

        groups.follow(image);

        assertThat(groups.of("billing").sessionTimeoutMs()).isEqualTo(9_000);
        assertThat(groups.of("billing").heartbeatIntervalMs()).isEqualTo(4_000);
        assertThat(groups.of("another").sessionTimeoutMs()).isEqualTo(45_000);
    }

    @Test
    void whatHoldsForAllBrokersHoldsForAllGroups() {
        groups.follow(ClusterImage.EMPTY.withSettings(
                SettingsScope.ALL_BROKERS, Map.of("group.consumer.session.timeout.ms", "8000")));
        assertThat(groups.of("any").sessionTimeoutMs()).isEqualTo(8_000);

        groups.follow(ClusterImage.EMPTY);

        assertThat(groups.of("any").sessionTimeoutMs()).isEqualTo(45_000);
    }

    @Test
    void aValueThatMeansNothingCountsAsNotSet() {
        groups.follow(ClusterImage.EMPTY.withSettings(
                SettingsScope.group("billing"), Map.of("consumer.session.timeout.ms", "soon")));

        assertThat(groups.of("billing").sessionTimeoutMs()).isEqualTo(45_000);
    }
}
