package io.millrace.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.LogConfiguration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the settings of a topic mean for its logs. */
class TopicRulesTest {

    private static TopicRules rules(String... settings) {
        return TopicRules.of(new TopicDefaults(Map.of(), 1_000), map(settings));
    }

    private static Map<String, String> map(String... settings) {
        var map = new HashMap<String, String>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return map;
    }

    @Test
    void aTopicIsNotCompactedWhereNothingIsSaid() {
        assertThat(rules().isCompacted()).isFalse();
        assertThat(rules().deletesRecords()).isTrue();
        assertThat(rules().validator().keyRequired()).isFalse();
    }

    @Test
    void aCompactedTopicNeedsKeysAndKeepsItsRecordsHoweverOld() {
        TopicRules rules = rules("cleanup.policy", "compact", "retention.ms", "1000", "retention.bytes", "1000");

        assertThat(rules.isCompacted()).isTrue();
        assertThat(rules.deletesRecords()).isFalse();
        assertThat(rules.validator().keyRequired()).isTrue();
        assertThat(rules.log().retentionMs()).isEqualTo(LogConfiguration.UNLIMITED);
        assertThat(rules.log().retentionBytes()).isEqualTo(LogConfiguration.UNLIMITED);
    }

    @ParameterizedTest
    @CsvSource({"'compact,delete'", "'delete, compact'"})
    void bothPoliciesHoldWhereBothAreNamed(String policy) {
        TopicRules rules = rules("cleanup.policy", policy, "retention.ms", "1000");

        assertThat(rules.isCompacted()).isTrue();
        assertThat(rules.deletesRecords()).isTrue();
        assertThat(rules.log().retentionMs()).isEqualTo(1_000);
    }

    @Test
    void theSettingsOfCompactionReachTheLog() {
        var compaction = rules(
                        "cleanup.policy", "compact",
                        "min.cleanable.dirty.ratio", "0.25",
                        "min.compaction.lag.ms", "10",
                        "max.compaction.lag.ms", "20",
                        "delete.retention.ms", "30")
                .log()
                .compaction();

        assertThat(compaction.minDirtyRatio()).isEqualTo(0.25);
        assertThat(compaction.minLagMs()).isEqualTo(10);
        assertThat(compaction.maxLagMs()).isEqualTo(20);
        assertThat(compaction.deleteRetentionMs()).isEqualTo(30);
    }

    @Test
    void aQueueIsNeverCompacted() {
        var defaults = new TopicDefaults(Map.of("cleanup.policy", "compact"), 1_000);

        assertThat(TopicRules.of(defaults, map("destination.kind", "queue")).isCompacted())
                .isFalse();
        assertThat(TopicRules.of(defaults, map()).isCompacted()).isTrue();
        assertThatThrownBy(() -> TopicRules.check(map("destination.kind", "queue", "cleanup.policy", "compact")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("cleanup.policy=compact", "queue");
    }

    @ParameterizedTest
    @CsvSource({
        "cleanup.policy, tidy",
        "cleanup.policy, ''",
        "min.cleanable.dirty.ratio, 1.1",
        "min.cleanable.dirty.ratio, half",
        "max.compaction.lag.ms, 0",
        "delete.retention.ms, -1",
    })
    void aWrongValueIsNamed(String key, String value) {
        assertThatThrownBy(() -> TopicRules.check(map(key, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + "=" + value);
    }

    @Test
    void theLeastLagMayNotExceedTheGreatest() {
        assertThatThrownBy(() -> TopicRules.check(map("min.compaction.lag.ms", "20", "max.compaction.lag.ms", "10")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("min.compaction.lag.ms=20", "max.compaction.lag.ms=10");
    }
}
